//! Rules that open a closed circuit. Any rule suffices; each is off unless the options set it.

use crate::clock::Micros;
use crate::history::{Outcome, Reason};
use crate::model::Model;

/// Reason to open the circuit, and the numbers that justify it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trip {
    pub reason: Reason,
    pub observed: f64,
    pub threshold: f64,
}

impl Model {
    /// Returns the first rule that trips after the latest outcome. Only a failure can reach a number of failures.
    pub(crate) fn tripped(&self, latest: Outcome) -> Option<Trip> {
        if latest == Outcome::Aborted {
            return self.slow_call_rate_tripped(self.now());
        }
        let counts = self.window();
        let enough_calls = counts.calls >= self.options.minimum();
        let slow_calls = self.slow_call_rate_tripped(self.now());
        let reached = |reason, observed: f64, threshold: Option<f64>, is_looked_at: bool| {
            let threshold = threshold?;
            (is_looked_at && observed >= threshold).then_some(Trip {
                reason,
                observed,
                threshold,
            })
        };
        let number = |threshold: Option<u64>| threshold.map(|threshold| threshold as f64);
        let rules = [
            reached(
                Reason::FailureThreshold,
                counts.failures as f64,
                number(self.options.failure_threshold),
                latest.failed(),
            ),
            reached(
                Reason::ConsecutiveFailures,
                self.consecutive_failures() as f64,
                number(self.options.failures_in_a_row()),
                latest.failed(),
            ),
            reached(
                Reason::FailureRate,
                share(counts.failures, counts.calls),
                self.options.failure_rate(),
                enough_calls,
            ),
            slow_calls,
        ];
        rules.into_iter().flatten().next()
    }

    /// Returns the slow-call rule if it trips at a time. Overdue calls count as slow before they end.
    pub(crate) fn slow_call_rate_tripped(&self, at: Micros) -> Option<Trip> {
        let threshold = self.options.slow_call_rate_threshold?;
        let (counts, overdue) = (self.window_as_of(at), self.calls_in_flight(at).overdue());
        let (slow, calls) = (
            counts.slow + overdue,
            counts.calls + counts.aborted + overdue,
        );
        let observed = share(slow, calls);
        (calls >= self.options.minimum() && observed >= threshold).then_some(Trip {
            reason: Reason::SlowCallRate,
            observed,
            threshold,
        })
    }
}

/// Returns part ÷ whole, or 0 if the whole is 0.
#[must_use]
pub fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}
