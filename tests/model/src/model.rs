//! What can be done to a breaker, and what it then does.

use crate::clock::{Clock, LONGEST_OPEN_TIME, Micros, millis};
use crate::history::{
    Answer, Circuit, CountedIn, Event, Move, Order, Outcome, Reason, Rejection, State,
};
use crate::options::Options;
use crate::rules::Trip;

/// A breaker: its options, and all that ever happened to it.
#[derive(Clone, Debug)]
pub struct Model {
    /// Those that hold now.
    pub(crate) options: Options,
    pub(crate) made_with: Options,
    pub(crate) clock: Clock,
    pub(crate) made: Micros,
    pub(crate) history: Vec<Event>,
}

/// The right to run one call: the generation in which it was given, and which probe of that generation it is, or of which
/// group of calls under way, if any.
/// Shadow gives permits of no generation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Permit {
    pub generation: Option<usize>,
    pub place: Option<usize>,
}

/// What one who asks for a permit is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Admission {
    Admitted(Permit),
    Rejected {
        rejection: Rejection,
        retry_after: Option<Micros>,
    },
}

impl Model {
    /// A closed circuit to which nothing has happened yet.
    #[must_use]
    pub fn new(options: Options, shown: f64) -> Self {
        let clock = Clock::starting(shown);
        Self {
            made_with: options.clone(),
            options,
            made: clock.now(),
            clock,
            history: Vec::new(),
        }
    }

    // --- what time does --------------------------------------------------------------------------------------------

