//! Time window: the calls of the last period, counted in buckets.

use super::{Answer, Counts, Sample, WindowSnapshot};
use crate::time::{Instant, Span};
use alloc::boxed::Box;
use alloc::vec;

/// Ring of buckets of equal width. A call leaves the window between `duration − width` and `duration` after it was
/// recorded, never later.
#[derive(Clone, Debug)]
pub struct TimeWindow {
    width: Span,
    buckets: Box<[Bucket]>,
    /// Slow calls of each bucket, if a rule needs them.
    slow: Box<[Slow]>,
    newest: usize,
    newest_ends: Instant,
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    successes: u32,
    failures: u32,
}

/// Slow calls of a bucket, and those of them without an answer.
#[derive(Clone, Copy, Debug, Default)]
struct Slow {
    calls: u32,
    missing: u32,
}

impl TimeWindow {
    /// Creates an empty window whose first bucket starts now.
    #[must_use]
    pub fn new(duration: Span, buckets: u32, counts_slow: bool, now: Instant) -> Self {
        let parts = duration.divided_by(Span::from_micros(u64::from(buckets)));
        let width = Span::from_micros(parts.max(1));
        let buckets = buckets.max(1) as usize;
        let slow = if counts_slow { buckets } else { 0 };
        Self {
            width,
            buckets: vec![Bucket::default(); buckets].into_boxed_slice(),
            slow: vec![Slow::default(); slow].into_boxed_slice(),
            newest: 0,
            newest_ends: now.after(width),
            counts: Counts::default(),
        }
    }

    /// Adds one call, after expiring old ones.
    #[inline(always)]
    pub fn record(&mut self, now: Instant, sample: Sample) {
        self.expire(now);
        self.counts.add(sample);
        if let Some(bucket) = self.buckets.get_mut(self.newest) {
            match sample.answer {
                Answer::Success => bucket.successes = bucket.successes.saturating_add(1),
                Answer::Failure => bucket.failures = bucket.failures.saturating_add(1),
                Answer::Missing => {}
            }
        }
        if sample.slow
            && let Some(slow) = self.slow.get_mut(self.newest)
        {
            slow.calls = slow.calls.saturating_add(1);
            let is_missing = u32::from(sample.answer == Answer::Missing);
            slow.missing = slow.missing.saturating_add(is_missing);
        }
    }

    /// Expires old calls.
    #[inline(always)]
    pub fn expire(&mut self, now: Instant) {
        if now >= self.newest_ends {
            self.move_on(now);
        }
    }

