//! What the rules count: the outcomes of the last while, or of the last calls.

mod count;
mod time;

pub use count::CountWindow;
pub use time::TimeWindow;

use crate::time::{Instant, Span};
use alloc::vec::Vec;

/// The shape of a window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WindowConfig {
    /// The last `size` calls.
    Count {
        /// How many.
        size: u32,
    },
    /// The calls of the last `duration`, in `buckets` steps.
    Time {
        /// How far back.
        duration: Span,
        /// How many steps the window moves in.
        buckets: u32,
    },
}

/// One call as the window sees it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sample {
    /// Whether it failed.
    pub failed: bool,
    /// Whether it was slow.
    pub slow: bool,
}

/// How many calls of each kind.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Calls that succeeded.
    pub successes: u32,
    /// Calls that failed.
    pub failures: u32,
    /// Calls that were slow, whether they succeeded or failed.
    pub slow: u32,
}

impl Counts {
    /// All calls.
    #[must_use]
    pub fn calls(&self) -> u32 {
        self.successes.saturating_add(self.failures)
    }

    /// The failed share of all calls; 0 where there are none.
    #[must_use]
    pub fn failure_rate(&self) -> f64 {
        share(self.failures, self.calls())
    }

    /// The slow share of all calls; 0 where there are none.
    #[must_use]
    pub fn slow_rate(&self) -> f64 {
        share(self.slow, self.calls())
    }

    /// As the slow-call rule sees them: calls that are overdue have not ended, but are slow already.
    #[inline(always)]
    #[must_use]
    pub fn with_overdue(self, overdue: u32) -> Self {
        Self {
            successes: self.successes.saturating_add(overdue),
            slow: self.slow.saturating_add(overdue),
            ..self
        }
    }

    #[inline(always)]
    fn add(&mut self, sample: Sample) {
        let outcome = if sample.failed {
            &mut self.failures
        } else {
            &mut self.successes
        };
        *outcome = outcome.saturating_add(1);
        self.slow = self.slow.saturating_add(u32::from(sample.slow));
    }

    fn plus(self, more: Self) -> Self {
        Self {
            successes: self.successes.saturating_add(more.successes),
            failures: self.failures.saturating_add(more.failures),
            slow: self.slow.saturating_add(more.slow),
        }
    }

    fn remove(&mut self, gone: Self) {
        self.successes = self.successes.saturating_sub(gone.successes);
        self.failures = self.failures.saturating_sub(gone.failures);
        self.slow = self.slow.saturating_sub(gone.slow);
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        0.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}

/// A sliding window over outcomes. Each operation costs the same however many calls it holds.
#[derive(Clone, Debug)]
pub enum Window {
    /// Over the last calls.
    Count(CountWindow),
    /// Over the last while.
    Time(TimeWindow),
}

/// The contents of a window, fit to be restored into one of the same shape.
#[derive(Clone, Debug, PartialEq)]
pub enum WindowSnapshot {
    /// The calls, oldest first.
    Count {
        /// How many calls the window holds at most.
        size: u32,
        /// The calls.
        calls: Vec<Sample>,
    },
    /// The buckets, newest first.
    Time {
        /// How long a bucket is.
        width: Span,
        /// How long the newest bucket still takes samples.
        remaining: Span,
        /// How long it has not taken any more: nobody moves the window on while the circuit is open.
        idle: Span,
        /// The counts of each bucket.
        buckets: Vec<Counts>,
    },
}

impl Window {
    /// An empty window, which counts slow calls if any rule looks at them. This is the only time it allocates.
    #[must_use]
    pub fn new(config: WindowConfig, counts_slow: bool, now: Instant) -> Self {
        match config {
            WindowConfig::Count { size } => Self::Count(CountWindow::new(size)),
            WindowConfig::Time { duration, buckets } => {
                Self::Time(TimeWindow::new(duration, buckets, counts_slow, now))
            }
        }
    }

    /// Adds one call, after dropping what is too old.
    #[inline(always)]
    pub fn record(&mut self, now: Instant, sample: Sample) {
        match self {
            Self::Count(window) => window.record(sample),
            Self::Time(window) => window.record(now, sample),
        }
    }

    /// Drops what is too old.
    pub fn expire(&mut self, now: Instant) {
        match self {
            Self::Count(_) => {}
            Self::Time(window) => window.expire(now),
        }
    }

    /// What the window held when it was last recorded to or expired.
    #[must_use]
    pub fn counts(&self) -> Counts {
        match self {
            Self::Count(window) => window.counts(),
            Self::Time(window) => window.counts(),
        }
    }

    /// What the window holds at a time; it stays as it is.
    #[must_use]
    pub fn counts_at(&self, now: Instant) -> Counts {
        match self {
            Self::Count(window) => window.counts(),
            Self::Time(window) => window.counts_at(now),
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self, now: Instant) {
        match self {
            Self::Count(window) => window.clear(),
            Self::Time(window) => window.clear(now),
        }
    }

    /// The contents as they stand.
    #[must_use]
    pub fn snapshot(&self, now: Instant) -> WindowSnapshot {
        match self {
            Self::Count(window) => window.snapshot(),
            Self::Time(window) => window.snapshot(now),
        }
    }

    /// Takes over the contents of a window of the same shape; those of another shape are left out.
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
