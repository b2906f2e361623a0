//! The breaker and its operations. The behaviour of each state is in [`behaviour`](crate::behaviour), the transitions
//! are in [`transition`](crate::transition), the readings in [`reading`](crate::reading).

use crate::backoff::{Backoff, Random};
use crate::config::Config;
use crate::half_open::ProbeSlots;
use crate::in_flight::InFlight;
use crate::lifetime::Lifetime;
use crate::outcome::Outcome;
use crate::overrides::{Hold, Override};
use crate::permit::{Admission, Generation, Permit};
use crate::state::{CircuitState, Reason, State, Transition};
use crate::time::{Instant, Span};
use crate::window::Window;
use alloc::boxed::Box;
use alloc::sync::Arc;

/// One circuit breaker. Every method that takes `now` ignores a time before the latest one.
#[derive(Clone, Debug)]
pub struct Breaker {
    pub(crate) config: Arc<Config>,
    /// Initial options, if [`retune`](Self::retune) has replaced the thresholds.
    pub(crate) made_with: Option<Arc<Config>>,
    pub(crate) now: Instant,
    pub(crate) generation: Generation,
    pub(crate) state: State,
    pub(crate) override_: Override,
    /// Token of the latest override.
    pub(crate) hold: Hold,
    pub(crate) window: Window,
    pub(crate) consecutive_failures: u32,
    pub(crate) probes: ProbeSlots,
    /// Watched calls in flight. With them there is no pass, because each call must be recorded.
    pub(crate) in_flight: Option<Box<InFlight>>,
    pub(crate) backoff: Backoff,
    pub(crate) lifetime: Lifetime,
    pub(crate) last: Transition,
    /// Permit of every call while the circuit is plainly closed, without override and ramp; [`Permit::NONE`]
    /// otherwise.
    pub(crate) pass: Permit,
    pub(crate) random: Random,
}

impl Breaker {
    /// Creates a closed circuit with an empty window. `seed` seeds the jitter. Later operations allocate nothing.
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
            hold: Hold::default(),
            window: Window::new(config.window, config.rules.slow_calls.is_some(), now),
            consecutive_failures: 0,
            probes: ProbeSlots::new(config.probes.max_concurrent),
            in_flight,
            backoff: Backoff::new(&config.open_time),
            lifetime: Lifetime::new(config.response_times, now),
            last: Transition::commanded(
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

    /// Makes one due transition, if there is one. Two can be due after a long silence: a hung probe opens the
    /// circuit, and that open time is over too. Call it until it returns `None`.
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
                // An override that absorbed time may have ended after the open time.
                let due = until.max(self.last.at);
                self.half_open(until.since(since), due)
            }),
            State::HalfOpen(probing) => self.expire_probes(probing, now),
        }
    }

    /// Requests a permit to run one call.
    #[inline]
    pub fn admit(&mut self, now: Instant) -> Admission {
        let now = self.observe(now);
        if self.pass != Permit::NONE {
            return Admission::Admitted(self.pass);
        }
        self.admit_elsewhere(now)
    }

    /// Settles a permit with the outcome of its call, and its duration if it was measured. A permit of an older
    /// generation changes lifetime totals and nothing else.
    ///
    /// Returns the last transition, if any. Due transitions are made first: see [`poll`](Self::poll).
    #[inline]
    pub fn settle(
        &mut self,
        permit: Permit,
        outcome: Outcome,
        duration: Option<Span>,
        now: Instant,
    ) -> Option<Transition> {
        // With a constant outcome, the compiler omits the code that only failures need.
        if permit == self.pass && outcome == Outcome::Success {
            let now = self.observe(now);
            self.lifetime.record(Outcome::Success, duration, now);
            let trip = self.count(Outcome::Success, duration, 0, now);
            return trip.map(|trip| self.trip(trip, now));
        }
        self.settle_elsewhere(permit, outcome, duration, now)
    }

    /// Sets an override, whose token is [`hold`](Self::hold). `ForcedOpen` over `ForcedOpen` adds a holder with the
    /// same token; any other override replaces the present one. Calls and probes in flight no longer count.
    pub fn set_override(&mut self, override_: Override, now: Instant) -> Option<Transition> {
        let now = self.observe(now);
        self.poll_all(now);
        if let (Override::ForcedOpen { holders }, Override::ForcedOpen { .. }) =
            (&mut self.override_, override_)
        {
            *holders = holders.saturating_add(1);
            return None;
        }
        self.hold = self.hold.next();
        (self.override_ != override_).then(|| self.change_override(override_, now))
    }

    /// Releases the override of a token, if it still stands. `ForcedOpen` ends with its last holder.
    pub fn release(&mut self, hold: Hold, now: Instant) -> Option<Transition> {
        let now = self.observe(now);
        self.poll_all(now);
        match &mut self.override_ {
            Override::None => None,
            _ if hold != self.hold => None,
            Override::ForcedOpen { holders } if *holders > 1 => {
                *holders = holders.saturating_sub(1);
                None
            }
            _ => Some(self.change_override(Override::None, now)),
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
        self.moved(Transition::commanded(
            from,
            CircuitState::Closed,
            Reason::Reset,
            now,
        ))
    }

    /// Makes every due transition, and returns the last.
    pub(crate) fn poll_all(&mut self, now: Instant) -> Option<Transition> {
        let mut last = None;
        while let Some(transition) = self.poll(now) {
            last = Some(transition);
        }
        last
    }

    /// Records the time, and returns it, or the latest one if the clock went backwards. A predicted branch is faster
    /// here than a maximum, which every call would have to wait for.
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
