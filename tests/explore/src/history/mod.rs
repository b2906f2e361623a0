//! History of a breaker, kept independently of the core, and the expectations that follow from it by the rules.
//! Everything is recomputed from the whole history, by brute force.

mod in_flight;
mod record;
mod transitions;

pub use in_flight::{Evidence, Group};
pub use record::{Decision, micros};

use crate::configuration::{Configuration, MILLI, SLOW, Verdict, Window};
use crate::operation::CallResult;
use breaker_core::{CircuitState, Hold, Override, Permit};

/// History of one breaker. Instants are in microseconds.
#[derive(Clone, Debug)]
pub struct History {
    /// Latest time that the breaker observed.
    pub now: u64,
    pub created_at: u64,
    pub generation: u32,
    pub phase: Phase,
    pub override_: Override,
    pub holds: Holds,
    /// Every counted call since the window was last emptied.
    pub calls: Vec<Call>,
    pub emptied: u64,
    pub failed_recoveries: u32,
    pub permits: Vec<IssuedPermit>,
    /// Groups of watched calls of this generation, in order of admission.
    pub groups: Vec<Group>,
    pub evidence: Evidence,
    pub totals: Totals,
    /// Time in which callers experienced an open circuit, without the present period.
    pub open: u64,
    pub open_since: Option<u64>,
    pub last_success: Option<u64>,
    pub last_failure: Option<u64>,
    /// Time of the last transition.
    pub last_move: Option<u64>,
}

/// State of the circuit beneath any override.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    Closed {
        ramp: Option<Ramp>,
    },
    /// `ends` is later than `until` if an override stood in between.
    Open {
        since: u64,
        until: u64,
        ends: u64,
    },
    HalfOpen {
        successes: u32,
        failures: u32,
    },
}

/// Ramp: admits a call whenever the sum of the shares of all requests allows one more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    pub since: u64,
    pub shares: f64,
    pub admitted: u32,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Call {
    pub at: u64,
    pub failed: bool,
    pub slow: bool,
    /// Whether the caller aborted it. It is then slow.
    pub aborted: bool,
}

/// Tokens of overrides. Releasing the earlier one must change nothing, nor the latest one after its override ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Holds {
    pub latest: Option<Hold>,
    /// A token of an override that the latest one has ended.
    pub earlier: Option<Hold>,
}

/// A permit that was issued.
#[derive(Clone, Copy, Debug)]
pub struct IssuedPermit {
    pub permit: Permit,
    /// Number of permits issued before.
    pub number: u32,
    pub generation: u32,
    /// Deadline of a probe.
    pub probe_until: Option<u64>,
    /// Index of the group of a watched call.
    pub group: Option<usize>,
    /// Whether only shadow mode admitted the call.
    pub uncounted: bool,
    pub state: PermitState,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum PermitState {
    InFlight,
    /// A probe past its deadline.
    Expired,
    Settled,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    pub admitted: u32,
    pub successes: u64,
    pub failures: u64,
    pub timeouts: u64,
    pub ignored: u64,
    pub rejected: u64,
    pub shadow_rejected: u64,
    pub state_changes: u64,
}

/// Number of calls in the window, by kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Counts {
    /// Calls that succeeded or failed.
    pub calls: u32,
    pub failures: u32,
    pub slow: u32,
    pub aborted: u32,
}

impl Phase {
    pub const CLOSED: Self = Self::Closed { ramp: None };
    pub const PROBING: Self = Self::HalfOpen {
        successes: 0,
        failures: 0,
    };

    #[must_use]
    pub fn state(&self) -> CircuitState {
        match self {
            Self::Closed { .. } => CircuitState::Closed,
            Self::Open { .. } => CircuitState::Open,
            Self::HalfOpen { .. } => CircuitState::HalfOpen,
        }
    }
}

impl IssuedPermit {
    /// Whether the two permits are interchangeable.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.permit == other.permit
            && self.generation == other.generation
            && self.state == other.state
            && self.probe_until == other.probe_until
    }
}

impl History {
    #[must_use]
    pub fn new(now: u64) -> Self {
        Self {
            now,
            created_at: now,
            generation: 0,
            phase: Phase::CLOSED,
            override_: Override::None,
            holds: Holds::default(),
            calls: Vec::new(),
            emptied: now,
            failed_recoveries: 0,
            permits: Vec::new(),
            groups: Vec::new(),
            evidence: Evidence::default(),
            totals: Totals::default(),
            open: 0,
            open_since: None,
            last_success: None,
            last_failure: None,
            last_move: None,
        }
    }

    /// Returns the state that callers experience.
    #[must_use]
    pub fn visible(&self) -> CircuitState {
        visible(self.override_, self.phase.state())
    }

    /// Whether time and outcomes can move the state.
    #[must_use]
    pub fn can_move(&self) -> bool {
        matches!(self.override_, Override::None | Override::Shadow)
    }

    /// Returns the counts of the window now.
    #[must_use]
    pub fn window(&self, configuration: &Configuration) -> Counts {
        self.window_at(configuration, self.now)
    }

    /// Returns the counts of the window at a time.
    #[must_use]
    pub fn window_at(&self, configuration: &Configuration, at: u64) -> Counts {
        let within = self.calls_in_window(configuration, at);
        let count = |is: fn(&Call) -> bool| within.iter().filter(|call| is(call)).count() as u32;
        Counts {
            calls: count(|call| !call.aborted),
            failures: count(|call| call.failed),
            slow: count(|call| call.slow),
            aborted: count(|call| call.aborted),
        }
    }

