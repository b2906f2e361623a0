//! Totals over the whole life of a breaker. Every call ends here once, whenever it comes back.

use crate::histogram::Histogram;
use crate::outcome::Outcome;
use crate::state::CircuitState;
use crate::time::{Instant, MICROS_PER_MILLI, Span};
use alloc::boxed::Box;

/// What is remembered since the breaker was made, and kept over resets.
#[derive(Clone, Debug)]
pub struct Lifetime {
    /// What became of its calls.
    pub totals: Totals,
    /// When a call last succeeded, or never.
    pub last_success: Instant,
    /// When a call last failed, or never.
    pub last_failure: Instant,
    /// The measured response times, if they are kept.
    pub response_times: Option<Box<ResponseTimes>>,
    /// When callers experienced an open circuit.
    pub open: OpenPeriods,
}

/// How many calls ended in which way. No breaker lives to see a `u64` wrap.
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
    /// Moves from one state that callers experience to another.
    pub state_changes: u64,
}

/// Response times of calls that succeeded or failed.
#[derive(Clone, Debug, Default)]
pub struct ResponseTimes {
    /// How many were measured.
    pub measured: u64,
    /// All of them together.
    pub total: Span,
    /// The longest.
    pub longest: Span,
    /// How they are spread.
    pub histogram: Histogram,
}

/// How long the circuit has been open in all.
#[derive(Clone, Copy, Debug)]
pub struct OpenPeriods {
    /// When the breaker was made.
    pub made: Instant,
    /// The open periods that are over.
    pub total: Span,
    /// When the present one began, or never.
    pub since: Instant,
}

impl Lifetime {
    /// The totals of a breaker that is made now, and that keeps response times or does not.
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
            Outcome::Failure | Outcome::Timeout | Outcome::OpenFor(_) => {
                self.totals.failures = self.totals.failures.wrapping_add(1);
                self.totals.timeouts = self
                    .totals
                    .timeouts
                    .wrapping_add(u64::from(outcome == Outcome::Timeout));
                self.last_failure = now;
            }
            Outcome::Ignored => {
                self.totals.ignored = self.totals.ignored.wrapping_add(1);
                return;
            }
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
    /// The mean; `None` where nothing was measured.
    #[must_use]
    pub fn average_millis(&self) -> Option<f64> {
        let micros = self.total.as_micros() as f64 / self.measured as f64;
        (self.measured > 0).then_some(micros / MICROS_PER_MILLI)
    }

    /// The times that 50, 90, 95 and 99 % of the calls did not exceed; `None` where nothing was measured.
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
    /// The percentage of the breaker's life in which callers did not experience an open circuit.
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

    /// The open time up to now, the present period with it.
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
    fn nothing_measured_has_no_mean() {
        let mut times = ResponseTimes::default();
        assert_eq!(times.average_millis(), None);
        times.record(Span::from_millis(3.0));
        times.record(Span::from_millis(4.0));
        assert_eq!(times.average_millis(), Some(3.5));
    }
}
