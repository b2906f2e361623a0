//! Calls under way, and what they say before they end: one that is overdue is a bad sign already, and while signs are
//! bad only so many calls may be without an answer.

use crate::time::{Instant, Span};
use crate::window::Sample;

/// How calls under way are watched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InFlightConfig {
    /// How many calls may be without an answer while the dependency is unproven; `None` for any number.
    pub limit: Option<u32>,
    /// From when on a call under way is overdue: `slowCallDuration`; without it the call timeout; without that the open
    /// time, as for a probe.
    pub overdue_after: Span,
}

/// Calls that were admitted close together become overdue together: how many such groups are told apart.
const GROUPS: u16 = 17;
/// The numbers of groups, after which they begin anew.
const NUMBERS: u32 = 65_535;
const _: () = assert!(
    NUMBERS.is_multiple_of(GROUPS as u32),
    "a group keeps its place in the ring when the numbers begin anew"
);
/// A group takes calls for this part of the time until they are overdue. In that time, and the time until the last of
/// them is overdue, one group fewer can begin than there is room for.
const SHARE_OF_GROUP: u64 = 15;

/// Which group of calls one belongs to. Below `u16::MAX`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Group(pub u16);

#[derive(Clone, Copy, Debug)]
struct Members {
    first: Instant,
    last: Instant,
    unanswered: u32,
}

/// The calls under way in this generation. Each operation costs the same however many there are.
///
/// A call that outlasts 65 535 groups can be taken for one of a later group when it ends; then that one is taken for
/// overdue in its place until it ends too. How many there are is exact all the while.
#[derive(Clone, Debug)]
pub struct InFlight {
    config: InFlightConfig,
    groups: [Members; GROUPS as usize],
    oldest: Group,
    held: u16,
    unanswered: u32,
    overdue: u32,
    bad_signs: u32,
    proven: bool,
}

impl Members {
    const NONE: Self = Self {
        first: Instant::NEVER,
        last: Instant::NEVER,
        unanswered: 0,
    };

    /// When the last of them is overdue, and so all of them.
    fn overdue_at(&self, config: &InFlightConfig) -> Instant {
        self.last.after(config.overdue_after)
    }
}

impl Group {
    fn later(self, by: u16) -> Self {
        let number = u32::from(self.0).wrapping_add(u32::from(by));
        Self((number % NUMBERS) as u16)
    }

    /// How many groups later this one is.
    fn since(self, earlier: Self) -> u16 {
        let ahead = u32::from(self.0).wrapping_add(NUMBERS);
        (ahead.wrapping_sub(u32::from(earlier.0)) % NUMBERS) as u16
    }
}

impl InFlight {
    /// No calls, and a dependency of which nothing is known.
    #[must_use]
    pub fn new(config: InFlightConfig) -> Self {
        Self {
            config,
            groups: [Members::NONE; GROUPS as usize],
            oldest: Group(0),
            held: 0,
            unanswered: 0,
            overdue: 0,
            bad_signs: 0,
            proven: false,
        }
    }

