//! The rules that open a closed circuit. Any one suffices; each is off unless configured.

use crate::state::Reason;
use crate::time::Span;
use crate::window::{Counts, Sample};

/// The slow-call rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlowCalls {
    /// Trips when the slow share of the calls in the window is at least this.
    pub rate: f64,
    /// A call is slow when it took this long or longer.
    pub duration: Span,
}

/// The configured rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// Trips when the failures in the window are at least this many.
    pub failures: Option<u32>,
    /// Trips when the failures in a row are at least this many.
    pub consecutive_failures: Option<u32>,
    /// Trips when the failed share of the calls in the window is at least this.
    pub failure_rate: Option<f64>,
    /// Trips on slow calls.
    pub slow_calls: Option<SlowCalls>,
    /// How many calls the window must hold before a rate is looked at.
    pub minimum_calls: u32,
}

/// The rule that tripped, and the numbers that made it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trip {
    /// Which rule.
    pub reason: Reason,
    /// What was counted.
    pub observed: f64,
    /// What it reached.
    pub threshold: f64,
}

impl Rules {
    /// How the window is to see a call. A call whose duration was not measured is not slow.
    #[inline(always)]
    #[must_use]
    pub fn sample(&self, failed: bool, duration: Option<Span>) -> Sample {
        let slow = match (&self.slow_calls, duration) {
            (Some(rule), Some(duration)) => duration >= rule.duration,
            (None, _) | (_, None) => false,
        };
        Sample { failed, slow }
    }

    /// The first rule that trips on the latest call, given what the window and the row of failures hold with it.
    /// Failures are what the counting rules look at; a success can complete the minimum of a rate. Calls that are
    /// overdue are slow already.
    #[inline(always)]
    #[must_use]
    pub fn tripped(
        &self,
        latest: Sample,
        counts: Counts,
        overdue: u32,
        consecutive_failures: u32,
    ) -> Option<Trip> {
        self.failures_tripped(latest, counts)
            .or_else(|| self.consecutive_failures_tripped(latest, consecutive_failures))
            .or_else(|| self.failure_rate_tripped(counts))
            .or_else(|| self.slow_call_rate_tripped(counts, overdue))
    }

    fn failures_tripped(&self, latest: Sample, counts: Counts) -> Option<Trip> {
        let threshold = self.failures?;
        let tripped = latest.failed && counts.failures >= threshold;
        tripped.then(|| Trip::count(Reason::FailureThreshold, counts.failures, threshold))
    }

    fn consecutive_failures_tripped(&self, latest: Sample, in_a_row: u32) -> Option<Trip> {
        let threshold = self.consecutive_failures?;
        let tripped = latest.failed && in_a_row >= threshold;
        tripped.then(|| Trip::count(Reason::ConsecutiveFailures, in_a_row, threshold))
    }

    fn failure_rate_tripped(&self, counts: Counts) -> Option<Trip> {
        let threshold = self.failure_rate?;
        let tripped = counts.calls() >= self.minimum_calls && counts.failure_rate() >= threshold;
        tripped.then(|| Trip {
            reason: Reason::FailureRate,
            observed: counts.failure_rate(),
            threshold,
        })
    }

    /// Whether the slow-call rule trips, calls that are overdue with those that ended slowly.
    #[must_use]
    pub fn slow_call_rate_tripped(&self, counts: Counts, overdue: u32) -> Option<Trip> {
        let threshold = self.slow_calls?.rate;
        let counts = counts.with_overdue(overdue);
        let tripped = counts.calls() >= self.minimum_calls && counts.slow_rate() >= threshold;
        tripped.then(|| Trip {
            reason: Reason::SlowCallRate,
            observed: counts.slow_rate(),
            threshold,
        })
    }
}

impl Trip {
    fn count(reason: Reason, observed: u32, threshold: u32) -> Self {
        Self {
            reason,
            observed: f64::from(observed),
            threshold: f64::from(threshold),
        }
    }
}
