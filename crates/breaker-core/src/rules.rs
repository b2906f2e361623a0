//! The rules that open a closed circuit. Any one suffices; each is off unless configured.

use crate::state::Reason;
use crate::time::Span;
use crate::window::{Answer, Counts, Sample};

/// Slow-call rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlowCalls {
    /// Slow-call rate in the window from which the rule trips.
    pub rate: f64,
    /// Duration from which a call is slow.
    pub duration: Span,
}

/// Configured rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// Number of failures in the window from which the rule trips.
    pub failures: Option<u32>,
    /// Number of failures in a row from which the rule trips.
    pub consecutive_failures: Option<u32>,
    /// Failure rate in the window from which the rule trips.
    pub failure_rate: Option<f64>,
    /// Slow-call rule.
    pub slow_calls: Option<SlowCalls>,
    /// Number of calls in the window from which a rate applies.
    pub minimum_calls: u32,
}

/// A rule that tripped, and the numbers that justify it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trip {
    /// Reason of the opening.
    pub reason: Reason,
    /// Observed count or rate.
    pub observed: f64,
    /// Threshold that it reached.
    pub threshold: f64,
}

impl Rules {
    /// Returns the sample of a call for the window. A call without a measured duration is not slow.
    #[inline(always)]
    #[must_use]
    pub fn sample(&self, answer: Answer, duration: Option<Span>) -> Sample {
        Sample {
            answer,
            slow: self.is_slow(duration),
        }
    }

    /// Whether a call of this duration is slow.
    #[inline(always)]
    #[must_use]
    pub fn is_slow(&self, duration: Option<Span>) -> bool {
        match (&self.slow_calls, duration) {
            (Some(rule), Some(duration)) => duration >= rule.duration,
            (None, _) | (_, None) => false,
        }
    }

    /// Returns the first rule that trips on the latest call, with that call in the counts. Only a failure can trip a
    /// counting rule; a success can complete the minimum of a rate; a call without an answer can trip the slow-call
    /// rule alone. Overdue calls count as slow.
    #[inline(always)]
    #[must_use]
    pub fn tripped(
        &self,
        latest: Sample,
        counts: Counts,
        overdue: u32,
        consecutive_failures: u32,
    ) -> Option<Trip> {
        if latest.answer == Answer::Missing {
            return self.slow_call_rate_tripped(counts, overdue);
        }
        self.failures_tripped(latest, counts)
            .or_else(|| self.consecutive_failures_tripped(latest, consecutive_failures))
            .or_else(|| self.failure_rate_tripped(counts))
            .or_else(|| self.slow_call_rate_tripped(counts, overdue))
    }

    fn failures_tripped(&self, latest: Sample, counts: Counts) -> Option<Trip> {
        let threshold = self.failures?;
        let tripped = latest.answer == Answer::Failure && counts.failures >= threshold;
        tripped.then(|| Trip::count(Reason::FailureThreshold, counts.failures, threshold))
    }

    fn consecutive_failures_tripped(&self, latest: Sample, in_a_row: u32) -> Option<Trip> {
        let threshold = self.consecutive_failures?;
        let tripped = latest.answer == Answer::Failure && in_a_row >= threshold;
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

    /// Returns the slow-call rule if it trips, counting overdue calls as slow.
    #[must_use]
    pub fn slow_call_rate_tripped(&self, counts: Counts, overdue: u32) -> Option<Trip> {
        let threshold = self.slow_calls?.rate;
        let counts = counts.with_overdue(overdue);
        let tripped = counts.timed() >= self.minimum_calls && counts.slow_rate() >= threshold;
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