    /// Adds a call. What became overdue before must have been taken out, see [`next_overdue`](Self::next_overdue).
    #[inline(never)]
    pub fn begin(&mut self, now: Instant) -> Group {
        let newest = self.oldest.later(self.held.saturating_sub(1));
        let takes_more = self.held == GROUPS || !self.is_complete(newest, now);
        let group = if self.held > 0 && takes_more {
            newest
        } else {
            self.held = self.held.saturating_add(1);
            let begun = self.oldest.later(self.held.saturating_sub(1));
            if let Some(members) = self.members_mut(begun) {
                *members = Members {
                    first: now,
                    last: now,
                    unanswered: 0,
                };
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

    /// Takes a call out that has ended, with what the rules see of it; nothing where it counts neither way.
    #[inline(never)]
    pub fn end(&mut self, group: Option<Group>, sample: Option<Sample>) {
        let was_overdue = group.is_some_and(|group| !self.answer(group));
        if was_overdue {
            self.overdue = self.overdue.saturating_sub(1);
        }
        match sample {
            None => {}
            Some(Sample {
                failed: false,
                slow: false,
            }) => self.prove(),
            Some(_) => self.see_bad_signs(u32::from(!was_overdue)),
        }
    }

    /// Makes the next group overdue that is, and tells when it became so and that some of it were still without an
    /// answer.
    #[inline(never)]
    pub fn next_overdue(&mut self, now: Instant) -> Option<Instant> {
        while self.held > 0 {
            let members = self.members(self.oldest);
            let at = members.overdue_at(&self.config);
            if now < at {
                return None;
            }
            self.oldest = self.oldest.later(1);
            self.held = self.held.saturating_sub(1);
            if members.unanswered > 0 {
                self.unanswered = self.unanswered.saturating_sub(members.unanswered);
                self.overdue = self.overdue.saturating_add(members.unanswered);
                self.see_bad_signs(members.unanswered);
                return Some(at);
            }
        }
        None
    }

    /// The calls under way no longer count, and the groups of the next generation are numbered anew. What they showed
    /// stays.
    pub fn forget(&mut self) {
        self.oldest = Group(0);
        self.held = 0;
        self.unanswered = 0;
        self.overdue = 0;
    }

    /// The dependency has answered well.
    pub fn prove(&mut self) {
        self.proven = true;
        self.bad_signs = 0;
    }

    /// Nothing is known of the dependency any more.
    pub fn doubt(&mut self) {
        self.proven = false;
        self.bad_signs = 0;
    }

    /// How many calls may be without an answer while the dependency is unproven.
    #[must_use]
    pub fn limit(&self) -> Option<u32> {
        self.config.limit
    }

    /// Calls that are neither answered nor overdue.
    #[must_use]
    pub fn unanswered_at(&self, now: Instant) -> u32 {
        self.unanswered.saturating_sub(self.due_at(now))
    }

    /// Calls that have run for too long and still run.
    #[must_use]
    pub fn overdue_at(&self, now: Instant) -> u32 {
        self.overdue.saturating_add(self.due_at(now))
    }

    /// Calls in a row that failed, were slow or became overdue.
    #[must_use]
    pub fn bad_signs_at(&self, now: Instant) -> u32 {
        self.bad_signs.saturating_add(self.due_at(now))
    }

    /// Whether no more than the limit may be without an answer: nothing has succeeded yet, or the last so many signs
    /// were all bad.
    #[must_use]
    pub fn is_capped_at(&self, now: Instant) -> bool {
        self.config
            .limit
            .is_some_and(|limit| !self.proven || self.bad_signs_at(now) >= limit)
    }

    /// How long until a place is free, if nothing is answered before.
    #[must_use]
    #[inline(never)]
    pub fn wait_at(&self, now: Instant) -> Span {
        let Some(limit) = self.config.limit.filter(|_| self.is_capped_at(now)) else {
            return Span::ZERO;
        };
        let mut unanswered = self.unanswered;
        let mut free_at = now;
        for members in self.each() {
            if unanswered < limit {
                break;
            }
            unanswered = unanswered.saturating_sub(members.unanswered);
            free_at = members.overdue_at(&self.config);
        }
        free_at.since(now)
    }

    /// Takes the answer of a call. False where the call was overdue.
    fn answer(&mut self, group: Group) -> bool {
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

    fn see_bad_signs(&mut self, more: u32) {
        self.bad_signs = self.bad_signs.saturating_add(more);
        self.proven &= self.config.limit.is_none_or(|limit| self.bad_signs < limit);
    }

    fn is_complete(&self, group: Group, now: Instant) -> bool {
        let taken_for = now.since(self.members(group).first);
        taken_for.times(SHARE_OF_GROUP) >= self.config.overdue_after
    }

    /// The calls that became overdue and were not yet taken out.
    #[inline(never)]
    fn due_at(&self, now: Instant) -> u32 {
        let due = self
            .each()
            .take_while(|members| now >= members.overdue_at(&self.config));
        due.fold(0, |calls: u32, members| {
            calls.saturating_add(members.unanswered)
        })
    }

    fn each(&self) -> impl Iterator<Item = Members> {
        (0..self.held).map(|by| self.members(self.oldest.later(by)))
    }

    fn members(&self, group: Group) -> Members {
        let place = usize::from(group.0 % GROUPS);
        self.groups.get(place).copied().unwrap_or(Members::NONE)
    }

    fn members_mut(&mut self, group: Group) -> Option<&mut Members> {
        self.groups.get_mut(usize::from(group.0 % GROUPS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Option<Sample> = Some(Sample {
        failed: false,
        slow: false,
    });
    const FAILED: Option<Sample> = Some(Sample {
        failed: true,
        slow: false,
    });

    fn at(millis: f64) -> Instant {
        Instant::from_millis(millis)
    }

    fn watching(limit: Option<u32>, overdue_after: f64) -> InFlight {
        InFlight::new(InFlightConfig {
            limit,
            overdue_after: Span::from_millis(overdue_after),
        })
    }

    fn take_out(calls: &mut InFlight, now: Instant) {
        while calls.next_overdue(now).is_some() {}
    }

    #[test]
    fn what_is_read_is_what_is_taken_out() {
        let mut calls = watching(Some(3), 150.0);
        for step in 0..5 {
            calls.begin(at(f64::from(step) * 40.0));
        }
        let now = at(232.0);
        let read = |calls: &InFlight| {
            (
                calls.unanswered_at(now),
                calls.overdue_at(now),
                calls.bad_signs_at(now),
                calls.is_capped_at(now),
                calls.wait_at(now),
            )
        };
        let before = read(&calls);
        assert_eq!((before.0, before.1, before.2), (2, 3, 3));
        take_out(&mut calls, now);
        assert_eq!(read(&calls), before);
    }

    #[test]
    fn there_is_always_room_for_one_more_group() {
        for overdue_after in [0.001, 0.014, 0.015, 0.016, 0.029, 1.0, 7.3, 1_500.0] {
            let mut calls = watching(None, overdue_after);
            let step = Span::from_millis(overdue_after).divided_by(Span::from_micros(15));
            let mut now = at(0.0);
            let mut begun = 0;
            for _ in 0..1_000 {
                take_out(&mut calls, now);
                let held = calls.held;
                calls.begin(now);
                begun += u32::from(calls.held > held);
                assert!(calls.held < GROUPS, "{overdue_after}");
                now = now.after(Span::from_micros(step.max(1)));
            }
            assert!(begun >= 50, "{overdue_after}: only {begun} groups");
            assert_eq!(calls.unanswered + calls.overdue, 1_000);
        }
    }

    #[test]
    fn numbers_begin_anew_and_calls_are_found_all_the_same() {
        let mut calls = watching(Some(10), 15.0);
        for step in 0..200_000 {
            let now = at(f64::from(step) * 2.0);
            take_out(&mut calls, now);
            let group = calls.begin(now);
            assert!(u32::from(group.0) < NUMBERS);
            calls.end(Some(group), GOOD);
            assert_eq!((calls.unanswered, calls.overdue), (0, 0), "{step}");
        }
    }

    #[test]
    fn a_call_that_outlasts_all_numbers_is_one_call_still() {
        let mut calls = watching(None, 15.0);
        let hung = calls.begin(at(0.0));
        let mut now = at(0.0);
        let mut last = hung;
        for step in 1..=NUMBERS {
            now = at(f64::from(step) * 2.0);
            take_out(&mut calls, now);
            last = calls.begin(now);
            if step < NUMBERS {
                calls.end(Some(last), GOOD);
            }
        }
        assert_eq!(last, hung);
        assert_eq!((calls.unanswered, calls.overdue), (1, 1));
        calls.end(Some(hung), None);
        assert_eq!(calls.unanswered + calls.overdue, 1);
        calls.end(Some(last), None);
        assert_eq!((calls.unanswered_at(now), calls.overdue_at(now)), (0, 0));
    }

    #[test]
    fn a_call_that_ends_twice_takes_nothing_more_out() {
        let mut calls = watching(Some(1), 15.0);
        let group = calls.begin(at(0.0));
        calls.end(Some(group), None);
        calls.end(Some(group), None);
        assert_eq!((calls.unanswered, calls.overdue), (0, 0));
    }

    #[test]
    fn bad_signs_in_a_row_take_the_proof_away_and_one_good_answer_brings_it_back() {
        let mut calls = watching(Some(2), 15.0);
        assert!(calls.is_capped_at(at(0.0)));
        calls.prove();
        calls.end(None, FAILED);
        assert!(!calls.is_capped_at(at(0.0)));
        calls.end(None, FAILED);
        assert!(calls.is_capped_at(at(0.0)));
        calls.end(None, GOOD);
        assert!(!calls.is_capped_at(at(0.0)));
    }
}