    /// Returns the calls in the window. A time window advances by whole buckets.
    #[must_use]
    pub fn calls_in_window(&self, configuration: &Configuration, now: u64) -> Vec<&Call> {
        match configuration.window {
            Window::Count { size } => self.calls.iter().rev().take(size as usize).collect(),
            Window::Time { duration, buckets } => {
                let bucket = |at: u64| (at - self.emptied) / (duration * MILLI / buckets);
                let is_within = |call: &&Call| bucket(now) - bucket(call.at) < buckets;
                self.calls.iter().filter(is_within).collect()
            }
        }
    }

    /// Returns the age of the newest bucket.
    #[must_use]
    pub fn time_into_bucket(&self, configuration: &Configuration) -> u64 {
        match configuration.window {
            Window::Count { .. } => 0,
            Window::Time { duration, buckets } => {
                (self.now - self.emptied) % (duration * MILLI / buckets)
            }
        }
    }

    #[must_use]
    pub fn failures_in_a_row(&self) -> u32 {
        self.calls
            .iter()
            .rev()
            .filter(|call| !call.aborted)
            .take_while(|call| call.failed)
            .count() as u32
    }

    /// Returns the permits of the probes that still count.
    pub fn probes(&self) -> impl Iterator<Item = &IssuedPermit> {
        self.permits.iter().filter(|issued| {
            issued.generation == self.generation
                && issued.probe_until.is_some()
                && issued.state == PermitState::InFlight
        })
    }

    /// Returns the limit of concurrent probes now.
    #[must_use]
    pub fn probes_wanted(&self, configuration: &Configuration) -> u32 {
        let most = u32::from(configuration.max_probes);
        match (self.phase, configuration.verdict) {
            (Phase::HalfOpen { .. }, Verdict::Successes(_)) => most,
            (
                Phase::HalfOpen {
                    successes,
                    failures,
                },
                Verdict::Rate { calls, .. },
            ) => most.min(calls.saturating_sub(successes + failures)),
            (Phase::Closed { .. } | Phase::Open { .. }, _) => 0,
        }
    }

    /// Returns the successes and failures of the probes so far.
    #[must_use]
    pub fn probe_counts(&self) -> [u32; 2] {
        match self.phase {
            Phase::HalfOpen {
                successes,
                failures,
            } => [successes, failures],
            Phase::Closed { .. } | Phase::Open { .. } => [0; 2],
        }
    }

    /// Returns the number of failed recoveries and the present or next open time, in milliseconds.
    #[must_use]
    pub fn open_time(&self, configuration: &Configuration) -> (u32, f64) {
        let micros = match self.phase {
            Phase::Open { since, until, .. } => until - since,
            Phase::Closed { .. } | Phase::HalfOpen { .. } => {
                configuration.open_time(self.failed_recoveries)
            }
        };
        (self.failed_recoveries, micros as f64 / MILLI as f64)
    }

    /// Returns the percentage of the breaker's life in which callers did not experience it open.
    #[must_use]
    pub fn uptime(&self) -> f64 {
        let present = self.open_since.map_or(0, |since| self.now - since);
        match self.now - self.created_at {
            0 if self.open_since.is_some() => 0.0,
            0 => 100.0,
            age => 100.0 * (1.0 - (self.open + present) as f64 / age as f64),
        }
    }

    /// Returns the share of calls that the ramp admits now, during a ramp.
    #[must_use]
    pub fn ramp_share(&self, configuration: &Configuration) -> Option<f64> {
        let (Phase::Closed { ramp: Some(ramp) }, Some(rule)) = (self.phase, configuration.ramp)
        else {
            return None;
        };
        let elapsed = (self.now - ramp.since) as f64 / (rule.duration * MILLI) as f64;
        Some(rule.initial_share + (1.0 - rule.initial_share) * elapsed.min(1.0))
    }

    /// Returns the next instant after `clock` at which time alone has an effect.
    #[must_use]
    pub fn next_deadline(&self, configuration: &Configuration, clock: u64) -> Option<u64> {
        let mut deadlines: Vec<_> = self
            .probes()
            .filter_map(|issued| issued.probe_until)
            .collect();
        let overdue = self.overdue_times(configuration).into_iter();
        deadlines.extend(overdue.map(|(at, _)| at));
        match (self.phase, configuration.ramp) {
            (Phase::Open { until, .. }, _) => deadlines.push(until),
            (Phase::Closed { ramp: Some(ramp) }, Some(rule)) => {
                deadlines.push(ramp.since + rule.duration * MILLI);
            }
            (Phase::Closed { .. } | Phase::HalfOpen { .. }, _) => {}
        }
        if let Window::Time { duration, buckets } = configuration.window {
            let width = duration * MILLI / buckets;
            let leaves =
                |call: &Call| self.emptied + ((call.at - self.emptied) / width + buckets) * width;
            deadlines.extend(self.calls.iter().map(leaves));
        }
        deadlines.into_iter().filter(|at| *at > clock).min()
    }

    #[must_use]
    pub fn is_slow(configuration: &Configuration, result: CallResult) -> bool {
        let slow = |duration: breaker_core::Span| duration.as_micros() >= SLOW * MILLI;
        result.duration(configuration).is_some_and(slow)
    }
}

/// Returns the state that callers experience under this override.
fn visible(override_: Override, state: CircuitState) -> CircuitState {
    match override_ {
        Override::None => state,
        Override::ForcedOpen { .. } => CircuitState::Open,
        Override::ForcedClosed | Override::Shadow => CircuitState::Closed,
    }
}
