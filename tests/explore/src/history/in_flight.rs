//! Calls in flight, and the evidence that they give before they end.

use super::{History, IssuedPermit, PermitState, Phase};
use crate::configuration::Configuration;
use crate::operation::CallResult;

/// Divisor of the time until calls are overdue: a group admits calls for one part of it.
const GROUPS_UNTIL_OVERDUE: u64 = 15;

/// Calls that were admitted close together.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    pub first: u64,
    pub last: u64,
    /// Whether the calls have been recorded as overdue.
    pub overdue: bool,
}

/// Evidence about the dependency since the last good call.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Evidence {
    pub bad_signs: u32,
    pub proven: bool,
}

impl Evidence {
    pub const GOOD: Self = Self {
        bad_signs: 0,
        proven: true,
    };
}

impl History {
    /// Returns the limit of unanswered calls, if it applies now.
    #[must_use]
    pub fn cap(&self, configuration: &Configuration) -> Option<u32> {
        let limit = configuration.in_flight.filter(|limit| *limit > 0)?;
        let Evidence { bad_signs, proven } = self.evidence;
        (!proven || bad_signs >= limit).then_some(limit)
    }

    /// Returns the number of unanswered and of overdue calls.
    #[must_use]
    pub fn calls_in_flight(&self) -> [u32; 2] {
        [false, true].map(|overdue| {
            let groups = self.groups.iter().enumerate();
            let groups = groups.filter(|(_, group)| group.overdue == overdue);
            groups.map(|(index, _)| self.running(index)).sum()
        })
    }

    fn running(&self, group: usize) -> u32 {
        let running = |issued: &&IssuedPermit| {
            issued.group == Some(group)
                && issued.generation == self.generation
                && issued.state == PermitState::InFlight
        };
        self.permits.iter().filter(running).count() as u32
    }

    /// Returns the times at which running groups become overdue, the earliest first.
    #[must_use]
    pub fn overdue_times(&self, configuration: &Configuration) -> Vec<(u64, usize)> {
        let groups = self.groups.iter().enumerate();
        let waiting = groups.filter(|(index, group)| !group.overdue && self.running(*index) > 0);
        waiting
            .map(|(index, group)| (group.last + configuration.overdue_after(), index))
            .collect()
    }

    /// Returns the time at which the next slot becomes free, if a closed circuit rejects calls for lack of one.
    #[must_use]
    pub fn slot_free_at(&self, configuration: &Configuration) -> Option<u64> {
        let cap = self.cap(configuration)?;
        let Phase::Closed { .. } = self.phase else {
            return None;
        };
        let [mut unanswered, _] = self.calls_in_flight();
        let mut free_at = None;
        for (at, group) in self.overdue_times(configuration) {
            if unanswered < cap {
                break;
            }
            unanswered -= self.running(group);
            free_at = Some(at);
        }
        free_at
    }

    /// Adds a call to the group of calls admitted now, and returns the group's index.
    pub(super) fn join_group(&mut self, configuration: &Configuration) -> Option<usize> {
        configuration.in_flight?;
        let is_closed = matches!(self.phase, Phase::Closed { .. }) && self.can_move();
        if !is_closed {
            return None;
        }
        let now = self.now;
        match self.groups.last_mut() {
            Some(group)
                if (now - group.first) * GROUPS_UNTIL_OVERDUE < configuration.overdue_after() =>
            {
                group.last = now;
            }
            _ => self.groups.push(Group {
                first: now,
                last: now,
                overdue: false,
            }),
        }
        Some(self.groups.len() - 1)
    }

    /// Records the evidence of a counted call that ended.
    pub(super) fn record_evidence(
        &mut self,
        configuration: &Configuration,
        group: Option<usize>,
        result: CallResult,
    ) {
        let is_closed = matches!(self.phase, Phase::Closed { .. });
        let was_overdue = group.is_some_and(|group| self.groups[group].overdue);
        if result.has_no_answer() && !result.is_slow() || !is_closed && self.can_move() {
            return;
        }
        let bad = result.outcome().is_failure() || Self::is_slow(configuration, result);
        if !bad {
            self.evidence = Evidence::GOOD;
        } else if !was_overdue {
            self.count_bad_signs(configuration, 1);
        }
    }

    /// Marks the next overdue group, and returns the time at which it became overdue.
    pub(super) fn next_overdue(&mut self, configuration: &Configuration) -> Option<u64> {
        let times = self.overdue_times(configuration).into_iter();
        let (at, group) = times.min().filter(|(at, _)| *at <= self.now)?;
        self.groups[group].overdue = true;
        self.count_bad_signs(configuration, self.running(group));
        Some(at)
    }

    fn count_bad_signs(&mut self, configuration: &Configuration, more: u32) {
        self.evidence.bad_signs += more;
        let limit = configuration.in_flight.filter(|limit| *limit > 0);
        if limit.is_some_and(|limit| self.evidence.bad_signs >= limit) {
            self.evidence.proven = false;
        }
    }
}
