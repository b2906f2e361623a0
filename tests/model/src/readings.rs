//! What people read, by name. Times are milliseconds; NaN is "nothing to tell".

use crate::clock::{Micros, millis};
use crate::history::{Answer, Circuit, Move, Outcome, Reason, State};
use crate::model::Model;
use crate::rules::share;

/// What a reading must be.
#[derive(Clone, Copy, Debug)]
pub enum Reading {
    /// This number, bit for bit.
    Exactly(f64),
    /// A number in this range, both ends with it.
    Between(f64, f64),
}

impl Reading {
    pub(crate) const NOTHING: Self = Self::Exactly(f64::NAN);

    /// Whether a number is what the reading must be.
    #[must_use]
    pub fn allows(self, told: f64) -> bool {
        match self {
            Self::Exactly(wanted) => {
                told.to_bits() == wanted.to_bits() || told.is_nan() && wanted.is_nan()
            }
            Self::Between(lowest, highest) => lowest <= told && told <= highest,
        }
    }
}

/// Nothing is the same as nothing.
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
    /// The name of where it stands.
    #[must_use]
    pub fn state(self) -> State {
        match self {
            Self::Closed => State::Closed,
            Self::Open { .. } => State::Open,
            Self::HalfOpen => State::HalfOpen,
        }
    }
}

/// Readings by their names.
pub type Readings = Vec<(&'static str, Reading)>;

impl Model {
    /// The state word: `generation << 5 | in a ramp, or watched << 4 | order << 2 | state below it`.
    #[must_use]
    pub fn word(&self) -> i32 {
        let asks = i32::from(self.ramp_began().is_some() || self.options.in_flight.is_some());
        (self.generation() as i32) << 5
            | asks << 4
            | (self.order() as i32) << 2
            | self.circuit_state() as i32
    }

    /// The stats, as they stand. While half-open, successes and failures are those of the probes.
    #[must_use]
    pub fn stats(&self) -> Readings {
        let window = self.window();
        let (successes, failures) = match self.circuit() {
            Circuit::HalfOpen => (self.probe_successes(), self.probe_failures()),
            Circuit::Closed | Circuit::Open { .. } => {
                (window.calls - window.failures, window.failures)
            }
        };
        let overdue = self.under_way(self.now()).overdue();
        let times = self.response_times();
        let average = times.iter().sum::<Micros>() as f64 / times.len() as f64 / 1_000.0;
        vec![
            ("state", exactly(self.state() as i32)),
            ("override", exactly(self.order() as i32)),
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
            ("retryAfter", self.told_retry_after()),
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
                count(self.answered(|answer| matches!(answer, Answer::Rejected(_)))),
            ),
            (
                "totalIgnored",
                count(self.total(|outcome| outcome == Outcome::Ignored)),
            ),
            (
                "shadowRejected",
                count(self.answered(|answer| answer == Answer::AdmittedByShadow)),
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
                Reading::Exactly(share(window.slow + overdue, window.calls + overdue)),
            ),
            ("uptime", Reading::Exactly(self.uptime())),
            ("stateChanges", count(self.state_changes())),
            (
                "probesInFlight",
                count(self.probes_in_flight().len() as u64),
            ),
            ("overdueCalls", count(overdue)),
            ("capped", count(u64::from(self.is_capped()))),
            ("age", time(Some(self.now() - self.made))),
        ]
    }

    /// The numbers behind the last move and the next decision, as they stand.
    #[must_use]
    pub fn explanation(&self) -> Readings {
        let window = self.window();
        let last = self.last_told();
        let told = last.unwrap_or(Move {
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
        let under_way = self.under_way(self.now());
        let options = &self.options;
        let number = |given: Option<u64>| given.map_or(Reading::NOTHING, count);
        let rate = |given: Option<f64>| given.map_or(Reading::NOTHING, Reading::Exactly);
        vec![
            ("generation", count(self.generation() as u64)),
            ("reason", exactly(told.reason as i32)),
            ("from", exactly(told.from as i32)),
            ("to", exactly(told.to as i32)),
            ("age", self.age_of(last.map(|last| last.at))),
            ("observed", Reading::Exactly(told.observed)),
            ("threshold", Reading::Exactly(told.threshold)),
            ("calls", count(window.calls)),
            ("failures", count(window.failures)),
            ("slowCalls", count(window.slow)),
            ("consecutiveFailures", count(self.consecutive_failures())),
            ("failureThreshold", number(options.failures())),
            (
                "consecutiveFailureThreshold",
                number(options.consecutive_failure_threshold),
            ),
            ("failureRateThreshold", rate(options.failure_rate_threshold)),
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
            ("unansweredCalls", count(under_way.unanswered())),
            ("overdueCalls", count(under_way.overdue())),
            ("badSigns", count(under_way.bad_signs)),
            ("rampShare", rate(self.ramp_share(self.now()))),
            ("retryAfter", self.told_retry_after()),
        ]
    }

    /// Infinite where only an operator can tell, nothing where a call would be admitted now.
    fn told_retry_after(&self) -> Reading {
        match self.retry_after() {
            None => Reading::Exactly(f64::INFINITY),
            Some(0) => Reading::NOTHING,
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
    span.map_or(Reading::NOTHING, |span| Reading::Exactly(millis(span)))
}