    /// Returns the counts as of the last call recorded or expired.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) fn counts_at(&self, now: Instant) -> Counts {
        let mut counts = self.counts;
        let mut oldest = self.newest;
        for _ in 0..self.steps_to(now).min(self.buckets.len() as u64) {
            oldest = self.next_bucket(oldest);
            counts.remove(self.bucket(oldest));
        }
        counts
    }

    pub(super) fn clear(&mut self, now: Instant) {
        self.buckets.fill(Bucket::default());
        self.slow.fill(Slow::default());
        self.counts = Counts::default();
        self.newest_ends = now.after(self.width);
    }

    /// Returns the contents, the newest bucket first.
    pub(super) fn snapshot(&self, now: Instant) -> WindowSnapshot {
        let up_to_newest = (0..=self.newest).rev();
        let older = (self.newest.saturating_add(1)..self.buckets.len()).rev();
        WindowSnapshot::Time {
            width: self.width,
            remaining: self.newest_ends.since(now),
            idle: now.since(self.newest_ends),
            buckets: up_to_newest
                .chain(older)
                .map(|index| self.bucket(index))
                .collect(),
        }
    }

    pub(super) fn restore(&mut self, width: Span, newest_ends: Instant, buckets: &[Counts]) {
        if width != self.width || buckets.len() != self.buckets.len() {
            return;
        }
        self.newest = self.buckets.len().saturating_sub(1);
        self.newest_ends = newest_ends;
        self.counts = Counts::default();
        for (index, saved) in (0..self.buckets.len()).rev().zip(buckets) {
            self.set_bucket(index, *saved);
            self.counts = self.counts.plus(self.bucket(index));
        }
    }

    /// Advances the ring to the bucket of `now`, after a gap of any length.
    #[cold]
    fn move_on(&mut self, now: Instant) {
        let steps = self.steps_to(now);
        self.newest_ends = self.newest_ends.after(self.width.times(steps));
        for _ in 0..steps.min(self.buckets.len() as u64) {
            self.newest = self.next_bucket(self.newest);
            self.counts.remove(self.bucket(self.newest));
            self.set_bucket(self.newest, Counts::default());
        }
    }

    /// Returns the number of buckets from the newest one to `now`.
    fn steps_to(&self, now: Instant) -> u64 {
        if now < self.newest_ends {
            return 0;
        }
        let elapsed = now.since(self.newest_ends);
        elapsed.divided_by(self.width).saturating_add(1)
    }

    /// Returns the bucket after the newest, which is the oldest and the next to be used.
    fn next_bucket(&self, newest: usize) -> usize {
        let next = newest.saturating_add(1);
        if next < self.buckets.len() { next } else { 0 }
    }

    fn bucket(&self, index: usize) -> Counts {
        let Bucket {
            successes,
            failures,
        } = self.buckets.get(index).copied().unwrap_or_default();
        let slow = self.slow.get(index).copied().unwrap_or_default();
        Counts {
            successes,
            failures,
            slow: slow.calls,
            missing: slow.missing,
        }
    }

    fn set_bucket(&mut self, index: usize, counts: Counts) {
        let Counts {
            successes,
            failures,
            slow,
            missing,
        } = counts;
        if let Some(bucket) = self.buckets.get_mut(index) {
            *bucket = Bucket {
                successes,
                failures,
            };
        }
        if let Some(calls) = self.slow.get_mut(index) {
            *calls = Slow {
                calls: slow,
                missing,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILURE: Sample = Sample {
        answer: Answer::Failure,
        slow: false,
    };

    fn at(millis: f64) -> Instant {
        Instant::from_millis(millis)
    }

    fn window() -> TimeWindow {
        TimeWindow::new(Span::from_millis(100.0), 10, true, at(1_000.0))
    }

    #[test]
    fn a_call_leaves_when_its_bucket_does() {
        let mut window = window();
        window.record(at(1_005.0), FAILURE);
        window.expire(at(1_099.999));
        assert_eq!(window.counts().failures, 1);
        window.expire(at(1_100.0));
        assert_eq!(window.counts().failures, 0);
    }

    #[test]
    fn an_idle_gap_of_any_length_empties_it() {
        for gap in [100.0, 101.0, 1e6, 1e12] {
            let mut window = window();
            for step in 0..10 {
                window.record(at(1_000.0 + f64::from(step) * 10.0), FAILURE);
            }
            assert_eq!(window.counts().failures, 10);
            window.expire(at(1_090.0 + gap));
            assert_eq!(window.counts(), Counts::default(), "after {gap}");
        }
    }

    #[test]
    fn a_restored_window_expires_at_the_same_time() {
        let mut window = window();
        window.record(at(1_005.0), FAILURE);
        window.record(at(1_042.0), FAILURE);
        let WindowSnapshot::Time {
            width,
            remaining,
            buckets,
            ..
        } = window.snapshot(at(1_045.0))
        else {
            panic!()
        };
        let mut restored = TimeWindow::new(Span::from_millis(100.0), 10, true, at(9_000.0));
        restored.restore(width, at(9_000.0).after(remaining), &buckets);
        assert_eq!(restored.counts().failures, 2);
        restored.expire(at(9_055.0));
        assert_eq!(restored.counts().failures, 1);
        restored.expire(at(9_095.0));
        assert_eq!(restored.counts().failures, 0);
    }
}
