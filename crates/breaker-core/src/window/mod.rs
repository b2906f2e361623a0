//! Sliding windows of outcomes: of the last period, or of the last calls.

mod count;
mod time;

pub use count::CountWindow;
pub use time::TimeWindow;

use crate::time::{Instant, Span};
use alloc::vec::Vec;

/// Shape of a window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WindowConfig {
    /// The last `size` calls.
    Count {
        /// Number of calls.
        size: u32,
    },
    /// The calls of the last `duration`, in `buckets` steps.
    Time {
        /// Length of the period.
        duration: Span,
        /// Number of buckets.
        buckets: u32,
    },
}

/// One call in the window.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sample {
    /// Its answer.
    pub answer: Answer,
    /// Whether it was slow.
    pub slow: bool,
}

/// Answer of the dependency to one call.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Answer {
    /// The call succeeded.
    #[default]
    Success,
    /// The call failed.
    Failure,
    /// The caller aborted the call. It is in the window because it was slow.
    Missing,
}

/// Number of calls of each kind.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Calls that succeeded.
    pub successes: u32,
    /// Calls that failed.
    pub failures: u32,
    /// Calls that were slow, whatever their answer.
    pub slow: u32,
    /// Slow calls that were aborted.
    pub missing: u32,
}

impl Counts {
    /// Returns the number of calls that succeeded or failed.
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.successes.saturating_add(self.failures)
    }

    /// Returns the failure rate; 0 without calls.
    #[must_use]
    pub fn failure_rate(&self) -> f64 {
        share(self.failures, self.calls())
    }

    /// Returns the number of calls that were fast or slow: those with an answer, and slow ones without.
    #[must_use]
    pub fn timed(&self) -> u32 {
        self.calls().saturating_add(self.missing)
    }

    /// Returns the slow-call rate; 0 without calls.
    #[must_use]
    pub fn slow_rate(&self) -> f64 {
        share(self.slow, self.timed())
    }

    /// Returns the counts for the slow-call rule, with overdue calls as slow ones.
    #[inline(always)]
    #[must_use]
    pub fn with_overdue(self, overdue: u32) -> Self {
        Self {
            missing: self.missing.saturating_add(overdue),
            slow: self.slow.saturating_add(overdue),
            ..self
        }
    }

    #[inline(always)]
    fn add(&mut self, sample: Sample) {
        let answers = match sample.answer {
            Answer::Success => &mut self.successes,
            Answer::Failure => &mut self.failures,
            Answer::Missing => &mut self.missing,
        };
        *answers = answers.saturating_add(1);
        self.slow = self.slow.saturating_add(u32::from(sample.slow));
    }

    fn plus(self, more: Self) -> Self {
        Self {
            successes: self.successes.saturating_add(more.successes),
            failures: self.failures.saturating_add(more.failures),
            slow: self.slow.saturating_add(more.slow),
            missing: self.missing.saturating_add(more.missing),
        }
    }

    fn remove(&mut self, gone: Self) {
        self.successes = self.successes.saturating_sub(gone.successes);
        self.failures = self.failures.saturating_sub(gone.failures);
        self.slow = self.slow.saturating_sub(gone.slow);
        self.missing = self.missing.saturating_sub(gone.missing);
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        0.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}

/// Sliding window of outcomes. The cost of an operation is constant.
#[derive(Clone, Debug)]
pub enum Window {
    /// Window of the last calls.
    Count(CountWindow),
    /// Window of the last period.
    Time(TimeWindow),
}

/// Contents of a window, which can be restored into one of the same shape.
#[derive(Clone, Debug, PartialEq)]
pub enum WindowSnapshot {
    /// The calls, oldest first.
    Count {
        /// Size of the window.
        size: u32,
        /// The calls.
        calls: Vec<Sample>,
    },
    /// The buckets, newest first.
    Time {
        /// Width of a bucket.
        width: Span,
        /// Time for which the newest bucket still takes samples.
        remaining: Span,
        /// Time since the newest bucket ended: the window does not advance while the circuit is open.
        idle: Span,
        /// Counts of each bucket.
        buckets: Vec<Counts>,
    },
}

impl Window {
    /// Creates an empty window, which counts slow calls if a rule needs them. Later operations allocate nothing.
    #[must_use]
    pub fn new(config: WindowConfig, counts_slow: bool, now: Instant) -> Self {
        match config {
            WindowConfig::Count { size } => Self::Count(CountWindow::new(size)),
            WindowConfig::Time { duration, buckets } => {
                Self::Time(TimeWindow::new(duration, buckets, counts_slow, now))
            }
        }
    }

    /// Adds one call, after expiring old ones.
    #[inline(always)]
    pub fn record(&mut self, now: Instant, sample: Sample) {
        match self {
            Self::Count(window) => window.record(sample),
            Self::Time(window) => window.record(now, sample),
        }
    }

    /// Expires old calls.
    pub fn expire(&mut self, now: Instant) {
        match self {
            Self::Count(_) => {}
            Self::Time(window) => window.expire(now),
        }
    }

    /// Returns the counts as of the last call recorded or expired.
    #[must_use]
    pub fn counts(&self) -> Counts {
        match self {
            Self::Count(window) => window.counts(),
            Self::Time(window) => window.counts(),
        }
    }

    /// Returns the counts at a time, without changing the window.
    #[must_use]
    pub fn counts_at(&self, now: Instant) -> Counts {
        match self {
            Self::Count(window) => window.counts(),
            Self::Time(window) => window.counts_at(now),
        }
    }

    /// Empties the window.
    pub fn clear(&mut self, now: Instant) {
        match self {
            Self::Count(window) => window.clear(),
            Self::Time(window) => window.clear(now),
        }
    }

    /// Returns the contents.
    #[must_use]
    pub fn snapshot(&self, now: Instant) -> WindowSnapshot {
        match self {
            Self::Count(window) => window.snapshot(),
            Self::Time(window) => window.snapshot(now),
        }
    }

    /// Restores the contents of a window of the same shape, and ignores those of another shape.
    pub fn restore(&mut self, snapshot: &WindowSnapshot, now: Instant) {
        match (self, snapshot) {
            (Self::Count(window), WindowSnapshot::Count { size, calls }) => {
                window.restore(*size, calls)
            }
            (
                Self::Time(window),
                WindowSnapshot::Time {
                    width,
                    remaining,
                    idle,
                    buckets,
                },
            ) => {
                let newest_ends = now.after((*remaining).min(*width)).before(*idle);
                window.restore(*width, newest_ends, buckets);
            }
            (Self::Count(_), WindowSnapshot::Time { .. })
            | (Self::Time(_), WindowSnapshot::Count { .. }) => {}
        }
    }
}
