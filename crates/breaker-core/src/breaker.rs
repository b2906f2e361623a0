//! A breaker, and what can be asked of it. What each state does with a call is in [`behaviour`](crate::behaviour), how
//! the circuit moves in [`transition`](crate::transition), and what can be read in [`reading`](crate::reading).

use crate::backoff::{Backoff, Random};
use crate::config::Config;
use crate::half_open::ProbeSlots;
use crate::in_flight::InFlight;
use crate::lifetime::Lifetime;
use crate::outcome::Outcome;
use crate::overrides::Override;
use crate::permit::{Admission, Generation, Permit};
use crate::state::{CircuitState, Reason, State, Transition};
use crate::time::{Instant, Span};
use crate::window::Window;
use alloc::boxed::Box;
use alloc::sync::Arc;

/// One circuit breaker. Every method that takes `now` treats a clock that steps backwards as standing still.
#[derive(Clone, Debug)]
pub struct Breaker {
    pub(crate) config: Arc<Config>,
    /// The options before any other thresholds, if there ever were others.
    pub(crate) made_with: Option<Arc<Config>>,
    pub(crate) now: Instant,
    pub(crate) generation: Generation,
    pub(crate) state: State,
    pub(crate) override_: Override,
    pub(crate) window: Window,
    pub(crate) consecutive_failures: u32,
    pub(crate) probes: ProbeSlots,
    /// The calls under way, if they are watched. Then there is no pass: each call has to be seen.
    pub(crate) in_flight: Option<Box<InFlight>>,
    pub(crate) backoff: Backoff,
    pub(crate) lifetime: Lifetime,
    pub(crate) last: Transition,
    /// What every call is given while the circuit is plainly closed, without override and ramp; otherwise none.
    pub(crate) pass: Permit,
    pub(crate) random: Random,
}

impl Breaker {
    /// A closed circuit with an empty window, whose jitter takes its random numbers from `seed`. Nothing is
    /// allocated after this.
    #[must_use]
    pub fn new(config: Arc<Config>, seed: u64, now: Instant) -> Self {
        let in_flight = config.in_flight.map(InFlight::new).map(Box::new);
        let pass = if in_flight.is_none() {
            Permit::new(Generation::default(), None)
        } else {
            Permit::NONE
        };
        Self {
            made_with: None,
            now,
            generation: Generation::default(),
            state: State::CLOSED,
            override_: Override::None,
            window: Window::new(config.window, config.rules.slow_calls.is_some(), now),
            consecutive_failures: 0,
            probes: ProbeSlots::new(config.probes.max_concurrent),
            in_flight,
            backoff: Backoff::new(&config.open_time),
            lifetime: Lifetime::new(config.response_times, now),
            last: Transition::ordered(
                CircuitState::Closed,
                CircuitState::Closed,
                Reason::None,
                Instant::NEVER,
            ),
            pass,
            random: Random::seeded(seed),
            config,
        }
    }

    /// Makes one transition that time has made due, if there is one. Two can be due after a long silence
    /// (a hung probe opens the circuit, and that open time is over too): call again until there is none.
    pub fn poll(&mut self, now: Instant) -> Option<Transition> {
        let now = self.observe(now);
        if !self.override_.lets_state_move() {
            return None;
        }
        match self.state {
            State::Closed { .. } => {
                let tripped = self.poll_in_flight(now);
                if tripped.is_none() {
                    self.finish_ramp(now);
                }
                tripped
            }
            State::Open { since, until } => (now >= until).then(|| {
                // An order that absorbed time may have ended later than the open time did.
                let due = until.max(self.last.at);
                self.half_open(until.since(since), due)
            }),
            State::HalfOpen(probing) => self.expire_probes(probing, now),
        }
    }

    /// Asks for a permit to run one call.
    #[inline]
    pub fn admit(&mut self, now: Instant) -> Admission {
        let now = self.observe(now);
        if self.pass != Permit::NONE {
            return Admission::Admitted(self.pass);
        }
        self.admit_elsewhere(now)
    }

    /// Takes a permit back with the outcome of its call, and with how long it took if that was measured.
    /// A permit of an older generation changes lifetime totals and nothing else.
    ///
    /// Returns the last transition this made, if any. What time alone makes due happens first: see [`poll`](Self::poll).
    #[inline]
    pub fn settle(
        &mut self,
        permit: Permit,
        outcome: Outcome,
        duration: Option<Span>,
        now: Instant,
    ) -> Option<Transition> {
        // Where the outcome is a constant, the compiler leaves out all that only a failure needs.
        if permit == self.pass && outcome == Outcome::Success {
            let now = self.observe(now);
            self.lifetime.record(Outcome::Success, duration, now);
            let trip = self.count(Outcome::Success, duration, 0, now);
            return trip.map(|trip| self.trip(trip, now));
        }
        self.settle_elsewhere(permit, outcome, duration, now)
    }

    /// Sets a standing order. `ForcedOpen` over `ForcedOpen` adds a holder; anything else replaces what stood.
    /// Calls and probes in flight no longer count.
    pub fn set_override(&mut self, order: Override, now: Instant) -> Option<Transition> {
        let now = self.observe(now);
        self.poll_all(now);
        match (self.override_, order) {
            (Override::ForcedOpen { holders }, Override::ForcedOpen { holders: more }) => {
                self.override_ = Override::ForcedOpen {
                    holders: holders.saturating_add(more),
                };
                None
            }
            (before, after) if before == after => None,
            (_, after) => Some(self.change_override(after, now)),
        }
    }

    /// Takes one holder off `ForcedOpen`; with the last one the order ends.
    pub fn release_forced_open(&mut self, now: Instant) -> Option<Transition> {
        let now = self.observe(now);
        match self.override_ {
            Override::ForcedOpen { holders } if holders > 1 => {
                self.override_ = Override::ForcedOpen {
                    holders: holders.saturating_sub(1),
                };
                None
            }
            Override::ForcedOpen { .. } => Some(self.change_override(Override::None, now)),
            Override::None | Override::ForcedClosed | Override::Shadow => None,
        }
    }

    /// Closes the circuit, empties the window, releases any override. Lifetime totals stay.
    pub fn reset(&mut self, now: Instant) -> Transition {
        let now = self.observe(now);
        self.poll_all(now);
        let from = self.effective_state();
        self.override_ = Override::None;
        self.backoff = Backoff::new(&self.config.open_time);
        self.forget_outcomes(now);
        if let Some(in_flight) = &mut self.in_flight {
            in_flight.doubt();
        }
        self.state = State::CLOSED;
        self.moved(Transition::ordered(
            from,
            CircuitState::Closed,
            Reason::Reset,
            now,
        ))
    }

    /// Makes every transition that time has made due, and returns the last.
    pub(crate) fn poll_all(&mut self, now: Instant) -> Option<Transition> {
        let mut last = None;
        while let Some(transition) = self.poll(now) {
            last = Some(transition);
        }
        last
    }

    /// The time it is: the one that was told, unless the clock went backwards. That is a branch, which is predicted,
    /// and not a maximum, which each call would have to wait for.
    #[inline(always)]
    pub(crate) fn observe(&mut self, now: Instant) -> Instant {
        if now < self.now {
            return self.standing_still();
        }
        self.now = now;
        now
    }

    #[cold]
    fn standing_still(&self) -> Instant {
        self.now
    }
}
