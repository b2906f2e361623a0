//! Totals over the whole life of a breaker. Every call counts once, whenever it settles.

use crate::histogram::Histogram;
use crate::outcome::Outcome;
use crate::state::CircuitState;
use crate::time::{Instant, MICROS_PER_MILLI, Span};
use alloc::boxed::Box;

/// Totals since construction. They survive resets.
#[derive(Clone, Debug)]
pub struct Lifetime {
    /// Number of calls by outcome.
    pub totals: Totals,
    /// Time of the last success, or never.
    pub last_success: Instant,
    /// Time of the last failure, or never.
    pub last_failure: Instant,
    /// Measured response times, if they are recorded.
    pub response_times: Option<Box<ResponseTimes>>,
    /// Periods in which callers experienced an open circuit.
    pub open: OpenPeriods,
}

/// Number of calls by outcome. No breaker lives long enough to overflow a `u64`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Totals {
    /// Calls that succeeded.
    pub successes: u64,
    /// Calls that failed, timeouts among them.
    pub failures: u64,
    /// Calls that timed out.
    pub timeouts: u64,
    /// Calls that were not admitted.
    pub rejected: u64,
    /// Calls that counted neither way.
    pub ignored: u64,
    /// Calls that shadow mode admitted and the state would have rejected.
    pub shadow_rejected: u64,
    /// Changes between states that callers experience.
    pub state_changes: u64,
}

/// Response times of calls that succeeded or failed.
#[derive(Clone, Debug, Default)]
pub struct ResponseTimes {
    /// Number of measured calls.
    pub measured: u64,
    /// Sum of the times.
    pub total: Span,
    /// Longest time.
    pub longest: Span,
    /// Distribution of the times.
    pub histogram: Histogram,
}

/// Time in which the circuit was open.
#[derive(Clone, Copy, Debug)]
pub struct OpenPeriods {
    /// Time of construction.
    pub made: Instant,
    /// Past open periods, in total.
    pub total: Span,
    /// Start of the present open period, or never.
    pub since: Instant,
}

impl Lifetime {
    /// Creates the totals of a new breaker.
    #[must_use]
    pub fn new(response_times: bool, now: Instant) -> Self {
        Self {
            totals: Totals::default(),
            last_success: Instant::NEVER,
            last_failure: Instant::NEVER,
            response_times: response_times.then(Box::default),
            open: OpenPeriods {
                made: now,
                total: Span::ZERO,
                since: Instant::NEVER,
            },
        }
    }

    #[inline(always)]
    pub(crate) fn record(&mut self, outcome: Outcome, duration: Option<Span>, now: Instant) {
        match outcome {
            Outcome::Success => {
                self.totals.successes = self.totals.successes.wrapping_add(1);
                self.last_success = now;
            }
            Outcome::Failure | Outcome::Timeout | Outcome::Deadline | Outcome::OpenFor(_) => {
                self.totals.failures = self.totals.failures.wrapping_add(1);
                self.totals.timeouts = self
                    .totals
                    .timeouts
                    .wrapping_add(u64::from(outcome == Outcome::Timeout));
                self.last_failure = now;
            }
            Outcome::Ignored | Outcome::Aborted => {
                self.totals.ignored = self.totals.ignored.wrapping_add(1);
                return;
            }
            Outcome::Withdrawn => return,
        }
        if let (Some(times), Some(duration)) = (&mut self.response_times, duration) {
            times.record(duration);
        }
    }

    pub(crate) fn state_changed(&mut self, to: CircuitState, at: Instant) {
        self.totals.state_changes = self.totals.state_changes.wrapping_add(1);
        self.open.close(at);
        if to == CircuitState::Open {
            self.open.since = at;
        }
    }
}

impl ResponseTimes {
    /// Returns the mean; `None` without measured calls.
    #[must_use]
    pub fn average_millis(&self) -> Option<f64> {
        let micros = self.total.as_micros() as f64 / self.measured as f64;
        (self.measured > 0).then_some(micros / MICROS_PER_MILLI)
    }

    /// Returns the times that 50, 90, 95 and 99 % of the calls did not exceed; `None` without measured calls.
    #[must_use]
    pub fn quantiles_millis(&self) -> Option<[f64; 4]> {
        let quantile = |share| {
            let time = self.histogram.quantile(share)?;
            Some(time.min(self.longest).as_millis())
        };
        Some([
            quantile(0.5)?,
            quantile(0.9)?,
            quantile(0.95)?,
            quantile(0.99)?,
        ])
    }

    fn record(&mut self, duration: Span) {
        self.measured = self.measured.wrapping_add(1);
        self.total = self.total.plus(duration);
        self.longest = self.longest.max(duration);
        self.histogram.record(duration);
    }
}

impl OpenPeriods {
    /// Returns the percentage of the breaker's life in which callers did not experience an open circuit.
    #[must_use]
    pub fn uptime_percent(&self, now: Instant) -> f64 {
        let age = now.since(self.made);
        if age == Span::ZERO {
            return if self.since == Instant::NEVER {
                100.0
            } else {
                0.0
            };
        }
        100.0 * (1.0 - self.open_until(now).share_of(age)).max(0.0)
    }

    /// Returns the open time up to now, including the present period.
    #[must_use]
    pub fn open_until(&self, now: Instant) -> Span {
        if self.since == Instant::NEVER {
            self.total
        } else {
            self.total.plus(now.since(self.since))
        }
    }

    fn close(&mut self, at: Instant) {
        self.total = self.open_until(at);
        self.since = Instant::NEVER;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_mean_without_measured_calls() {
        let mut times = ResponseTimes::default();
        assert_eq!(times.average_millis(), None);
        times.record(Span::from_millis(3.0));
        times.record(Span::from_millis(4.0));
        assert_eq!(times.average_millis(), Some(3.5));
    }
}
