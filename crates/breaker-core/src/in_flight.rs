//! Calls in flight, and their evidence before they end: an overdue call is a bad sign, and while signs are bad the
//! number of unanswered calls is limited.

use crate::groups::{Group, Groups};
use crate::time::{Instant, Span};
use crate::window::{Answer, Sample};

/// Configuration of watched calls in flight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InFlightConfig {
    /// Limit of unanswered calls while the dependency is unproven; `None` for no limit.
    pub limit: Option<u32>,
    /// Duration after which a call in flight is overdue: `slowCallDuration`, else the call timeout, else the open
    /// time, as for a probe.
    pub overdue_after: Span,
}

/// Calls in flight of this generation, and the evidence of past calls.
#[derive(Clone, Debug)]
pub struct InFlight {
    config: InFlightConfig,
    calls: Groups,
    overdue: u32,
    bad_signs: u32,
    proven: bool,
}

impl InFlight {
    /// Creates an empty record of an unproven dependency.
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

    /// Adds a call. Overdue calls must have been recorded first, see [`next_overdue`](Self::next_overdue).
    pub fn begin(&mut self, now: Instant) -> Group {
        self.calls.begin(now)
    }

    /// Removes a call that has ended, with its sample; `None` for one that is no evidence.
    #[inline(never)]
    pub fn end(&mut self, group: Option<Group>, sample: Option<Sample>) {
        let was_overdue = group.is_some_and(|group| !self.calls.end(group));
        if was_overdue {
            self.overdue = self.overdue.saturating_sub(1);
        }
        match sample {
            None => {}
            Some(Sample {
                answer: Answer::Success,
                slow: false,
            }) => self.prove(),
            Some(_) => self.see_bad_signs(u32::from(!was_overdue)),
        }
    }

    /// Records that the next group of calls became overdue, and returns the time at which it did.
    pub fn next_overdue(&mut self, now: Instant) -> Option<Instant> {
        let (at, calls) = self.calls.next_overdue(now)?;
        self.overdue = self.overdue.saturating_add(calls);
        self.see_bad_signs(calls);
        Some(at)
    }

    /// Forgets the calls in flight, and numbers those of the next generation from the start. The evidence stays.
    pub fn forget(&mut self) {
        self.calls = Groups::new(self.config.overdue_after);
        self.overdue = 0;
    }

    /// Records that the dependency is proven.
    pub fn prove(&mut self) {
        self.proven = true;
        self.bad_signs = 0;
    }

    /// Forgets all evidence about the dependency.
    pub fn doubt(&mut self) {
        self.proven = false;
        self.bad_signs = 0;
    }

    /// Returns the number of calls that are neither answered nor overdue.
    #[must_use]
    pub fn unanswered_at(&self, now: Instant) -> u32 {
        self.calls.unanswered_at(now)
    }

    /// Returns the number of overdue calls.
    #[must_use]
    pub fn overdue_at(&self, now: Instant) -> u32 {
        self.overdue.saturating_add(self.calls.due_at(now))
    }

    /// Returns the number of calls in a row that failed, were slow or became overdue.
    #[must_use]
    pub fn bad_signs_at(&self, now: Instant) -> u32 {
        self.bad_signs.saturating_add(self.calls.due_at(now))
    }

    /// Whether the limit of unanswered calls applies: no call has succeeded yet, or as many bad signs in a row as the
    /// limit.
    #[must_use]
    pub fn is_capped_at(&self, now: Instant) -> bool {
        self.config
            .limit
            .is_some_and(|limit| !self.proven || self.bad_signs_at(now) >= limit)
    }

    /// Returns the time until one more call may be unanswered, if none is answered before.
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
        answer: Answer::Success,
        slow: false,
    });
    const FAILED: Option<Sample> = Some(Sample {
        answer: Answer::Failure,
        slow: false,
    });

    fn watching(limit: u32) -> InFlight {
        InFlight::new(InFlightConfig {
            limit: Some(limit),
            overdue_after: Span::from_millis(15.0),
        })
    }

    #[test]
    fn a_call_that_ends_twice_removes_no_other() {
        let now = Instant::from_millis(0.0);
        let mut calls = watching(1);
        let group = calls.begin(now);
        calls.end(Some(group), None);
        calls.end(Some(group), None);
        assert_eq!((calls.unanswered_at(now), calls.overdue_at(now)), (0, 0));
    }

    #[test]
    fn bad_signs_in_a_row_cap_calls_until_one_succeeds() {
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
