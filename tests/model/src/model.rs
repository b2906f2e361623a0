//! Operations on a breaker, and their effects.

use crate::clock::{Clock, LONGEST_OPEN_TIME, Micros, millis};
use crate::history::{
    Circuit, CountedIn, Decision, Event, Outcome, Override, Reason, Rejection, State, Transition,
};
use crate::options::Options;
use crate::rules::Trip;

/// Model of a breaker: its options, and its event log.
#[derive(Clone, Debug)]
pub struct Model {
    /// Options in force, with the latest thresholds.
    pub(crate) options: Options,
    pub(crate) initial_options: Options,
    pub(crate) clock: Clock,
    pub(crate) created_at: Micros,
    pub(crate) history: Vec<Event>,
}

/// The right to run one call: its generation, and the index of its probe or of its group of calls in flight. A permit
/// that only the shadow override granted has no generation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Permit {
    pub generation: Option<usize>,
    pub index: Option<usize>,
}

/// Response to a request for a permit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Admission {
    Admitted(Permit),
    Rejected {
        rejection: Rejection,
        retry_after: Option<Micros>,
    },
}

impl Model {
    /// Creates a closed circuit with an empty log.
    #[must_use]
    pub fn new(options: Options, shown: f64) -> Self {
        let clock = Clock::starting(shown);
        Self {
            initial_options: options,
            options,
            created_at: clock.now(),
            clock,
            history: Vec::new(),
        }
    }

    // --- due transitions --------------------------------------------------------------------------------------------

    /// Makes one due transition, if there is one.
    pub fn poll(&mut self, shown: f64) -> Option<Transition> {
        self.clock.observe(shown);
        if self.absorbs_time() {
            return None;
        }
        match self.circuit() {
            Circuit::Closed => {
                let tripped = self.poll_calls_in_flight();
                if tripped.is_none() {
                    self.end_ramp(self.now());
                }
                tripped
            }
            Circuit::Open { since, until } if self.now() >= until => {
                Some(self.half_open(since, until))
            }
            Circuit::Open { .. } => None,
            Circuit::HalfOpen => self.expire_probes(),
        }
    }

    /// Makes every due transition, and returns the last.
    pub fn poll_all(&mut self, shown: f64) -> Option<Transition> {
        let mut last = None;
        while let Some(transition) = self.poll(shown) {
            last = Some(transition);
        }
        last
    }

    /// Ends the open time. If an override absorbed time, the open time ends with the override.
    fn half_open(&mut self, since: Micros, until: Micros) -> Transition {
        let open_time = millis(until - since);
        let transition = Transition {
            at: until.max(self.last_transition().map_or(until, |last| last.at)),
            from: State::Open,
            to: State::HalfOpen,
            reason: Reason::OpenTimeElapsed,
            observed: open_time,
            threshold: open_time,
        };
        self.moved(transition, Circuit::HalfOpen, self.active_override(), false)
    }

    /// Fails each probe whose deadline has passed, at its deadline.
    fn expire_probes(&mut self) -> Option<Transition> {
        while let Some((probe, deadline)) = self.next_deadline() {
            if deadline > self.now() {
                break;
            }
            self.history.push(Event::ProbeExpired { probe });
            let decided = self.evaluate_probes(Reason::ProbeExpired, deadline);
            if decided.is_some() {
                return decided;
            }
        }
        None
    }

    // --- calls ------------------------------------------------------------------------------------------------------

    /// Requests a permit.
    pub fn admit(&mut self, shown: f64) -> Admission {
        self.poll_all(shown);
        let asks_ramp = self.lets_circuit_move() && self.slot_free_at().is_none();
        let in_ramp = asks_ramp && self.ramp_began().is_some();
        let decided = match self.active_override() {
            Override::ForcedOpen => Decision::Rejected(Rejection::ForcedOpen),
            Override::ForcedClosed => Decision::Admitted,
            Override::None | Override::Shadow => self.decide(),
        };
        let retry_after = self.retry_after();
        let decision = match decided {
            Decision::Rejected(_) if self.active_override() == Override::Shadow => {
                Decision::AdmittedByShadow
            }
            decision => decision,
        };
        self.history.push(Event::Requested {
            at: self.now(),
            in_ramp,
            decision,
        });
        let generation = Some(self.generation());
        match decision {
            Decision::Admitted => Admission::Admitted(Permit {
                generation,
                index: None,
            }),
            Decision::AdmittedAsProbe { probe: index, .. }
            | Decision::AdmittedInGroup { group: index } => Admission::Admitted(Permit {
                generation,
                index: Some(index),
            }),
            Decision::AdmittedByShadow => Admission::Admitted(Permit {
                generation: None,
                index: None,
            }),
            Decision::Rejected(rejection) => Admission::Rejected {
                rejection,
                retry_after,
            },
        }
    }

