//! Calls in flight. An overdue call counts as slow before it ends. While the dependency is unproven, the number of
//! unanswered calls is limited.

use crate::clock::Micros;
use crate::history::{Circuit, Decision, Event, Reason, Transition, after_last};
use crate::model::Model;

/// Divisor of the time until calls are overdue: a group admits calls for one part of it.
const GROUPS_UNTIL_OVERDUE: Micros = 15;

/// Calls in flight at one time, and their evidence about the dependency.
#[derive(Clone, Debug, Default)]
pub struct CallsInFlight {
    groups: Vec<Group>,
    /// Number of calls in a row that failed, were slow or became overdue.
    pub bad_signs: u64,
    proven: bool,
}

/// Calls of one generation that were admitted close together.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: Micros,
    last: Micros,
    running: u64,
    /// Whether the calls of the group are overdue.
    overdue: bool,
}

impl CallsInFlight {
    /// Returns the number of calls that are neither answered nor overdue.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        self.running(|group| !group.overdue)
    }

    /// Returns the number of overdue calls.
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

    fn apply(&mut self, event: &Event, model: &Model) {
        match *event {
            Event::Requested {
                at,
                decision: Decision::AdmittedInGroup { group },
                ..
            } => {
                self.advance_to(at, model);
                self.start(group, at);
            }
            Event::Settled {
                at,
                outcome,
                duration,
                is_evidence: true,
                group,
                ..
            } => {
                self.advance_to(at, model);
                let was_overdue = group.is_some_and(|group| self.end(group));
                let slow = model.is_slow(duration);
                let bad = outcome.failed() || slow;
                if outcome.is_evidence(slow) && !bad {
                    self.mark_proven();
                } else if outcome.is_evidence(slow) && !was_overdue {
                    self.count_bad_signs(1, model);
                }
            }
            Event::Moved { transition, .. } => {
                self.advance_to(transition.at, model);
                self.groups.clear();
                match transition.reason {
                    Reason::ProbesSucceeded => self.mark_proven(),
                    Reason::Reset => *self = Self::default(),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Advances the time, and marks the groups that became overdue.
    fn advance_to(&mut self, to: Micros, model: &Model) {
        let overdue_after = model.options.overdue_after();
        let mut became = 0;
        for group in &mut self.groups {
            if !group.overdue && group.last + overdue_after <= to {
                group.overdue = true;
                became += group.running;
            }
        }
        self.count_bad_signs(became, model);
    }

    fn start(&mut self, group: usize, at: Micros) {
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

    /// Ends a call of a group, and returns whether the call was overdue. A second settlement, after all calls of the
    /// group have ended, counts as one of an overdue call.
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

    fn count_bad_signs(&mut self, more: u64, model: &Model) {
        self.bad_signs += more;
        let limit = model.options.in_flight_limit();
        self.proven &= limit.is_none_or(|limit| self.bad_signs < limit);
    }

    fn mark_proven(&mut self) {
        self.proven = true;
        self.bad_signs = 0;
    }
}

impl Model {
    /// Returns the calls in flight at a time after every logged event.
    #[must_use]
    pub fn calls_in_flight(&self, at: Micros) -> CallsInFlight {
        let mut calls = CallsInFlight::default();
        if self.options.in_flight.is_some() {
            for event in after_last(&self.history, Event::is_restoration) {
                calls.apply(event, self);
            }
            calls.advance_to(at, self);
        }
        calls
    }

    /// Whether the number of unanswered calls is limited now.
    #[must_use]
    pub fn is_capped(&self) -> bool {
        self.options.in_flight_limit().is_some() && !self.calls_in_flight(self.now()).proven
    }

    /// Returns the time at which the next slot becomes free, if a closed circuit rejects calls for lack of one.
    pub(crate) fn slot_free_at(&self) -> Option<Micros> {
        let limit = self.options.in_flight_limit()?;
        if self.circuit() != Circuit::Closed || !self.is_capped() {
            return None;
        }
        let full = |at: &Micros| self.calls_in_flight(*at).unanswered() >= limit;
        if !full(&self.now()) {
            return None;
        }
        self.overdue_times().into_iter().find(|at| !full(at))
    }

    /// Returns the group of a call that is admitted now.
    pub(crate) fn next_group(&self) -> usize {
        let groups = self.calls_in_flight(self.now()).groups;
        let taken_for = |group: &Group| (self.now() - group.first) * GROUPS_UNTIL_OVERDUE;
        match groups.last() {
            Some(last) if taken_for(last) < self.options.overdue_after() => groups.len() - 1,
            _ => groups.len(),
        }
    }

    /// Returns the times at which the calls in flight become overdue, if no other event happens.
    pub(crate) fn overdue_times(&self) -> Vec<Micros> {
        let asked = after_last(&self.history, |event| {
            event.is_transition() || event.is_restoration()
        });
        let last_event = asked.iter().rev().find_map(|event| match event {
            Event::Requested { at, .. } | Event::Settled { at, .. } | Event::Retuned { at } => {
                Some(*at)
            }
            _ => None,
        });
        let Some(last_event) = last_event else {
            return Vec::new();
        };
        let to_come = self.calls_in_flight(last_event).groups.into_iter();
        let to_come = to_come.filter(|group| !group.overdue && group.running > 0);
        let overdue_after = self.options.overdue_after();
        to_come.map(|group| group.last + overdue_after).collect()
    }

    /// Marks overdue calls one group after the other, and opens the circuit if the slow-call rule trips.
    pub(crate) fn poll_calls_in_flight(&mut self) -> Option<Transition> {
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
