//! The state machine: every transition of a circuit is in this file.
//!
//! ```text
//!            a rule trips, openFor                    the open time is over
//!   CLOSED ────────────────────────▶ OPEN ──────────────────────────────────▶ HALF_OPEN
//!      ▲                               ▲                                          │ │
//!      │                               └──── a probe fails or expires ────────────┘ │
//!      └───────────────────────────────────── enough probes succeed ────────────────┘
//! ```

use crate::backoff::{Backoff, Random};
use crate::config::Config;
use crate::half_open::{ProbeSlots, Probing, Verdict};
use crate::lifetime::Lifetime;
use crate::outcome::Outcome;
use crate::overrides::Override;
use crate::permit::{Admission, Generation, Permit, Rejection};
use crate::ramp::RampProgress;
use crate::rules::Trip;
use crate::state::{CircuitState, Reason, State, Transition};
use crate::time::{Instant, Span};
use crate::window::Window;
use alloc::sync::Arc;

/// One circuit breaker. Every method that takes `now` treats a clock that steps backwards as standing still.
#[derive(Clone, Debug)]
pub struct Breaker {
    pub(crate) config: Arc<Config>,
    pub(crate) now: Instant,
    pub(crate) generation: Generation,
    pub(crate) state: State,
    pub(crate) override_: Override,
    pub(crate) window: Window,
    pub(crate) consecutive_failures: u32,
    pub(crate) probes: ProbeSlots,
    pub(crate) backoff: Backoff,
    pub(crate) lifetime: Lifetime,
    pub(crate) last: Transition,
    /// What every call is given while the circuit is plainly closed, without override and ramp; otherwise none.
    pass: Permit,
    random: Random,
}

