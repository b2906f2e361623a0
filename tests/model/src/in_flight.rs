//! Calls under way: an overdue one is slow before it ends, and while the dependency is unproven only so many may be without
//! an answer.

use crate::clock::Micros;
use crate::history::{Answer, Circuit, Event, Move, Outcome, Reason, after_last};
use crate::model::Model;

/// A group takes calls for so much of the time until they are overdue.
const PARTS: Micros = 15;

/// What the calls under way show at a time.
#[derive(Clone, Debug, Default)]
pub struct UnderWay {
    groups: Vec<Group>,
    /// Calls in a row that failed, were slow or became overdue.
    pub bad_signs: u64,
    proven: bool,
}

/// Calls of one generation that were admitted close together.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: Micros,
    last: Micros,
    running: u64,
    /// Whether its time has come.
    overdue: bool,
}

impl UnderWay {
    /// Calls that are neither answered nor overdue.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        self.running(|group| !group.overdue)
    }

    /// Calls that are overdue.
    #[must_use]
    pub fn overdue(&self) -> u64 {
        self.running(|group| group.overdue)
    }

    fn running(&self, is: impl Fn(&&Group) -> bool) -> u64 {
        self.groups
            .iter()
            .filter(is)
            .map(|group| group.running)
            .sum()
    }

    fn see(&mut self, event: &Event, model: &Model) {
        match *event {
            Event::Asked {
                at,
                answer: Answer::AdmittedInGroup { group },
                ..
            } => {
                self.pass(at, model);
                self.begin(group, at);
            }
            Event::Settled {
                at,
                outcome,
                duration,
                shows: true,
                group,
                ..
            } => {
                self.pass(at, model);
                let was_overdue = group.is_some_and(|group| self.end(group));
                let bad = outcome.failed() || model.is_slow(duration);
                if outcome != Outcome::Ignored && !bad {
                    self.prove();
                } else if outcome != Outcome::Ignored && !was_overdue {
                    self.see_bad_signs(1, model);
                }
            }
            Event::Moved { told, .. } => {
                self.pass(told.at, model);
                self.groups.clear();
                match told.reason {
                    Reason::ProbesSucceeded => self.prove(),
                    Reason::Reset => *self = Self::default(),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Time goes by, and calls become overdue.
    fn pass(&mut self, to: Micros, model: &Model) {
        let overdue_after = model.options.overdue_after();
        let mut became = 0;
        for group in &mut self.groups {
            if !group.overdue && group.last + overdue_after <= to {
                group.overdue = true;
                became += group.running;
            }
        }
        self.see_bad_signs(became, model);
    }

    fn begin(&mut self, group: usize, at: Micros) {
        if group == self.groups.len() {
            self.groups.push(Group {
                first: at,
                last: at,
                running: 0,
                overdue: false,
            });
        }
        let group = &mut self.groups[group];
        group.last = at;
        group.running += 1;
    }

    /// Ends a call of a group, and tells whether it was overdue. One that is settled again when all of its group have ended
    /// is taken for one that is overdue.
    fn end(&mut self, group: usize) -> bool {
        let own = self.groups.get_mut(group);
        if let Some(own) = own.filter(|own| own.running > 0 && !own.overdue) {
            own.running -= 1;
            return false;
        }
        let overdue = self.groups.iter_mut();
        if let Some(any) = overdue
            .into_iter()
            .find(|any| any.running > 0 && any.overdue)
        {
            any.running -= 1;
        }
        true
    }

    fn see_bad_signs(&mut self, more: u64, model: &Model) {
        self.bad_signs += more;
        let limit = model.options.in_flight_limit();
        self.proven &= limit.is_none_or(|limit| self.bad_signs < limit);
    }

    fn prove(&mut self) {
        self.proven = true;
        self.bad_signs = 0;
    }
}

impl Model {
    /// What the calls under way show at a time after all that happened.
    #[must_use]
    pub fn under_way(&self, at: Micros) -> UnderWay {
        let mut seen = UnderWay::default();
        if self.options.in_flight.is_some() {
            for event in after_last(&self.history, Event::is_restoration) {
                seen.see(event, self);
            }
            seen.pass(at, self);
        }
        seen
    }

    /// Whether only so many calls may be without an answer.
    #[must_use]
    pub fn is_capped(&self) -> bool {
        self.options.in_flight_limit().is_some() && !self.under_way(self.now()).proven
    }

    /// When a call under way gives its place up, if a closed circuit admits no more beside those.
    pub(crate) fn place_free_at(&self) -> Option<Micros> {
        let limit = self.options.in_flight_limit()?;
        if self.circuit() != Circuit::Closed || !self.is_capped() {
            return None;
        }
        let full = |at: &Micros| self.under_way(*at).unanswered() >= limit;
        if !full(&self.now()) {
            return None;
        }
        self.overdue_times().into_iter().find(|at| !full(at))
    }

    /// Which group a call admitted now is of.
    pub(crate) fn next_group(&self) -> usize {
        let groups = self.under_way(self.now()).groups;
        let taken_for = |group: &Group| (self.now() - group.first) * PARTS;
        match groups.last() {
            Some(last) if taken_for(last) < self.options.overdue_after() => groups.len() - 1,
            _ => groups.len(),
        }
    }

    /// When calls under way become overdue that are not yet, if nothing more happens.
    pub(crate) fn overdue_times(&self) -> Vec<Micros> {
        let asked = after_last(&self.history, |event| {
            event.is_move() || event.is_restoration()
        });
        let last_event = asked.iter().rev().find_map(|event| match event {
            Event::Asked { at, .. } | Event::Settled { at, .. } | Event::Retuned { at } => Some(*at),
            _ => None,
        });
        let Some(last_event) = last_event else {
            return Vec::new();
        };
        let to_come = self.under_way(last_event).groups.into_iter();
        let to_come = to_come.filter(|group| !group.overdue && group.running > 0);
        let overdue_after = self.options.overdue_after();
        to_come.map(|group| group.last + overdue_after).collect()
    }

    /// Sees which calls have become overdue, one after the other, and whether that opens the circuit.
    pub(crate) fn poll_under_way(&mut self) -> Option<Move> {
        for at in self.overdue_times() {
            if at > self.now() {
                break;
            }
            self.end_ramp(at);
            if let Some(trip) = self.slow_call_rate_tripped(at) {
                return Some(self.trip(trip, at));
            }
        }
        None
    }
}