    /// Makes one move that time has made due, if there is one.
    pub fn poll(&mut self, shown: f64) -> Option<Move> {
        self.clock.tell(shown);
        if self.absorbs_time() {
            return None;
        }
        match self.circuit() {
            Circuit::Closed => {
                let tripped = self.poll_under_way();
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

    /// Makes every move that time has made due, and tells the last.
    pub fn poll_all(&mut self, shown: f64) -> Option<Move> {
        let mut last = None;
        while let Some(told) = self.poll(shown) {
            last = Some(told);
        }
        last
    }

    /// The open time is over. Where an order absorbed time, it is over when the order ends.
    fn half_open(&mut self, since: Micros, until: Micros) -> Move {
        let open_time = millis(until - since);
        let told = Move {
            at: until.max(self.last_told().map_or(until, |last| last.at)),
            from: State::Open,
            to: State::HalfOpen,
            reason: Reason::OpenTimeElapsed,
            observed: open_time,
            threshold: open_time,
        };
        self.moved(told, Circuit::HalfOpen, self.order(), false)
    }

    /// Past its deadline a probe has failed, at its deadline.
    fn expire_probes(&mut self) -> Option<Move> {
        while let Some((probe, deadline)) = self.next_deadline() {
            if deadline > self.now() {
                break;
            }
            self.history.push(Event::ProbeExpired { probe });
            let decided = self.judge_probes(Reason::ProbeExpired, deadline);
            if decided.is_some() {
                return decided;
            }
        }
        None
    }

    // --- calls -----------------------------------------------------------------------------------------------------

    /// Asks for a permit.
    pub fn admit(&mut self, shown: f64) -> Admission {
        self.poll_all(shown);
        let asks_ramp = self.lets_circuit_move() && self.place_free_at().is_none();
        let in_ramp = asks_ramp && self.ramp_began().is_some();
        let decided = match self.order() {
            Order::ForcedOpen => Answer::Rejected(Rejection::ForcedOpen),
            Order::ForcedClosed => Answer::Admitted,
            Order::None | Order::Shadow => self.decide(),
        };
        let retry_after = self.retry_after();
        let answer = match decided {
            Answer::Rejected(_) if self.order() == Order::Shadow => Answer::AdmittedByShadow,
            answer => answer,
        };
        self.history.push(Event::Asked {
            at: self.now(),
            in_ramp,
            answer,
        });
        let generation = Some(self.generation());
        match answer {
            Answer::Admitted => Admission::Admitted(Permit {
                generation,
                place: None,
            }),
            Answer::AdmittedAsProbe { probe: place, .. }
            | Answer::AdmittedInGroup { group: place } => Admission::Admitted(Permit {
                generation,
                place: Some(place),
            }),
            Answer::AdmittedByShadow => Admission::Admitted(Permit {
                generation: None,
                place: None,
            }),
            Answer::Rejected(rejection) => Admission::Rejected {
                rejection,
                retry_after,
            },
        }
    }

    /// CLOSED admits every call, or as many as may be without an answer, and the share of them that a ramp admits; OPEN
    /// none; HALF_OPEN so many probes.
    fn decide(&self) -> Answer {
        match self.circuit() {
            Circuit::Closed if self.place_free_at().is_some() => {
                Answer::Rejected(Rejection::InFlightLimit)
            }
            Circuit::Closed if self.ramp_admits() => match self.options.in_flight {
                Some(_) => Answer::AdmittedInGroup {
                    group: self.next_group(),
                },
                None => Answer::Admitted,
            },
            Circuit::Closed => Answer::Rejected(Rejection::Recovering),
            Circuit::Open { .. } => Answer::Rejected(Rejection::Open),
            Circuit::HalfOpen => match self.next_probe() {
                Some(probe) => Answer::AdmittedAsProbe {
                    probe,
                    deadline: self.now() + self.probe_lifetime(),
                },
                None => Answer::Rejected(Rejection::HalfOpenFull),
            },
        }
    }

    /// Takes a permit back.
    pub fn settle(
        &mut self,
        permit: Permit,
        outcome: Outcome,
        duration: Option<Micros>,
        shown: f64,
    ) -> Option<Move> {
        let due = self.poll_all(shown);
        let counted_in = self.counts_in(permit, outcome);
        let older = permit.generation != Some(self.generation());
        let closed = self.order() == Order::ForcedClosed || self.circuit() == Circuit::Closed;
        let shows = !older && closed;
        self.history.push(Event::Settled {
            at: self.now(),
            outcome,
            duration,
            counted_in,
            shows,
            group: permit.place.filter(|_| shows),
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
            (_, _, CountedIn::Probes { .. }) => self.judge_probes(Reason::ProbeFailed, self.now()),
            _ => None,
        };
        decided.or(due)
    }

    /// An older generation counts for nothing; a probe counts as long as it is in flight.
    fn counts_in(&self, permit: Permit, outcome: Outcome) -> CountedIn {
        let for_window = match outcome {
            Outcome::Ignored => CountedIn::Nothing,
            _ => CountedIn::Window,
        };
        match (self.order(), self.circuit()) {
            _ if permit.generation != Some(self.generation()) => CountedIn::Nothing,
            (Order::ForcedClosed, _) | (_, Circuit::Closed) => for_window,
            (_, Circuit::Open { .. }) => CountedIn::Nothing,
            (_, Circuit::HalfOpen) => match permit.place {
                Some(probe) if self.is_in_flight(probe) => CountedIn::Probes { probe },
                _ => CountedIn::Nothing,
            },
        }
    }

    // --- openings and recoveries -----------------------------------------------------------------------------------

    /// A rule or the probes open the circuit, for the open time.
    pub(crate) fn trip(&mut self, trip: Trip, at: Micros) -> Move {
        let failed_recoveries = self.failed_recoveries() + usize::from(self.is_recovering());
        self.open(trip, self.drawn_open_time(failed_recoveries), at)
    }

    /// A failure said for how long to leave the dependency alone.
    fn open_for(&mut self, span: Micros) -> Move {
        let trip = Trip {
            reason: Reason::OpenFor,
            observed: millis(span),
            threshold: 0.0,
        };
        self.open(trip, span, self.now())
    }

    fn open(&mut self, trip: Trip, open_time: Micros, at: Micros) -> Move {
        let failed_recovery = self.is_recovering();
        let told = Move {
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
        self.moved(told, open, self.order(), failed_recovery)
    }

    /// The probes have shown that the dependency is back.
    pub(crate) fn close(&mut self, at: Micros) -> Move {
        let told = Move {
            at,
            from: State::HalfOpen,
            to: State::Closed,
            reason: Reason::ProbesSucceeded,
            observed: self.probe_successes() as f64,
            threshold: self.probes_required() as f64,
        };
        self.moved(told, Circuit::Closed, self.order(), false)
    }

    pub(crate) fn moved(
        &mut self,
        told: Move,
        circuit: Circuit,
        order: Order,
        failed_recovery: bool,
    ) -> Move {
        self.history.push(Event::Moved {
            told,
            circuit,
            order,
            failed_recovery,
        });
        told
    }

    // --- what somebody does to it ----------------------------------------------------------------------------------

    /// Closed, nothing counted, no override; totals stay.
    pub fn reset(&mut self, shown: f64) -> Move {
        self.poll_all(shown);
        let told = self.ordered(self.state(), State::Closed, Reason::Reset);
        self.moved(told, Circuit::Closed, Order::None, false)
    }

    /// The same breaker, made again from a snapshot under a clock that may show anything. Calls in flight are lost to it,
    /// and so is the place in the row of random numbers.
    pub fn restore(&mut self, shown: f64, restored_at: f64) {
        self.poll_all(shown);
        let told = self.ordered(self.state(), self.state(), Reason::Restored);
        self.history.push(Event::Restored { told });
        self.options = self.made_with.clone();
        self.clock.replace(restored_at);
    }

    pub(crate) fn ordered(&self, from: State, to: State, reason: Reason) -> Move {
        Move {
            at: self.now(),
            from,
            to,
            reason,
            observed: 0.0,
            threshold: 0.0,
        }
    }

    // --- where it stands -------------------------------------------------------------------------------------------

    /// The time as it was last told.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.clock.now()
    }

    /// What the clock shows at a time.
    #[must_use]
    pub fn shown_at(&self, time: Micros) -> f64 {
        millis(self.clock.shown_at(time))
    }

    /// The circuit below any override: as the last move left it.
    #[must_use]
    pub fn circuit(&self) -> Circuit {
        let left = self.history.iter().rev().find_map(|event| match event {
            Event::Moved { circuit, .. } => Some(*circuit),
            _ => None,
        });
        left.unwrap_or(Circuit::Closed)
    }

    /// The state below any override.
    #[must_use]
    pub fn circuit_state(&self) -> State {
        match self.circuit() {
            Circuit::Closed => State::Closed,
            Circuit::Open { .. } => State::Open,
            Circuit::HalfOpen => State::HalfOpen,
        }
    }

    /// How often it has moved since it was made, or made again.
    #[must_use]
    pub fn generation(&self) -> usize {
        let life = crate::history::after_last(&self.history, Event::is_restoration);
        life.iter().filter(|event| event.is_move()).count()
    }

    /// The last move, or the restoration if that was later.
    pub(crate) fn last_told(&self) -> Option<Move> {
        self.history.iter().rev().find_map(|event| match event {
            Event::Moved { told, .. } | Event::Restored { told } => Some(*told),
            _ => None,
        })
    }

    /// How long until a call may be admitted; none where only an operator can tell.
    #[must_use]
    pub fn retry_after(&self) -> Option<Micros> {
        match self.order() {
            Order::ForcedOpen => return None,
            Order::ForcedClosed | Order::Shadow => return Some(0),
            Order::None => {}
        }
        let end = match self.circuit() {
            Circuit::Closed => self.place_free_at().or(self.ramp_ends()),
            Circuit::Open { until, .. } => Some(until),
            Circuit::HalfOpen if self.next_probe().is_some() => None,
            Circuit::HalfOpen => self.next_deadline().map(|(_, deadline)| deadline),
        };
        Some(end.map_or(0, |end| (end - self.now()).max(0)))
    }
}
