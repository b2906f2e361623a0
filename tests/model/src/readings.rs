//! Readings by name. Times are in milliseconds; NaN means that there is no value.

use crate::clock::{Micros, millis};
use crate::history::{Circuit, Decision, Outcome, Reason, State, Transition};
use crate::model::Model;
use crate::rules::share;

/// Expected value of a reading.
#[derive(Clone, Copy, Debug)]
pub enum Reading {
    /// This number, bit for bit.
    Exactly(f64),
    /// A number in this range, inclusive.
    Between(f64, f64),
}

impl Reading {
    pub(crate) const NONE: Self = Self::Exactly(f64::NAN);

    /// Whether a number meets the expectation.
    #[must_use]
    pub fn allows(self, number: f64) -> bool {
        match self {
            Self::Exactly(wanted) => {
                number.to_bits() == wanted.to_bits() || number.is_nan() && wanted.is_nan()
            }
            Self::Between(lowest, highest) => lowest <= number && number <= highest,
        }
    }
}

/// Two expectations of NaN are equal.
impl PartialEq for Reading {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Exactly(_), Self::Exactly(number)) => self.allows(number),
            (Self::Between(least, most), Self::Between(lowest, highest)) => {
                least == lowest && most == highest
            }
            _ => false,
        }
    }
}

impl Circuit {
    /// Returns the state without its times.
    #[must_use]
    pub fn state(self) -> State {
        match self {
            Self::Closed => State::Closed,
            Self::Open { .. } => State::Open,
            Self::HalfOpen => State::HalfOpen,
        }
    }
}

