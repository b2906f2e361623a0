//! What can be done to a breaker, and what is worth doing next.

use crate::configuration::{Configuration, MILLI, OPEN_FOR, SLOW};
use crate::ghost::{Ghost, Held, Standing};
use crate::step::World;
use breaker_core::{Outcome, Span};

/// One thing that happens: the clock moves, or somebody does something at the time it shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Operation {
    Clock(Clock),
    Admit,
    /// Hands back one of the permits that were given, by its place in [`Ghost::permits`].
    Settle(usize, Ending),
    Poll,
    ForceOpen,
    ReleaseForcedOpen,
    ForceClosed,
    Shadow,
    ReleaseOverride,
    Reset,
    /// Takes a snapshot and goes on with a breaker that is made from it.
    Restore,
}

/// How far the clock moves. It need not move for things to happen: that it stands still is a case of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Clock {
    /// One millisecond on.
    On,
    /// On to the next instant at which time alone changes something.
    ToDeadline,
    /// On to the microsecond before it.
    JustBeforeDeadline,
    /// One millisecond back.
    Back,
}

/// How a call ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    Success,
    SlowSuccess,
    Failure,
    SlowFailure,
    Timeout,
    Ignored,
    OpenFor,
}

const EVERY_ENDING: [Ending; 7] = [
    Ending::Success,
    Ending::SlowSuccess,
    Ending::Failure,
    Ending::SlowFailure,
    Ending::Timeout,
    Ending::Ignored,
    Ending::OpenFor,
];

/// What is explored: calls and the clock alone, which goes deeper, or the operator's orders with them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scope {
    Calls,
    Everything,
}

/// More calls than this are never in flight at once.
const MOST_IN_FLIGHT: usize = 3;

impl Ending {
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Success | Self::SlowSuccess => Outcome::Success,
            Self::Failure | Self::SlowFailure => Outcome::Failure,
            Self::Timeout => Outcome::Timeout,
            Self::Ignored => Outcome::Ignored,
            Self::OpenFor => Outcome::OpenFor(Span::from_micros(OPEN_FOR * MILLI)),
        }
    }

    #[must_use]
    pub fn is_slow(self) -> bool {
        matches!(self, Self::SlowSuccess | Self::SlowFailure)
    }

    /// How long the call took, where that matters: as long as a slow call at least takes, or a microsecond less.
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

impl World {
    /// Everything that can happen next.
    #[must_use]
    pub fn operations(&self, configuration: &Configuration, scope: Scope) -> Vec<Operation> {
        let mut operations = self.clock_steps(configuration);
        operations.push(Operation::Poll);
        if self.ghost.in_flight() < MOST_IN_FLIGHT {
            operations.push(Operation::Admit);
        }
        for place in self.ghost.permits_to_settle() {
            let endings = EVERY_ENDING.into_iter();
            let endings =
                endings.filter(|ending| configuration.slow_rate.is_some() || !ending.is_slow());
            operations.extend(endings.map(|ending| Operation::Settle(place, ending)));
        }
        if scope == Scope::Everything {
            operations.extend([
                Operation::ForceOpen,
                Operation::ReleaseForcedOpen,
                Operation::ForceClosed,
                Operation::Shadow,
                Operation::ReleaseOverride,
                Operation::Reset,
                Operation::Restore,
            ]);
        }
        operations
    }

    fn clock_steps(&self, configuration: &Configuration) -> Vec<Operation> {
        let mut steps = vec![Clock::On];
        if let Some(deadline) = self.ghost.next_deadline(configuration, self.clock) {
            steps.push(Clock::ToDeadline);
            if deadline - 1 > self.clock {
                steps.push(Clock::JustBeforeDeadline);
            }
        }
        if self.clock >= self.ghost.now {
            steps.push(Clock::Back);
        }
        steps.into_iter().map(Operation::Clock).collect()
    }

    /// What the clock shows after a step.
    #[must_use]
    pub fn clock_after(&self, configuration: &Configuration, step: Clock) -> u64 {
        let deadline = || {
            self.ghost
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

impl Ghost {
    fn in_flight(&self) -> usize {
        let settled = |held: &&Held| held.standing == Standing::Settled;
        self.permits.len() - self.permits.iter().filter(settled).count()
    }

    /// The permits that can be handed back, by place; of equal ones the first.
    fn permits_to_settle(&self) -> Vec<usize> {
        let is_first = |place: &usize| {
            let permit = &self.permits[*place];
            !self.permits[..*place]
                .iter()
                .any(|other| other.is_like(permit))
        };
        (0..self.permits.len()).filter(is_first).collect()
    }
}
