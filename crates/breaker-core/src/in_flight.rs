//! Calls under way, and what they say before they end: one that is overdue is a bad sign already, and while signs are
//! bad only so many calls may be without an answer.

use crate::groups::{Group, Groups};
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

/// The calls under way in this generation, and what calls have shown.
#[derive(Clone, Debug)]
pub struct InFlight {
    config: InFlightConfig,
    calls: Groups,
    overdue: u32,
    bad_signs: u32,
    proven: bool,
}

impl InFlight {
    /// No calls, and a dependency of which nothing is known.
    #[must_use]
    pub fn new(config: InFlightConfig) -> Self {
        Self {
            config,
            calls: Groups::new(config.overdue_after),
            overdue: 0,
            bad_signs: 0,
            proven: false,
        }
    }

    /// Adds a call. What became overdue before must have been seen, see [`next_overdue`](Self::next_overdue).
    pub fn begin(&mut self, now: Instant) -> Group {
        self.calls.begin(now)
    }

    /// Takes a call out that has ended, with what the rules see of it; nothing where it counts neither way.
    #[inline(never)]
    pub fn end(&mut self, group: Option<Group>, sample: Option<Sample>) {
        let was_overdue = group.is_some_and(|group| !self.calls.end(group));
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

    /// Sees that the next calls have become overdue, and tells when that was.
    pub fn next_overdue(&mut self, now: Instant) -> Option<Instant> {
        let (at, calls) = self.calls.next_overdue(now)?;
        self.overdue = self.overdue.saturating_add(calls);
        self.see_bad_signs(calls);
        Some(at)
    }

    /// The calls under way no longer count, and those of the next generation are numbered anew. What they showed stays.
    pub fn forget(&mut self) {
        self.calls = Groups::new(self.config.overdue_after);
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

    /// Calls that are neither answered nor overdue.
    #[must_use]
    pub fn unanswered_at(&self, now: Instant) -> u32 {
        self.calls.unanswered_at(now)
    }

    /// Calls that have run for too long and still run.
    #[must_use]
    pub fn overdue_at(&self, now: Instant) -> u32 {
        self.overdue.saturating_add(self.calls.due_at(now))
    }

    /// Calls in a row that failed, were slow or became overdue.
    #[must_use]
    pub fn bad_signs_at(&self, now: Instant) -> u32 {
        self.bad_signs.saturating_add(self.calls.due_at(now))
    }

    /// Whether no more than the limit may be without an answer: nothing has succeeded yet, or the last so many signs
    /// were all bad.
    #[must_use]
    pub fn is_capped_at(&self, now: Instant) -> bool {
        self.config
            .limit
            .is_some_and(|limit| !self.proven || self.bad_signs_at(now) >= limit)
    }

    /// How long until one more call may be without an answer, if none is answered before.
    #[inline(never)]
    #[must_use]
    pub fn wait_at(&self, now: Instant) -> Span {
        match self.config.limit {
            Some(limit) if self.is_capped_at(now) => self.calls.fewer_at(limit, now).since(now),
            Some(_) | None => Span::ZERO,
        }
    }

    fn see_bad_signs(&mut self, more: u32) {
        self.bad_signs = self.bad_signs.saturating_add(more);
        self.proven &= self.config.limit.is_none_or(|limit| self.bad_signs < limit);
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

    fn watching(limit: u32) -> InFlight {
        InFlight::new(InFlightConfig {
            limit: Some(limit),
            overdue_after: Span::from_millis(15.0),
        })
    }

    #[test]
    fn a_call_that_ends_twice_takes_nothing_more_out() {
        let now = Instant::from_millis(0.0);
        let mut calls = watching(1);
        let group = calls.begin(now);
        calls.end(Some(group), None);
        calls.end(Some(group), None);
        assert_eq!((calls.unanswered_at(now), calls.overdue_at(now)), (0, 0));
    }

    #[test]
    fn bad_signs_in_a_row_take_the_proof_away_and_one_good_answer_brings_it_back() {
        let now = Instant::from_millis(0.0);
        let mut calls = watching(2);
        assert!(calls.is_capped_at(now));
        calls.prove();
        calls.end(None, FAILED);
        assert!(!calls.is_capped_at(now));
        calls.end(None, FAILED);
        assert!(calls.is_capped_at(now));
        calls.end(None, GOOD);
        assert!(!calls.is_capped_at(now));
    }
}
