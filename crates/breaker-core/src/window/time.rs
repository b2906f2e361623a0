//! The calls of the last while, counted in buckets.

use super::{Counts, Sample, WindowSnapshot};
use crate::time::{Instant, Span};
use alloc::boxed::Box;
use alloc::vec;

/// A ring of buckets of equal width. A call leaves the window between `duration − width` and `duration`
/// after it was recorded, never later.
#[derive(Clone, Debug)]
pub struct TimeWindow {
    width: Span,
    buckets: Box<[Counts]>,
    newest: usize,
    newest_ends: Instant,
    counts: Counts,
}

impl TimeWindow {
    /// An empty window whose first bucket starts now.
    #[must_use]
    pub fn new(duration: Span, buckets: u32, now: Instant) -> Self {
        let width = Span::from_micros(
            duration
                .divided_by(Span::from_micros(u64::from(buckets)))
                .max(1),
        );
        let buckets = vec![Counts::default(); buckets.max(1) as usize].into_boxed_slice();
        Self {
            width,
            buckets,
            newest: 0,
            newest_ends: now.after(width),
            counts: Counts::default(),
        }
    }

    #[inline(always)]
    pub(super) fn record(&mut self, now: Instant, sample: Sample) {
        self.expire(now);
        self.counts.add(sample);
        if let Some(bucket) = self.buckets.get_mut(self.newest) {
            bucket.add(sample);
        }
    }

    #[inline(always)]
    pub(super) fn expire(&mut self, now: Instant) {
        if now >= self.newest_ends {
            self.move_on(now);
        }
    }

    /// Moves the ring on to the bucket that `now` falls into, however long the gap.
    #[cold]
    fn move_on(&mut self, now: Instant) {
        let steps = now
            .since(self.newest_ends)
            .divided_by(self.width)
            .saturating_add(1);
        self.newest_ends = self.newest_ends.after(self.width.times(steps));
        for _ in 0..steps.min(self.buckets.len() as u64) {
            self.newest = self.next_bucket(self.newest);
            if let Some(bucket) = self.buckets.get_mut(self.newest) {
                self.counts.remove(*bucket);
                *bucket = Counts::default();
            }
        }
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) fn clear(&mut self, now: Instant) {
        self.buckets.fill(Counts::default());
        self.counts = Counts::default();
        self.newest_ends = now.after(self.width);
    }

    pub(super) fn snapshot(&self, now: Instant) -> WindowSnapshot {
        let (up_to_newest, older) = self
            .buckets
            .split_at_checked(self.newest.saturating_add(1))
            .unwrap_or((&self.buckets, &[]));
        WindowSnapshot::Time {
            width: self.width,
            remaining: self.newest_ends.since(now),
            buckets: up_to_newest
                .iter()
                .rev()
                .chain(older.iter().rev())
                .copied()
                .collect(),
        }
    }

    pub(super) fn restore(
        &mut self,
        width: Span,
        remaining: Span,
        buckets: &[Counts],
        now: Instant,
    ) {
        if width != self.width || buckets.len() != self.buckets.len() {
            return;
        }
        self.newest = self.buckets.len().saturating_sub(1);
        self.newest_ends = now.after(remaining.min(width));
        self.counts = Counts::default();
        for (bucket, saved) in self.buckets.iter_mut().rev().zip(buckets) {
            *bucket = *saved;
            self.counts.successes = self.counts.successes.saturating_add(saved.successes);
            self.counts.failures = self.counts.failures.saturating_add(saved.failures);
            self.counts.slow = self.counts.slow.saturating_add(saved.slow);
        }
    }

    /// The ring runs forwards, so the bucket after the newest is the oldest, and the next to be used.
    fn next_bucket(&self, newest: usize) -> usize {
        let next = newest.saturating_add(1);
        if next < self.buckets.len() { next } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILURE: Sample = Sample {
        failed: true,
        slow: false,
    };

    fn at(millis: f64) -> Instant {
        Instant::from_millis(millis)
    }

    fn window() -> TimeWindow {
        TimeWindow::new(Span::from_millis(100.0), 10, at(1_000.0))
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
    fn a_restored_window_forgets_at_the_same_time() {
        let mut window = window();
        window.record(at(1_005.0), FAILURE);
        window.record(at(1_042.0), FAILURE);
        let WindowSnapshot::Time {
            width,
            remaining,
            buckets,
        } = window.snapshot(at(1_045.0))
        else {
            panic!()
        };
        let mut restored = TimeWindow::new(Span::from_millis(100.0), 10, at(9_000.0));
        restored.restore(width, remaining, &buckets, at(9_000.0));
        assert_eq!(restored.counts().failures, 2);
        restored.expire(at(9_055.0));
        assert_eq!(restored.counts().failures, 1);
        restored.expire(at(9_095.0));
        assert_eq!(restored.counts().failures, 0);
    }
}