impl Breaker {
    /// A closed circuit with an empty window, whose jitter takes its random numbers from `seed`. Nothing is
    /// allocated after this.
    #[must_use]
    pub fn new(config: Arc<Config>, seed: u64, now: Instant) -> Self {
        Self {
            now,
            generation: Generation::default(),
            state: State::CLOSED,
            override_: Override::None,
            window: Window::new(config.window, now),
            consecutive_failures: 0,
            probes: ProbeSlots::new(config.probes.max_concurrent),
            backoff: Backoff::new(&config.open_time),
            lifetime: Lifetime::new(config.response_times, now),
            last: Transition {
                from: CircuitState::Closed,
                to: CircuitState::Closed,
                reason: Reason::None,
                at: Instant::NEVER,
                observed: 0.0,
                threshold: 0.0,
            },
            pass: Permit::new(Generation::default(), None),
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
            State::Closed { ramp: None } => None,
            State::Closed {
                ramp: Some(progress),
            } => {
                self.finish_ramp(progress, now);
                None
            }
            State::Open { since, until } => {
                (now >= until).then(|| self.half_open(until.since(since), until))
            }
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

    /// Asks in any state but the plain closed one.
    #[cold]
    fn admit_elsewhere(&mut self, now: Instant) -> Admission {
        self.poll_all(now);
        let decision = match self.override_ {
            Override::None | Override::Shadow => self.admit_by_state(),
            Override::ForcedOpen { .. } => Admission::Rejected {
                rejection: Rejection::ForcedOpen,
                retry_after: None,
            },
            Override::ForcedClosed => self.admitted(),
        };
        match (decision, self.override_) {
            (Admission::Admitted(_), _) => decision,
            (Admission::Rejected { .. }, Override::Shadow) => {
                self.lifetime.shadow_rejected = self.lifetime.shadow_rejected.saturating_add(1);
                Admission::Admitted(Permit::UNCOUNTED)
            }
            (Admission::Rejected { .. }, _) => {
                self.lifetime.rejected = self.lifetime.rejected.saturating_add(1);
                decision
            }
        }
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
        let now = self.observe(now);
        self.lifetime.record(outcome, duration, now);
        if permit == self.pass {
            return self.settle_closed(outcome, duration, now);
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
        let from = self.effective_state();
        self.override_ = Override::None;
        self.backoff = Backoff::new(&self.config.open_time);
        self.forget_outcomes(now);
        self.state = State::CLOSED;
        self.moved(Transition {
            from,
            to: CircuitState::Closed,
            reason: Reason::Reset,
            at: now,
            observed: 0.0,
            threshold: 0.0,
        })
    }

    // --- what each state does -----------------------------------------------------------------------------------

    fn admit_by_state(&mut self) -> Admission {
        let now = self.now;
        match &mut self.state {
            State::Closed { ramp: None } => self.admitted(),
            State::Closed {
                ramp: Some(progress),
            } => match &self.config.ramp {
                Some(ramp) if !ramp.admits(progress, now) => {
                    let retry_after = Some(ramp.ends(progress).since(now));
                    Admission::Rejected {
                        rejection: Rejection::Recovering,
                        retry_after,
                    }
                }
                Some(_) | None => self.admitted(),
            },
            State::Open { until, .. } => Admission::Rejected {
                rejection: Rejection::Open,
                retry_after: Some(until.since(now)),
            },
            State::HalfOpen(probing) => {
                let probing = *probing;
                self.admit_probe(probing)
            }
        }
    }

    fn admit_probe(&mut self, probing: Probing) -> Admission {
        let lifetime = self.probe_lifetime();
        let slot = if self.wants_probe(&probing) {
            self.probes.take(self.now, lifetime)
        } else {
            None
        };
        match slot {
            Some(slot) => Admission::Admitted(Permit::new(self.generation, Some(slot))),
            None => Admission::Rejected {
                rejection: Rejection::HalfOpenFull,
                retry_after: self.wait(),
            },
        }
    }

    /// Settles in any state but the plain closed one.
    #[cold]
    fn settle_elsewhere(
        &mut self,
        permit: Permit,
        outcome: Outcome,
        duration: Option<Span>,
        now: Instant,
    ) -> Option<Transition> {
        let due = self.poll_all(now);
        if permit.generation() != self.generation {
            return due;
        }
        let decided = match (&self.override_, &self.state) {
            (Override::ForcedClosed, _) => {
                self.count(outcome, duration, now);
                None
            }
            (_, State::Closed { .. }) => self.settle_closed(outcome, duration, now),
            (_, State::HalfOpen(probing)) => self.settle_probe(permit, *probing, outcome, now),
            (_, State::Open { .. }) => None,
        };
        decided.or(due)
    }

    #[inline]
    fn settle_closed(
        &mut self,
        outcome: Outcome,
        duration: Option<Span>,
        now: Instant,
    ) -> Option<Transition> {
        let trip = self.count(outcome, duration, now);
        if let Outcome::OpenFor(span) = outcome {
            return Some(self.open_for(span, now));
        }
        trip.map(|trip| self.trip(trip, now))
    }

    fn settle_probe(
        &mut self,
        permit: Permit,
        probing: Probing,
        outcome: Outcome,
        now: Instant,
    ) -> Option<Transition> {
        if !self.probes.give_back(permit.probe()?) {
            return None;
        }
        if let Outcome::OpenFor(span) = outcome {
            return Some(self.open_for(span, now));
        }
        let probing = match outcome {
            Outcome::Success => Probing {
                successes: probing.successes.saturating_add(1),
                ..probing
            },
            Outcome::Ignored => probing,
            _ => Probing {
                failures: probing.failures.saturating_add(1),
                ..probing
            },
        };
        self.judge(probing, Reason::ProbeFailed, now)
    }

    /// Past its deadline a probe has failed, at the deadline.
    fn expire_probes(&mut self, mut probing: Probing, now: Instant) -> Option<Transition> {
        while let Some((slot, deadline)) = self.probes.earliest() {
            if now < deadline {
                return None;
            }
            self.probes.give_back(slot);
            probing.failures = probing.failures.saturating_add(1);
            let verdict = self.judge(probing, Reason::ProbeExpired, deadline);
            if verdict.is_some() {
                return verdict;
            }
        }
        None
    }

    fn judge(&mut self, probing: Probing, failed: Reason, at: Instant) -> Option<Transition> {
        self.state = State::HalfOpen(probing);
        let by_rate = self.config.probes.verdict.still_needed(&probing).is_some();
        match self.config.probes.verdict.judge(&probing) {
            Verdict::Undecided => None,
            Verdict::Recovered => Some(self.close(probing, at)),
            Verdict::Failing {
                observed,
                threshold,
            } => {
                let reason = if by_rate {
                    Reason::ProbeFailureRate
                } else {
                    failed
                };
                let trip = Trip {
                    reason,
                    observed,
                    threshold,
                };
                Some(self.trip(trip, at))
            }
        }
    }

    // --- the transitions ----------------------------------------------------------------------------------------

    #[cold]
    fn trip(&mut self, trip: Trip, at: Instant) -> Transition {
        self.count_failed_recovery();
        let open_time = self
            .backoff
            .open_time(&self.config.open_time, &mut self.random);
        self.open(trip, open_time, at)
    }

    #[cold]
    fn open_for(&mut self, span: Span, at: Instant) -> Transition {
        self.count_failed_recovery();
        let trip = Trip {
            reason: Reason::OpenFor,
            observed: span.as_millis(),
            threshold: 0.0,
        };
        self.open(trip, span, at)
    }

    /// Opening while probes or a ramp are under way is a recovery that failed: the next open time grows.
    fn count_failed_recovery(&mut self) {
        match self.state {
            State::HalfOpen(_) | State::Closed { ramp: Some(_) } => {
                self.backoff.grow(&self.config.open_time);
            }
            State::Closed { ramp: None } | State::Open { .. } => {}
        }
    }

    fn open(&mut self, trip: Trip, open_time: Span, at: Instant) -> Transition {
        let from = self.state.kind();
        self.probes.clear();
        self.state = State::Open {
            since: at,
            until: at.after(open_time.min(Span::LONGEST)),
        };
        let Trip {
            reason,
            observed,
            threshold,
        } = trip;
        self.moved(Transition {
            from,
            to: CircuitState::Open,
            reason,
            at,
            observed,
            threshold,
        })
    }

    fn half_open(&mut self, open_time: Span, at: Instant) -> Transition {
        self.probes.clear();
        self.state = State::HalfOpen(Probing::default());
        self.moved(Transition {
            from: CircuitState::Open,
            to: CircuitState::HalfOpen,
            reason: Reason::OpenTimeElapsed,
            at,
            observed: open_time.as_millis(),
            threshold: open_time.as_millis(),
        })
    }

    fn close(&mut self, probing: Probing, at: Instant) -> Transition {
        self.forget_outcomes(at);
        let ramp = self
            .config
            .ramp
            .as_ref()
            .map(|_| RampProgress::starting(at));
        if ramp.is_none() {
            self.backoff = Backoff::new(&self.config.open_time);
        }
        self.state = State::Closed { ramp };
        self.moved(Transition {
            from: CircuitState::HalfOpen,
            to: CircuitState::Closed,
            reason: Reason::ProbesSucceeded,
            at,
            observed: f64::from(probing.successes),
            threshold: f64::from(self.probes_required()),
        })
    }

    fn change_override(&mut self, order: Override, now: Instant) -> Transition {
        let from = self.effective_state();
        self.override_ = order;
        self.probes.clear();
        if let State::HalfOpen(_) = self.state {
            self.state = State::HalfOpen(Probing::default());
        }
        let to = self.effective_state();
        self.moved(Transition {
            from,
            to,
            reason: Reason::Override,
            at: now,
            observed: 0.0,
            threshold: 0.0,
        })
    }

    /// What every transition has in common.
    fn moved(&mut self, transition: Transition) -> Transition {
        self.generation = self.generation.next();
        self.last = transition;
        self.renew_pass();
        if transition.from != transition.to && self.override_ != Override::Shadow {
            self.lifetime.state_changed(transition.to, transition.at);
        }
        transition
    }

    // --- helpers ------------------------------------------------------------------------------------------------

    /// Makes every transition that time has made due, and returns the last.
    pub(crate) fn poll_all(&mut self, now: Instant) -> Option<Transition> {
        let mut last = None;
        while let Some(transition) = self.poll(now) {
            last = Some(transition);
        }
        last
    }

    /// Sees whether calls can be admitted and settled the short way from now on.
    pub(crate) fn renew_pass(&mut self) {
        self.pass = match (&self.override_, &self.state) {
            (Override::None, State::Closed { ramp: None }) => Permit::new(self.generation, None),
            _ => Permit::NONE,
        };
    }

    /// The time it is: the one that was told, unless the clock went backwards. That is a branch, which is predicted,
    /// and not a maximum, which each call would have to wait for.
    #[inline]
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

    fn admitted(&self) -> Admission {
        Admission::Admitted(Permit::new(self.generation, None))
    }

    /// Adds an outcome to what the rules count, and asks them.
    #[inline]
    fn count(&mut self, outcome: Outcome, duration: Option<Span>, now: Instant) -> Option<Trip> {
        if outcome == Outcome::Ignored {
            return None;
        }
        let sample = self.config.rules.sample(outcome.is_failure(), duration);
        self.window.record(now, sample);
        self.consecutive_failures = if sample.failed {
            self.consecutive_failures.saturating_add(1)
        } else {
            0
        };
        self.config
            .rules
            .tripped(sample, self.window.counts(), self.consecutive_failures)
    }

    fn finish_ramp(&mut self, progress: RampProgress, now: Instant) {
        let ends = self.config.ramp.map_or(now, |ramp| ramp.ends(&progress));
        if now >= ends {
            self.backoff = Backoff::new(&self.config.open_time);
            self.state = State::CLOSED;
            self.renew_pass();
        }
    }

    fn forget_outcomes(&mut self, now: Instant) {
        self.window.clear(now);
        self.consecutive_failures = 0;
        self.probes.clear();
    }

    /// Whether one more probe may be under way.
    pub(crate) fn wants_probe(&self, probing: &Probing) -> bool {
        let in_flight = self.probes.in_flight();
        let needed = self.config.probes.verdict.still_needed(probing);
        in_flight < self.config.probes.max_concurrent
            && needed.is_none_or(|needed| u32::from(in_flight) < needed)
    }

    /// A probe may take as long as a call; without a limit on calls, as long as the circuit would stay open.
    fn probe_lifetime(&self) -> Span {
        self.config.timeout.unwrap_or(self.backoff.next)
    }
}