    /// CLOSED admits every call, within the limits of unanswered calls and of a ramp. OPEN admits none. HALF_OPEN
    /// admits probes.
    fn decide(&self) -> Decision {
        match self.circuit() {
            Circuit::Closed if self.slot_free_at().is_some() => {
                Decision::Rejected(Rejection::InFlightLimit)
            }
            Circuit::Closed if self.ramp_admits() => match self.options.in_flight {
                Some(_) => Decision::AdmittedInGroup {
                    group: self.next_group(),
                },
                None => Decision::Admitted,
            },
            Circuit::Closed => Decision::Rejected(Rejection::Recovering),
            Circuit::Open { .. } => Decision::Rejected(Rejection::Open),
            Circuit::HalfOpen => match self.next_probe() {
                Some(probe) => Decision::AdmittedAsProbe {
                    probe,
                    deadline: self.now() + self.probe_lifetime(),
                },
                None => Decision::Rejected(Rejection::HalfOpenFull),
            },
        }
    }

    /// Settles a permit with the outcome of its call.
    pub fn settle(
        &mut self,
        permit: Permit,
        outcome: Outcome,
        duration: Option<Micros>,
        shown: f64,
    ) -> Option<Transition> {
        let due = self.poll_all(shown);
        let outcome = outcome.resolved(duration);
        let counted_in = self.counts_in(permit, outcome, duration);
        let older = permit.generation != Some(self.generation());
        let closed =
            self.active_override() == Override::ForcedClosed || self.circuit() == Circuit::Closed;
        let is_evidence = !older && closed;
        self.history.push(Event::Settled {
            at: self.now(),
            outcome,
            duration,
            counted_in,
            is_evidence,
            group: permit.index.filter(|_| is_evidence),
        });
        if older || !self.lets_circuit_move() {
            return due;
        }
        let decided = match (outcome, self.circuit(), counted_in) {
            (Outcome::OpenFor(span), Circuit::Closed, _)
            | (Outcome::OpenFor(span), Circuit::HalfOpen, CountedIn::Probes { .. }) => {
                Some(self.open_for(span))
            }
            (_, Circuit::Closed, CountedIn::Window) => self
                .tripped(outcome)
                .map(|trip| self.trip(trip, self.now())),
            (_, _, CountedIn::Probes { .. }) => {
                self.evaluate_probes(Reason::ProbeFailed, self.now())
            }
            _ => None,
        };
        decided.or(due)
    }

    /// Returns the count that an outcome enters. An older generation enters none; a probe counts while it is in
    /// flight.
    fn counts_in(&self, permit: Permit, outcome: Outcome, duration: Option<Micros>) -> CountedIn {
        let for_window = if outcome.is_evidence(self.is_slow(duration)) {
            CountedIn::Window
        } else {
            CountedIn::Nothing
        };
        match (self.active_override(), self.circuit()) {
            _ if permit.generation != Some(self.generation()) => CountedIn::Nothing,
            (Override::ForcedClosed, _) | (_, Circuit::Closed) => for_window,
            (_, Circuit::Open { .. }) => CountedIn::Nothing,
            (_, Circuit::HalfOpen) => match permit.index {
                Some(probe) if self.is_in_flight(probe) => CountedIn::Probes { probe },
                _ => CountedIn::Nothing,
            },
        }
    }

    // --- openings and recoveries ------------------------------------------------------------------------------------

    /// Opens the circuit for the open time.
    pub(crate) fn trip(&mut self, trip: Trip, at: Micros) -> Transition {
        let failed_recoveries = self.failed_recoveries() + usize::from(self.is_recovering());
        self.open(trip, self.drawn_open_time(failed_recoveries), at)
    }

    /// Opens the circuit for the time that a failure asked for.
    fn open_for(&mut self, span: Micros) -> Transition {
        let trip = Trip {
            reason: Reason::OpenFor,
            observed: millis(span),
            threshold: 0.0,
        };
        self.open(trip, span, self.now())
    }

    /// Opens the circuit by an operator's order, which is no failed recovery.
    pub(crate) fn open_without_growth(&mut self, trip: Trip, open_time: Micros) -> Transition {
        self.open_after(trip, open_time, self.now(), false)
    }

    fn open(&mut self, trip: Trip, open_time: Micros, at: Micros) -> Transition {
        self.open_after(trip, open_time, at, self.is_recovering())
    }

