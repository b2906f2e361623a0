//! Calls in flight, grouped by time of admission: those admitted close together become overdue together.

use crate::time::{Instant, Span};

/// Number of groups in the ring.
const GROUPS: u16 = 17;
/// Number of group numbers, after which they start again.
const NUMBERS: u32 = 65_535;
const _: () = assert!(
    NUMBERS.is_multiple_of(GROUPS as u32),
    "a group keeps its slot in the ring when the numbers start again"
);
/// Divisor of the time until calls are overdue: a group admits calls for one part of it. During that time, and until the
/// last of them is overdue, fewer groups can begin than the ring holds.
const SHARE_OF_GROUP: u64 = 15;

/// Number of a group of calls, below `u16::MAX`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Group(pub u16);

/// Ring of the groups whose calls are neither answered nor overdue. The cost of an operation is constant.
///
/// A call that outlasts 65 535 groups can be confused with one of a later group when it ends. The other call then
/// counts as overdue until it ends too. The totals are exact all the while.
#[derive(Clone, Debug)]
pub struct Groups {
    overdue_after: Span,
    ring: [Members; GROUPS as usize],
    oldest: Group,
    held: u16,
    unanswered: u32,
}

#[derive(Clone, Copy, Debug)]
struct Members {
    first: Instant,
    last: Instant,
    unanswered: u32,
}

impl Members {
    const NONE: Self = Self {
        first: Instant::NEVER,
        last: Instant::NEVER,
        unanswered: 0,
    };
}

impl Group {
    fn later(self, by: u16) -> Self {
        let number = u32::from(self.0).wrapping_add(u32::from(by));
        Self((number % NUMBERS) as u16)
    }

    /// Returns the number of groups from `earlier` to this one.
    fn since(self, earlier: Self) -> u16 {
        let ahead = u32::from(self.0).wrapping_add(NUMBERS);
        (ahead.wrapping_sub(u32::from(earlier.0)) % NUMBERS) as u16
    }
}

impl Groups {
    /// Creates an empty ring.
    #[must_use]
    pub fn new(overdue_after: Span) -> Self {
        Self {
            overdue_after,
            ring: [Members::NONE; GROUPS as usize],
            oldest: Group(0),
            held: 0,
            unanswered: 0,
        }
    }

    /// Adds a call. Overdue groups must have been removed first, see [`next_overdue`](Self::next_overdue).
    #[inline(never)]
    pub fn begin(&mut self, now: Instant) -> Group {
        let newest = self.oldest.later(self.held.saturating_sub(1));
        let takes_more = self.held == GROUPS || !self.is_complete(newest, now);
        let group = if self.held > 0 && takes_more {
            newest
        } else {
            let begun = self.oldest.later(self.held);
            self.held = self.held.saturating_add(1);
            if let Some(members) = self.members_mut(begun) {
                members.first = now;
            }
            begun
        };
        if let Some(members) = self.members_mut(group) {
            members.last = now;
            members.unanswered = members.unanswered.saturating_add(1);
        }
        self.unanswered = self.unanswered.saturating_add(1);
        group
    }

    /// Removes a call that has ended. Returns `false` if the call is overdue and no longer in the ring.
    pub fn end(&mut self, group: Group) -> bool {
        if group.since(self.oldest) >= self.held {
            return false;
        }
        let Some(members) = self.members_mut(group) else {
            return false;
        };
        if members.unanswered == 0 {
            return false;
        }
        members.unanswered = members.unanswered.saturating_sub(1);
        self.unanswered = self.unanswered.saturating_sub(1);
        true
    }

    /// Removes the next overdue group with unanswered calls. Returns the time at which it became overdue, and the
    /// number of its calls.
    #[inline(never)]
    pub fn next_overdue(&mut self, now: Instant) -> Option<(Instant, u32)> {
        while self.held > 0 {
            let members = self.members(self.oldest);
            let at = self.overdue_at(&members);
            if now < at {
                return None;
            }
            if let Some(left) = self.members_mut(self.oldest) {
                *left = Members::NONE;
            }
            self.oldest = self.oldest.later(1);
            self.held = self.held.saturating_sub(1);
            if members.unanswered > 0 {
                self.unanswered = self.unanswered.saturating_sub(members.unanswered);
                return Some((at, members.unanswered));
            }
        }
        None
    }

    /// Returns the number of calls that are overdue but not yet removed.
    #[inline(never)]
    #[must_use]
    pub fn due_at(&self, now: Instant) -> u32 {
        let due = self
            .each()
            .take_while(|members| now >= self.overdue_at(members));
        due.fold(0, |calls: u32, members| {
            calls.saturating_add(members.unanswered)
        })
    }

    /// Returns the number of calls that are neither answered nor overdue.
    #[must_use]
    pub fn unanswered_at(&self, now: Instant) -> u32 {
        self.unanswered.saturating_sub(self.due_at(now))
    }

