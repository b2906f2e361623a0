//! Transitions of a circuit: all of them are in this file.
//!
//! ```text
//!            a rule trips, openFor                    the open time is over
//!   CLOSED ────────────────────────▶ OPEN ──────────────────────────────────▶ HALF_OPEN
//!      ▲                               ▲                                          │ │
//!      │                               └──── a probe fails or expires ────────────┘ │
//!      └───────────────────────────────────── enough probes succeed ────────────────┘
//! ```

use crate::backoff::Backoff;
use crate::breaker::Breaker;
use crate::half_open::Probing;
use crate::overrides::Override;
use crate::permit::Permit;
use crate::ramp::RampProgress;
use crate::rules::Trip;
use crate::state::{CircuitState, Reason, State, Transition};
use crate::time::{Instant, Span};

impl Breaker {
    #[cold]
    pub(crate) fn trip(&mut self, trip: Trip, at: Instant) -> Transition {
        self.count_failed_recovery();
        let open_time = self
            .backoff
            .open_time(&self.config.open_time, &mut self.random);
        self.open(trip, open_time, at)
    }

    #[cold]
    pub(crate) fn open_for(&mut self, span: Span, at: Instant) -> Transition {
        self.count_failed_recovery();
        let trip = Trip {
            reason: Reason::OpenFor,
            observed: span.as_millis(),
            threshold: 0.0,
        };
        self.open(trip, span, at)
    }

    pub(crate) fn open(&mut self, trip: Trip, open_time: Span, at: Instant) -> Transition {
        let from = self.state.kind();
        self.probes.clear();
        self.window.expire(at);
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

    pub(crate) fn half_open(&mut self, open_time: Span, at: Instant) -> Transition {
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

    pub(crate) fn close(&mut self, probing: Probing, at: Instant) -> Transition {
        self.forget_outcomes(at);
        if let Some(in_flight) = &mut self.in_flight {
            in_flight.prove();
        }
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

    pub(crate) fn change_override(&mut self, override_: Override, now: Instant) -> Transition {
        let from = self.effective_state();
        self.override_ = override_;
        self.probes.clear();
        if let State::HalfOpen(_) = self.state {
            self.state = State::HalfOpen(Probing::default());
        }
        let to = self.effective_state();
        self.moved(Transition::commanded(from, to, Reason::Override, now))
    }

    /// Applies a transition: the part that all of them share.
    pub(crate) fn moved(&mut self, transition: Transition) -> Transition {
        self.generation = self.generation.next();
        self.last = transition;
        self.renew_pass();
        if let Some(in_flight) = &mut self.in_flight {
            in_flight.forget();
        }
        // With shadow, callers experience its start, and no transition after that.
        let experienced =
            self.override_ != Override::Shadow || transition.reason == Reason::Override;
        if experienced && transition.from != transition.to {
            self.lifetime.state_changed(transition.to, transition.at);
        }
        transition
    }

    /// Recomputes the pass, which admits and settles calls on the fast path.
    pub(crate) fn renew_pass(&mut self) {
        self.pass = match (&self.override_, &self.state, &self.in_flight) {
            (Override::None, State::Closed { ramp: None }, None) => {
                Permit::new(self.generation, None)
            }
            _ => Permit::NONE,
        };
    }

    /// Counts an opening during probes or a ramp as a failed recovery: the next open time grows.
    fn count_failed_recovery(&mut self) {
        match self.state {
            State::HalfOpen(_) | State::Closed { ramp: Some(_) } => {
                self.backoff.grow(&self.config.open_time);
            }
            State::Closed { ramp: None } | State::Open { .. } => {}
        }
    }

    pub(crate) fn forget_outcomes(&mut self, now: Instant) {
        self.window.clear(now);
        self.consecutive_failures = 0;
        self.probes.clear();
    }
}