    fn open_after(
        &mut self,
        trip: Trip,
        open_time: Micros,
        at: Micros,
        failed_recovery: bool,
    ) -> Transition {
        let transition = Transition {
            at,
            from: self.circuit_state(),
            to: State::Open,
            reason: trip.reason,
            observed: trip.observed,
            threshold: trip.threshold,
        };
        let open = Circuit::Open {
            since: at,
            until: at + open_time.min(LONGEST_OPEN_TIME),
        };
        self.moved(transition, open, self.active_override(), failed_recovery)
    }

    /// Closes the circuit after the probes succeeded.
    pub(crate) fn close(&mut self, at: Micros) -> Transition {
        let transition = Transition {
            at,
            from: State::HalfOpen,
            to: State::Closed,
            reason: Reason::ProbesSucceeded,
            observed: self.probe_successes() as f64,
            threshold: self.probes_required() as f64,
        };
        self.moved(transition, Circuit::Closed, self.active_override(), false)
    }

    pub(crate) fn moved(
        &mut self,
        transition: Transition,
        circuit: Circuit,
        override_: Override,
        failed_recovery: bool,
    ) -> Transition {
        self.history.push(Event::Moved {
            transition,
            circuit,
            override_,
            failed_recovery,
        });
        transition
    }

    // --- operator commands ------------------------------------------------------------------------------------------

    /// Closes the circuit, empties the window and releases any override. Totals stay.
    pub fn reset(&mut self, shown: f64) -> Transition {
        self.poll_all(shown);
        let transition = self.ordered(self.state(), State::Closed, Reason::Reset);
        self.moved(transition, Circuit::Closed, Override::None, false)
    }

    /// Restores the breaker from its own snapshot, under a clock that may show any time. Calls in flight are lost,
    /// and the sequence of random numbers starts again.
    pub fn restore(&mut self, shown: f64, restored_at: f64) {
        self.poll_all(shown);
        let transition = self.ordered(self.state(), self.state(), Reason::Restored);
        self.history.push(Event::Restored { transition });
        self.options = self.initial_options;
        self.clock.replace(restored_at);
    }

    pub(crate) fn ordered(&self, from: State, to: State, reason: Reason) -> Transition {
        Transition {
            at: self.now(),
            from,
            to,
            reason,
            observed: 0.0,
            threshold: 0.0,
        }
    }

    // --- readings of the state --------------------------------------------------------------------------------------

    /// Returns the latest observed time.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.clock.now()
    }

    /// Returns the time that the owner's clock shows at a time of the model.
    #[must_use]
    pub fn shown_at(&self, time: Micros) -> f64 {
        millis(self.clock.shown_at(time))
    }

    /// Returns the circuit beneath any override, as the last transition left it.
    #[must_use]
    pub fn circuit(&self) -> Circuit {
        let left = self.history.iter().rev().find_map(|event| match event {
            Event::Moved { circuit, .. } => Some(*circuit),
            _ => None,
        });
        left.unwrap_or(Circuit::Closed)
    }

    /// Returns the state beneath any override.
    #[must_use]
    pub fn circuit_state(&self) -> State {
        match self.circuit() {
            Circuit::Closed => State::Closed,
            Circuit::Open { .. } => State::Open,
            Circuit::HalfOpen => State::HalfOpen,
        }
    }

    /// Returns the number of transitions since construction or restoration.
    #[must_use]
    pub fn generation(&self) -> usize {
        let life = crate::history::after_last(&self.history, Event::is_restoration);
        life.iter().filter(|event| event.is_transition()).count()
    }

    /// Returns the last transition, or the restoration if it was later.
    pub(crate) fn last_transition(&self) -> Option<Transition> {
        self.history.iter().rev().find_map(|event| match event {
            Event::Moved { transition, .. } | Event::Restored { transition } => Some(*transition),
            _ => None,
        })
    }

    /// Returns the time until a call may be admitted; `None` if only an operator can end the rejection.
    #[must_use]
    pub fn retry_after(&self) -> Option<Micros> {
        match self.active_override() {
            Override::ForcedOpen => return None,
            Override::ForcedClosed | Override::Shadow => return Some(0),
            Override::None => {}
        }
        let end = match self.circuit() {
            Circuit::Closed => self.slot_free_at().or(self.ramp_ends()),
            Circuit::Open { until, .. } => Some(until),
            Circuit::HalfOpen if self.next_probe().is_some() => None,
            Circuit::HalfOpen => self.next_deadline().map(|(_, deadline)| deadline),
        };
        Some(end.map_or(0, |end| (end - self.now()).max(0)))
    }
}
