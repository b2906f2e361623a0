//! What has happened to a breaker, as somebody who only watched it would have written it down, and what must follow
//! from that by the rules: counted anew from the whole history each time, by brute force.

mod due;
mod under_way;
mod watch;

pub use under_way::{Evidence, Group};
pub use watch::{Answer, micros};

use crate::configuration::{Configuration, MILLI, SLOW, Verdict, Window};
use crate::operation::Ending;
use breaker_core::{CircuitState, Override, Permit};

/// The history of one breaker. Instants are microseconds.
#[derive(Clone, Debug)]
pub struct Ghost {
    /// The latest time that the breaker was told.
    pub now: u64,
    pub made: u64,
    pub generation: u32,
    pub phase: Phase,
    pub order: Override,
    /// Every call that counted since the window was last emptied.
    pub calls: Vec<Call>,
    pub emptied: u64,
    pub failed_recoveries: u32,
    pub permits: Vec<Held>,
    /// The calls of this generation that are watched, by when they were admitted.
    pub groups: Vec<Group>,
    pub evidence: Evidence,
    pub totals: Totals,
    /// How long callers experienced an open circuit, but for the present period.
    pub open: u64,
    pub open_since: Option<u64>,
    pub last_success: Option<u64>,
    pub last_failure: Option<u64>,
    /// When the circuit last moved.
    pub last_move: Option<u64>,
}

/// The state below any order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    Closed {
        ramp: Option<Ramp>,
    },
    /// `ends` is later than `until` where an order stood in between.
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

/// A ramp: the shares that the calls asked for add up to what may be admitted.
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
}

/// A permit that was given.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub permit: Permit,
    /// How many were given before.
    pub number: u32,
    pub generation: u32,
    /// A probe's deadline.
    pub probe_until: Option<u64>,
    /// The place of its group, where it is watched while it is under way.
    pub group: Option<usize>,
    /// Whether only shadow mode admitted it.
    pub uncounted: bool,
    pub standing: Standing,
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Standing {
    InFlight,
    /// A probe that did not come back in time.
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

/// Calls in the window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Counts {
    pub calls: u32,
    pub failures: u32,
    pub slow: u32,
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

impl Held {
    /// Whether nothing tells the two apart.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.permit == other.permit
            && self.generation == other.generation
            && self.standing == other.standing
            && self.probe_until == other.probe_until
    }
}

impl Ghost {
    #[must_use]
    pub fn new(now: u64) -> Self {
        Self {
            now,
            made: now,
            generation: 0,
            phase: Phase::CLOSED,
            order: Override::None,
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

    /// The state that callers experience.
    #[must_use]
    pub fn visible(&self) -> CircuitState {
        visible(self.order, self.phase.state())
    }

    /// Whether time and outcomes move the state.
    #[must_use]
    pub fn is_free(&self) -> bool {
        matches!(self.order, Override::None | Override::Shadow)
    }

    /// The calls that are in the window now.
    #[must_use]
    pub fn window(&self, configuration: &Configuration) -> Counts {
        self.window_at(configuration, self.now)
    }

    /// Those that were in it then.
    #[must_use]
    pub fn window_at(&self, configuration: &Configuration, at: u64) -> Counts {
        let within = self.calls_in_window(configuration, at);
        let count = |is: fn(&Call) -> bool| within.iter().filter(|call| is(call)).count() as u32;
        Counts {
            calls: within.len() as u32,
            failures: count(|call| call.failed),
            slow: count(|call| call.slow),
        }
    }

    /// A time window moves on by a bucket at a time.
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

    /// How long ago the newest bucket began.
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
            .take_while(|call| call.failed)
            .count() as u32
    }

    /// The permits of probes whose answer still counts.
    pub fn probes(&self) -> impl Iterator<Item = &Held> {
        self.permits.iter().filter(|held| {
            held.generation == self.generation
                && held.probe_until.is_some()
                && held.standing == Standing::InFlight
        })
    }

    /// How many probes may be in flight at once now.
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

    /// Successes and failures of the probes so far.
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

    /// Failed recoveries, and the open time in milliseconds: the present one, or the next.
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

    /// The percentage of its life in which callers did not experience it open.
    #[must_use]
    pub fn uptime(&self) -> f64 {
        let present = self.open_since.map_or(0, |since| self.now - since);
        match self.now - self.made {
            0 if self.open_since.is_some() => 0.0,
            0 => 100.0,
            age => 100.0 * (1.0 - (self.open + present) as f64 / age as f64),
        }
    }

    /// The share of the calls that the ramp admits now, while there is one.
    #[must_use]
    pub fn ramp_share(&self, configuration: &Configuration) -> Option<f64> {
        let (Phase::Closed { ramp: Some(ramp) }, Some(rule)) = (self.phase, configuration.ramp)
        else {
            return None;
        };
        let elapsed = (self.now - ramp.since) as f64 / (rule.duration * MILLI) as f64;
        Some(rule.initial_share + (1.0 - rule.initial_share) * elapsed.min(1.0))
    }

    /// The next instant after `clock` at which time alone changes something.
    #[must_use]
    pub fn next_deadline(&self, configuration: &Configuration, clock: u64) -> Option<u64> {
        let mut deadlines: Vec<_> = self.probes().filter_map(|held| held.probe_until).collect();
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
    pub fn is_slow(configuration: &Configuration, ending: Ending) -> bool {
        let slow = |duration: breaker_core::Span| duration.as_micros() >= SLOW * MILLI;
        ending.duration(configuration).is_some_and(slow)
    }
}

/// The state that callers experience where this order stands above that state.
fn visible(order: Override, state: CircuitState) -> CircuitState {
    match order {
        Override::None => state,
        Override::ForcedOpen { .. } => CircuitState::Open,
        Override::ForcedClosed | Override::Shadow => CircuitState::Closed,
    }
}