/// Expected readings by name.
pub type Readings = Vec<(&'static str, Reading)>;

impl Model {
    /// Returns the state word: `generation << 5 | (in a ramp or watching calls) << 4 | override << 2 | state beneath
    /// it`.
    #[must_use]
    pub fn word(&self) -> i32 {
        let asks = i32::from(self.ramp_began().is_some() || self.options.in_flight.is_some());
        (self.generation() as i32) << 5
            | asks << 4
            | (self.active_override() as i32) << 2
            | self.circuit_state() as i32
    }

    /// Returns the stats. While half-open, successes and failures are those of the probes.
    #[must_use]
    pub fn stats(&self) -> Readings {
        let window = self.window();
        let (successes, failures) = match self.circuit() {
            Circuit::HalfOpen => (self.probe_successes(), self.probe_failures()),
            Circuit::Closed | Circuit::Open { .. } => {
                (window.calls - window.failures, window.failures)
            }
        };
        let overdue = self.calls_in_flight(self.now()).overdue();
        let times = self.response_times();
        let average = times.iter().sum::<Micros>() as f64 / times.len() as f64 / 1_000.0;
        vec![
            ("state", exactly(self.state() as i32)),
            ("override", exactly(self.active_override() as i32)),
            ("underlyingState", exactly(self.circuit_state() as i32)),
            ("failureCount", count(failures)),
            ("successCount", count(successes)),
            ("slowCallCount", count(window.slow)),
            ("consecutiveFailures", count(self.consecutive_failures())),
            ("lastFailureAge", self.age_of(self.last(Outcome::failed))),
            (
                "lastSuccessAge",
                self.age_of(self.last(|outcome| outcome == Outcome::Success)),
            ),
            ("retryAfter", self.retry_after_reading()),
            (
                "totalSuccesses",
                count(self.total(|outcome| outcome == Outcome::Success)),
            ),
            ("totalFailures", count(self.total(Outcome::failed))),
            (
                "totalTimeouts",
                count(self.total(|outcome| outcome == Outcome::Timeout)),
            ),
            (
                "totalRejected",
                count(self.answered(|decision| matches!(decision, Decision::Rejected(_)))),
            ),
            (
                "totalIgnored",
                count(self.total(|outcome| matches!(outcome, Outcome::Ignored | Outcome::Aborted))),
            ),
            (
                "shadowRejected",
                count(self.answered(|decision| decision == Decision::AdmittedByShadow)),
            ),
            ("averageResponseTime", Reading::Exactly(average)),
            ("p50", Self::percentile(&times, 0.5)),
            ("p90", Self::percentile(&times, 0.9)),
            ("p95", Self::percentile(&times, 0.95)),
            ("p99", Self::percentile(&times, 0.99)),
            ("max", time(times.last().copied())),
            (
                "failureRate",
                Reading::Exactly(share(failures, successes + failures)),
            ),
            (
                "slowCallRate",
                Reading::Exactly(share(
                    window.slow + overdue,
                    window.calls + window.aborted + overdue,
                )),
            ),
            ("uptime", Reading::Exactly(self.uptime())),
            ("stateChanges", count(self.state_changes())),
            (
                "probesInFlight",
                count(self.probes_in_flight().len() as u64),
            ),
            ("overdueCalls", count(overdue)),
            ("capped", count(u64::from(self.is_capped()))),
            ("age", time(Some(self.now() - self.created_at))),
        ]
    }

    /// Returns the explanation: the numbers behind the last transition and the next decision.
    #[must_use]
    pub fn explanation(&self) -> Readings {
        let window = self.window();
        let last = self.last_transition();
        let transition = last.unwrap_or(Transition {
            at: 0,
            from: State::Closed,
            to: State::Closed,
            reason: Reason::None,
            observed: 0.0,
            threshold: 0.0,
        });
        let (successes, failures) = match self.circuit() {
            Circuit::HalfOpen => (self.probe_successes(), self.probe_failures()),
            Circuit::Closed | Circuit::Open { .. } => (0, 0),
        };
        let open_time = match self.circuit() {
            Circuit::Open { since, until } => until - since,
            Circuit::Closed | Circuit::HalfOpen => self.open_time_after(self.failed_recoveries()),
        };
        let calls_in_flight = self.calls_in_flight(self.now());
        let options = &self.options;
        let number = |value: Option<u64>| value.map_or(Reading::NONE, count);
        let rate = |value: Option<f64>| value.map_or(Reading::NONE, Reading::Exactly);
        vec![
            ("generation", count(self.generation() as u64)),
            ("reason", exactly(transition.reason as i32)),
            ("from", exactly(transition.from as i32)),
            ("to", exactly(transition.to as i32)),
            ("age", self.age_of(last.map(|last| last.at))),
            ("observed", Reading::Exactly(transition.observed)),
            ("threshold", Reading::Exactly(transition.threshold)),
            ("calls", count(window.calls)),
            ("failures", count(window.failures)),
            ("slowCalls", count(window.slow)),
            ("consecutiveFailures", count(self.consecutive_failures())),
            ("failureThreshold", number(options.failure_threshold)),
            (
                "consecutiveFailureThreshold",
                number(options.failures_in_a_row()),
            ),
            ("failureRateThreshold", rate(options.failure_rate())),
            (
                "slowCallRateThreshold",
                rate(options.slow_call_rate_threshold),
            ),
            ("minimumCalls", count(options.minimum())),
            (
                "probesInFlight",
                count(self.probes_in_flight().len() as u64),
            ),
            ("probeSuccesses", count(successes)),
            ("probeFailures", count(failures)),
            ("probesRequired", count(self.probes_required())),
            ("openTime", time(Some(open_time))),
            ("openAttempts", count(self.failed_recoveries() as u64)),
            ("inFlightLimit", number(options.in_flight_limit())),
            ("capped", count(u64::from(self.is_capped()))),
            ("unansweredCalls", count(calls_in_flight.unanswered())),
            ("overdueCalls", count(calls_in_flight.overdue())),
            ("badSigns", count(calls_in_flight.bad_signs)),
            ("rampShare", rate(self.ramp_share(self.now()))),
            ("retryAfter", self.retry_after_reading()),
        ]
    }

    /// Returns the reading `retryAfter`: infinite if only an operator can end the rejection, no value if a call would
    /// be admitted.
    fn retry_after_reading(&self) -> Reading {
        match self.retry_after() {
            None => Reading::Exactly(f64::INFINITY),
            Some(0) => Reading::NONE,
            Some(wait) => time(Some(wait)),
        }
    }

    fn age_of(&self, at: Option<Micros>) -> Reading {
        time(at.map(|at| self.now() - at))
    }
}

fn exactly(code: i32) -> Reading {
    Reading::Exactly(f64::from(code))
}

fn count(number: u64) -> Reading {
    Reading::Exactly(number as f64)
}

fn time(span: Option<Micros>) -> Reading {
    span.map_or(Reading::NONE, |span| Reading::Exactly(millis(span)))
}