    /// Returns the time at which fewer than `limit` calls are unanswered, if none of them is answered.
    #[must_use]
    pub fn fewer_at(&self, limit: u32, now: Instant) -> Instant {
        let mut unanswered = self.unanswered;
        let mut at = now;
        for members in self.each() {
            if unanswered < limit {
                break;
            }
            unanswered = unanswered.saturating_sub(members.unanswered);
            at = self.overdue_at(&members);
        }
        at
    }

    fn is_complete(&self, group: Group, now: Instant) -> bool {
        let taken_for = now.since(self.members(group).first);
        taken_for.times(SHARE_OF_GROUP) >= self.overdue_after
    }

    /// Returns the time at which the last call of a group is overdue, and so all of them.
    fn overdue_at(&self, members: &Members) -> Instant {
        members.last.after(self.overdue_after)
    }

    fn each(&self) -> impl Iterator<Item = Members> {
        (0..self.held).map(|by| self.members(self.oldest.later(by)))
    }

    fn members(&self, group: Group) -> Members {
        let index = usize::from(group.0 % GROUPS);
        self.ring.get(index).copied().unwrap_or(Members::NONE)
    }

    fn members_mut(&mut self, group: Group) -> Option<&mut Members> {
        self.ring.get_mut(usize::from(group.0 % GROUPS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: f64) -> Instant {
        Instant::from_millis(millis)
    }

    fn groups(overdue_after: f64) -> Groups {
        Groups::new(Span::from_millis(overdue_after))
    }

    /// Removes all overdue groups, and returns the number of their calls.
    fn take_out(groups: &mut Groups, now: Instant) -> u32 {
        let mut calls = 0;
        while let Some((_, overdue)) = groups.next_overdue(now) {
            calls = overdue.saturating_add(calls);
        }
        calls
    }

    #[test]
    fn readings_match_the_removed_groups() {
        let mut groups = groups(150.0);
        for step in 0..5 {
            groups.begin(at(f64::from(step) * 40.0));
        }
        let now = at(232.0);
        assert_eq!((groups.unanswered_at(now), groups.due_at(now)), (2, 3));
        assert_eq!(groups.fewer_at(2, now), at(120.0 + 150.0));
        assert_eq!(take_out(&mut groups, now), 3);
        assert_eq!((groups.unanswered_at(now), groups.due_at(now)), (2, 0));
        assert_eq!(groups.fewer_at(2, now), at(120.0 + 150.0));
    }

    #[test]
    fn the_ring_always_has_room_for_one_more_group() {
        for overdue_after in [0.001, 0.014, 0.015, 0.016, 0.029, 1.0, 7.3, 1_500.0] {
            let mut groups = groups(overdue_after);
            let step = Span::from_millis(overdue_after).divided_by(Span::from_micros(15));
            let mut now = at(0.0);
            let (mut begun, mut overdue) = (0, 0);
            for _ in 0..1_000 {
                overdue += take_out(&mut groups, now);
                let held = groups.held;
                groups.begin(now);
                begun += u32::from(groups.held > held);
                assert!(groups.held < GROUPS, "{overdue_after}");
                now = now.after(Span::from_micros(step.max(1)));
            }
            assert!(begun >= 50, "{overdue_after}: only {begun} groups");
            assert_eq!(groups.unanswered + overdue, 1_000);
        }
    }

    #[test]
    fn finds_calls_after_the_numbers_start_again() {
        let mut groups = groups(15.0);
        for step in 0..200_000 {
            let now = at(f64::from(step) * 2.0);
            assert_eq!(take_out(&mut groups, now), 0);
            let group = groups.begin(now);
            assert!(u32::from(group.0) < NUMBERS);
            assert!(groups.end(group), "{step}");
            assert_eq!(groups.unanswered, 0, "{step}");
        }
    }

    #[test]
    fn an_ended_group_is_distinct_from_the_next_in_its_slot() {
        let mut groups = groups(15.0);
        let hung = groups.begin(at(0.0));
        let mut next = hung;
        for step in 1..=GROUPS {
            let now = at(f64::from(step) * 2.0);
            take_out(&mut groups, now);
            next = groups.begin(now);
        }
        assert_eq!(next.0 % GROUPS, hung.0 % GROUPS);
        assert!(!groups.end(hung));
        assert!(groups.end(next));
    }

    #[test]
    fn counts_a_call_once_that_outlasts_all_numbers() {
        let mut groups = groups(15.0);
        let hung = groups.begin(at(0.0));
        let mut overdue = 0;
        for step in 1..NUMBERS {
            let now = at(f64::from(step) * 2.0);
            overdue += take_out(&mut groups, now);
            let group = groups.begin(now);
            assert!(groups.end(group));
        }
        let last = groups.begin(at(f64::from(NUMBERS) * 2.0));
        assert_eq!((last, overdue, groups.unanswered), (hung, 1, 1));
        assert!(groups.end(hung));
        assert!(!groups.end(last));
        assert_eq!(groups.unanswered, 0);
    }
}
