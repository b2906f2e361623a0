//! Snapshot of a breaker, to be stored and restored elsewhere. It holds remaining durations, never instants.

use crate::backoff::Backoff;
use crate::breaker::Breaker;
use crate::config::Config;
use crate::half_open::Probing;
use crate::histogram::Histogram;
use crate::lifetime::{Lifetime, Totals};
use crate::overrides::Override;
use crate::ramp::RampProgress;
use crate::state::{CircuitState, Reason, State, Transition};
use crate::time::{Instant, Span};
use crate::window::WindowSnapshot;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Version of the snapshot format. Other versions are rejected.
pub const VERSION: u32 = 1;

/// Memory of a breaker.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// State of the circuit.
    pub state: StateSnapshot,
    /// Override by an operator.
    pub override_: Override,
    /// Failures in a row.
    pub consecutive_failures: u32,
    /// Failed recoveries since the last successful one.
    pub failed_recoveries: u32,
    /// The next open time, before jitter.
    pub next_open_time: Span,
    /// Contents of the window.
    pub window: WindowSnapshot,
    /// Totals.
    pub lifetime: LifetimeSnapshot,
}

/// State of the circuit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StateSnapshot {
    /// Closed, with the time since its ramp began, if there is one.
    Closed {
        /// Time since the start of the ramp.
        ramped: Option<Span>,
    },
    /// Open for the remaining time.
    Open {
        /// Elapsed part of the open time.
        elapsed: Span,
        /// Remaining part of the open time.
        remaining: Span,
    },
    /// Half-open. Probes in flight are not saved: their results would arrive elsewhere.
    HalfOpen {
        /// Probes that succeeded.
        successes: u32,
        /// Probes that failed.
        failures: u32,
    },
}

/// Totals over the life of a breaker.
#[derive(Clone, Debug, PartialEq)]
pub struct LifetimeSnapshot {
    /// Number of calls by outcome.
    pub totals: Totals,
    /// Time since the last success.
    pub last_success_age: Option<Span>,
    /// Time since the last failure.
    pub last_failure_age: Option<Span>,
    /// Number of measured calls.
    pub measured: u64,
    /// Sum of their times.
    pub response_time: Span,
    /// Longest time.
    pub longest: Span,
    /// Distribution of the times.
    pub histogram: Vec<u16>,
    /// Age of the breaker.
    pub age: Span,
    /// Time in which callers experienced an open circuit, up to now.
    pub open: Span,
}

impl LifetimeSnapshot {
    pub(crate) fn of(lifetime: &Lifetime, now: Instant) -> Self {
        let age_of = |instant: Instant| (instant != Instant::NEVER).then(|| now.since(instant));
        let times = lifetime.response_times.as_deref();
        Self {
            totals: lifetime.totals,
            last_success_age: age_of(lifetime.last_success),
            last_failure_age: age_of(lifetime.last_failure),
            measured: times.map_or(0, |times| times.measured),
            response_time: times.map_or(Span::ZERO, |times| times.total),
            longest: times.map_or(Span::ZERO, |times| times.longest),
            histogram: times.map_or(Vec::new(), |times| times.histogram.bins().to_vec()),
            age: now.since(lifetime.open.made),
            open: lifetime.open.open_until(now),
        }
    }

    pub(crate) fn restore(&self, lifetime: &mut Lifetime, is_open: bool, now: Instant) {
        let instant_of = |age: Option<Span>| age.map_or(Instant::NEVER, |age| now.before(age));
        lifetime.totals = self.totals;
        lifetime.last_success = instant_of(self.last_success_age);
        lifetime.last_failure = instant_of(self.last_failure_age);
        if let Some(times) = &mut lifetime.response_times {
            times.measured = self.measured;
            times.total = self.response_time;
            times.longest = self.longest;
            times.histogram = Histogram::from_bins(&self.histogram);
        }
        lifetime.open.made = now.before(self.age);
        lifetime.open.total = self.open;
        lifetime.open.since = if is_open { now } else { Instant::NEVER };
    }
}

impl Breaker {
    /// Takes a snapshot. Makes the due transitions first.
    pub fn snapshot(&mut self, now: Instant) -> Snapshot {
        self.poll_all(now);
        let now = self.now;
        if self.underlying_state() != CircuitState::Open {
            self.window.expire(now);
        }
        Snapshot {
            state: match self.state {
                State::Closed { ramp } => StateSnapshot::Closed {
                    ramped: ramp.map(|ramp| now.since(ramp.since)),
                },
                State::Open { since, until } => StateSnapshot::Open {
                    elapsed: now.min(until).since(since),
                    remaining: until.since(now),
                },
                State::HalfOpen(probing) => StateSnapshot::HalfOpen {
                    successes: probing.successes,
                    failures: probing.failures,
                },
            },
            override_: self.override_,
            consecutive_failures: self.consecutive_failures,
            failed_recoveries: self.backoff.failed_recoveries,
            next_open_time: self.backoff.next,
            window: self.window.snapshot(now),
            lifetime: LifetimeSnapshot::of(&self.lifetime, now),
        }
    }

    /// Restores a breaker from a snapshot. The contents of the window are restored only if its shape equals the
    /// configured one.
    #[must_use]
    pub fn restore(config: Arc<Config>, seed: u64, snapshot: &Snapshot, now: Instant) -> Self {
        let mut breaker = Self::new(config, seed, now);
        breaker.state = match snapshot.state {
            StateSnapshot::Closed {
                ramped: Some(ramped),
            } if breaker.config.ramp.is_some() => State::Closed {
                ramp: Some(RampProgress::starting(now.before(ramped))),
            },
            StateSnapshot::Closed { .. } => State::CLOSED,
            StateSnapshot::Open { elapsed, remaining } => State::Open {
                since: now.before(elapsed),
                until: now.after(remaining.min(Span::LONGEST)),
            },
            StateSnapshot::HalfOpen {
                successes,
                failures,
            } => State::HalfOpen(Probing {
                successes,
                failures,
            }),
        };
        breaker.override_ = snapshot.override_;
        breaker.renew_pass();
        breaker.consecutive_failures = snapshot.consecutive_failures;
        let open_time = breaker.config.open_time;
        breaker.backoff = Backoff::resumed(
            snapshot.failed_recoveries,
            snapshot.next_open_time,
            &open_time,
        );
        breaker.window.restore(&snapshot.window, now);
        let is_open = breaker.effective_state() == CircuitState::Open;
        snapshot
            .lifetime
            .restore(&mut breaker.lifetime, is_open, now);
        let (from, to) = (breaker.effective_state(), breaker.effective_state());
        breaker.last = Transition::commanded(from, to, Reason::Restored, now);
        breaker
    }
}
