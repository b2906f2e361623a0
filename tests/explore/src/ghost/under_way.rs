//! Calls under way, and what they show before they end.

use super::{Ghost, Held, Phase, Standing};
use crate::configuration::Configuration;
use crate::operation::Ending;

/// A group takes calls for so much of the time until they are overdue.
const PARTS: u64 = 15;

/// Calls that were admitted close together.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    pub first: u64,
    pub last: u64,
    /// Whether it was seen that they have become overdue.
    pub overdue: bool,
}

/// What calls have shown since the last that went well.
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

impl Ghost {
    /// How many calls may be without an answer, where that is limited now.
    #[must_use]
    pub fn cap(&self, configuration: &Configuration) -> Option<u32> {
        let limit = configuration.in_flight.filter(|limit| *limit > 0)?;
        let Evidence { bad_signs, proven } = self.evidence;
        (!proven || bad_signs >= limit).then_some(limit)
    }

    /// Calls without an answer, and those that are overdue.
    #[must_use]
    pub fn under_way(&self) -> [u32; 2] {
        [false, true].map(|overdue| {
            let groups = self.groups.iter().enumerate();
            let groups = groups.filter(|(_, group)| group.overdue == overdue);
            groups.map(|(place, _)| self.running(place)).sum()
        })
    }

    fn running(&self, group: usize) -> u32 {
        let running = |held: &&Held| {
            held.group == Some(group)
                && held.generation == self.generation
                && held.standing == Standing::InFlight
        };
        self.permits.iter().filter(running).count() as u32
    }

    /// When groups that still run will be overdue, the earliest first.
    #[must_use]
    pub fn overdue_times(&self, configuration: &Configuration) -> Vec<(u64, usize)> {
        let groups = self.groups.iter().enumerate();
        let waiting = groups.filter(|(place, group)| !group.overdue && self.running(*place) > 0);
        waiting
            .map(|(place, group)| (group.last + configuration.overdue_after(), place))
            .collect()
    }

    /// When a call under way gives its place up, where a closed circuit admits no more beside those.
    #[must_use]
    pub fn place_free_at(&self, configuration: &Configuration) -> Option<u64> {
        let cap = self.cap(configuration)?;
        let Phase::Closed { .. } = self.phase else {
            return None;
        };
        let [mut unanswered, _] = self.under_way();
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

    /// The group that a call is of which a closed circuit admits now.
    pub(super) fn join(&mut self, configuration: &Configuration) -> Option<usize> {
        configuration.in_flight?;
        let is_closed = matches!(self.phase, Phase::Closed { .. }) && self.is_free();
        if !is_closed {
            return None;
        }
        let now = self.now;
        match self.groups.last_mut() {
            Some(group) if (now - group.first) * PARTS < configuration.overdue_after() => {
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

    /// A call that counts has ended, and was of this group.
    pub(super) fn learn(
        &mut self,
        configuration: &Configuration,
        group: Option<usize>,
        ending: Ending,
    ) {
        let is_closed = matches!(self.phase, Phase::Closed { .. });
        let was_overdue = group.is_some_and(|group| self.groups[group].overdue);
        if ending == Ending::Ignored || !is_closed && self.is_free() {
            return;
        }
        let bad = ending.outcome().is_failure() || Self::is_slow(configuration, ending);
        if !bad {
            self.evidence = Evidence::GOOD;
        } else if !was_overdue {
            self.see_bad_signs(configuration, 1);
        }
    }

    /// Sees the next calls that are overdue by now, and tells when they became so.
    pub(super) fn next_overdue(&mut self, configuration: &Configuration) -> Option<u64> {
        let times = self.overdue_times(configuration).into_iter();
        let (at, group) = times.min().filter(|(at, _)| *at <= self.now)?;
        self.groups[group].overdue = true;
        self.see_bad_signs(configuration, self.running(group));
        Some(at)
    }

    fn see_bad_signs(&mut self, configuration: &Configuration, more: u32) {
        self.evidence.bad_signs += more;
        let limit = configuration.in_flight.filter(|limit| *limit > 0);
        if limit.is_some_and(|limit| self.evidence.bad_signs >= limit) {
            self.evidence.proven = false;
        }
    }
}
