//! Operations on a breaker, and the selection of the next ones to explore.

use crate::configuration::{Configuration, MILLI, OPEN_FOR, SLOW};
use crate::history::{History, IssuedPermit, PermitState};
use crate::step::SystemState;
use breaker_core::{Outcome, Span};

/// One operation: a clock step, or a call of the breaker's interface at the present time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Operation {
    Clock(Clock),
    Admit,
    /// Settles an issued permit, by its index in [`History::permits`].
    Settle(usize, CallResult),
    Poll,
    ForceOpen,
    /// Releases the latest override, which may have ended.
    Release,
    /// Releases an override that a later one has ended.
    ReleaseEarlier,
    ForceClosed,
    Shadow,
    ReleaseOverride,
    Reset,
    /// Takes a snapshot, and continues with the breaker restored from it.
    Restore,
}

/// Step of the clock. Operations need no clock step between them, so a clock that stands still is covered too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Clock {
    /// Forward by one millisecond.
    On,
    /// Forward to the next instant at which time alone has an effect.
    ToDeadline,
    /// Forward to the microsecond before it.
    JustBeforeDeadline,
    /// Back by one millisecond.
    Back,
}

/// Result of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CallResult {
    Success,
    SlowSuccess,
    Failure,
    SlowFailure,
    Timeout,
    Ignored,
    SlowAborted,
    OpenFor,
}

const ALL_RESULTS: [CallResult; 8] = [
    CallResult::Success,
    CallResult::SlowSuccess,
    CallResult::Failure,
    CallResult::SlowFailure,
    CallResult::Timeout,
    CallResult::Ignored,
    CallResult::SlowAborted,
    CallResult::OpenFor,
];

/// Scope of an exploration: calls and the clock alone, which goes deeper, or overrides as well.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scope {
    Calls,
    Everything,
}

/// Largest number of calls in flight.
const MOST_IN_FLIGHT: usize = 3;

impl CallResult {
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Success | Self::SlowSuccess => Outcome::Success,
            Self::Failure | Self::SlowFailure => Outcome::Failure,
            Self::Timeout => Outcome::Timeout,
            Self::Ignored => Outcome::Ignored,
            Self::SlowAborted => Outcome::Aborted,
            Self::OpenFor => Outcome::OpenFor(Span::from_micros(OPEN_FOR * MILLI)),
        }
    }

    #[must_use]
    pub fn is_slow(self) -> bool {
        matches!(
            self,
            Self::SlowSuccess | Self::SlowFailure | Self::SlowAborted
        )
    }

    /// Whether the dependency has not answered the call.
    #[must_use]
    pub fn has_no_answer(self) -> bool {
        matches!(self, Self::Ignored | Self::SlowAborted)
    }

    /// Returns the duration of the call if it matters: the shortest one of a slow call, or a microsecond less.
    #[must_use]
    pub fn duration(self, configuration: &Configuration) -> Option<Span> {
        configuration.slow_rate?;
        Some(Span::from_micros(if self.is_slow() {
            SLOW * MILLI
        } else {
            SLOW * MILLI - 1
        }))
    }
}

impl Operation {
    /// Whether the operation sets an override, which has a token.
    #[must_use]
    pub fn sets_override(self) -> bool {
        matches!(self, Self::ForceOpen | Self::ForceClosed | Self::Shadow)
    }
}

impl SystemState {
    /// Returns all operations that are possible next.
    #[must_use]
    pub fn operations(&self, configuration: &Configuration, scope: Scope) -> Vec<Operation> {
        let mut operations = self.clock_steps(configuration);
        operations.push(Operation::Poll);
        if self.history.in_flight() < MOST_IN_FLIGHT {
            operations.push(Operation::Admit);
        }
        for index in self.history.permits_to_settle() {
            let results = ALL_RESULTS.into_iter();
            let results =
                results.filter(|result| configuration.slow_rate.is_some() || !result.is_slow());
            operations.extend(results.map(|result| Operation::Settle(index, result)));
        }
        if scope == Scope::Everything {
            operations.extend([
                Operation::ForceOpen,
                Operation::ForceClosed,
                Operation::Shadow,
                Operation::ReleaseOverride,
                Operation::Reset,
                Operation::Restore,
            ]);
            let holds = &self.history.holds;
            operations.extend(holds.latest.map(|_| Operation::Release));
            operations.extend(holds.earlier.map(|_| Operation::ReleaseEarlier));
        }
        operations
    }

    fn clock_steps(&self, configuration: &Configuration) -> Vec<Operation> {
        let mut steps = vec![Clock::On];
        if let Some(deadline) = self.history.next_deadline(configuration, self.clock) {
            steps.push(Clock::ToDeadline);
            if deadline - 1 > self.clock {
                steps.push(Clock::JustBeforeDeadline);
            }
        }
        if self.clock >= self.history.now {
            steps.push(Clock::Back);
        }
        steps.into_iter().map(Operation::Clock).collect()
    }

    /// Returns the time on the clock after a step.
    #[must_use]
    pub fn clock_after(&self, configuration: &Configuration, step: Clock) -> u64 {
        let deadline = || {
            self.history
                .next_deadline(configuration, self.clock)
                .unwrap_or(self.clock)
        };
        match step {
            Clock::On => self.clock + MILLI,
            Clock::ToDeadline => deadline(),
            Clock::JustBeforeDeadline => deadline() - 1,
            Clock::Back => self.clock - MILLI,
        }
    }
}

impl History {
    fn in_flight(&self) -> usize {
        let settled = |issued: &&IssuedPermit| issued.state == PermitState::Settled;
        self.permits.len() - self.permits.iter().filter(settled).count()
    }

    /// Returns the indices of the permits that can be settled; of equal ones the first.
    fn permits_to_settle(&self) -> Vec<usize> {
        let is_first = |index: &usize| {
            let permit = &self.permits[*index];
            !self.permits[..*index]
                .iter()
                .any(|other| other.is_like(permit))
        };
        (0..self.permits.len()).filter(is_first).collect()
    }
}
