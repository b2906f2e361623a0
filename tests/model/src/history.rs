//! All that ever happened to a breaker.

use crate::clock::Micros;

/// The state of a circuit. The numbers are those that cross to TypeScript.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Closed = 0,
    Open = 1,
    HalfOpen = 2,
}

/// The circuit below any override.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Circuit {
    Closed,
    Open { since: Micros, until: Micros },
    HalfOpen,
}

/// A standing order of an operator.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    None = 0,
    ForcedOpen = 1,
    ForcedClosed = 2,
    Shadow = 3,
}

/// Why the circuit moved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    None = 0,
    FailureThreshold = 1,
    ConsecutiveFailures = 2,
    FailureRate = 3,
    SlowCallRate = 4,
    OpenFor = 5,
    ProbeFailed = 6,
    ProbeExpired = 7,
    ProbeFailureRate = 8,
    OpenTimeElapsed = 9,
    ProbesSucceeded = 10,
    Reset = 11,
    Override = 12,
    Restored = 13,
    Predicted = 14,
}

/// Why a call was not admitted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rejection {
    Open = -1,
    HalfOpenFull = -2,
    ForcedOpen = -3,
    Recovering = -4,
    InFlightLimit = -5,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    Success,
    Failure,
    Timeout,
    Ignored,
    /// A failure that said for how long to leave the dependency alone.
    OpenFor(Micros),
}

impl Outcome {
    /// A timeout is a failure, and so is one that says when to come back.
    #[must_use]
    pub fn failed(self) -> bool {
        matches!(self, Self::Failure | Self::Timeout | Self::OpenFor(_))
    }
}

/// A move, with the numbers that justify it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    pub at: Micros,
    pub from: State,
    pub to: State,
    pub reason: Reason,
    pub observed: f64,
    pub threshold: f64,
}

/// What an outcome counted for, beside the totals.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CountedIn {
    /// Nothing: it was ignored, or its permit was of an older generation.
    Nothing,
    Window,
    /// The verdict over the probes, and it is no longer in flight.
    Probes {
        probe: usize,
    },
}

/// The answer to one who asked for a permit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    Admitted,
    AdmittedAsProbe {
        probe: usize,
        deadline: Micros,
    },
    /// Admitted by a closed circuit that watches the calls under way.
    AdmittedInGroup {
        group: usize,
    },
    Rejected(Rejection),
    /// Admitted, because the order is to shadow; the state would have rejected it.
    AdmittedByShadow,
}

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    Asked {
        at: Micros,
        /// Whether a ramp had to say yes.
        in_ramp: bool,
        answer: Answer,
    },
    Settled {
        at: Micros,
        outcome: Outcome,
        duration: Option<Micros>,
        counted_in: CountedIn,
        /// Whether it shows how the dependency is: its permit was of this generation, and it was no probe.
        shows: bool,
        /// The group of calls under way that it was of.
        group: Option<usize>,
    },
    ProbeExpired {
        probe: usize,
    },
    RampEnded,
    /// Other thresholds hold from here on.
    Retuned {
        at: Micros,
    },
    HolderAdded,
    HolderReleased,
    Moved {
        told: Move,
        /// The circuit afterwards.
        circuit: Circuit,
        /// The order afterwards.
        order: Order,
        /// Whether it ended a recovery that was under way.
        failed_recovery: bool,
    },
    /// The breaker was made again from a snapshot; `told` is what is told about it.
    Restored {
        told: Move,
    },
}

impl Event {
    /// Whether it is a move for this reason.
    #[must_use]
    pub fn moved_for(&self, wanted: Reason) -> bool {
        matches!(self, Self::Moved { told, .. } if told.reason == wanted)
    }

    /// Whether it is a move.
    #[must_use]
    pub fn is_move(&self) -> bool {
        matches!(self, Self::Moved { .. })
    }

    /// Whether it is the birth from a snapshot.
    #[must_use]
    pub fn is_restoration(&self) -> bool {
        matches!(self, Self::Restored { .. })
    }

    /// Whether it ends all that was counted: the circuit recovered, or was reset.
    #[must_use]
    pub fn empties_the_window(&self) -> bool {
        self.moved_for(Reason::ProbesSucceeded) || self.moved_for(Reason::Reset)
    }
}

/// What happened after the last event of a kind; all of it where there was none.
pub fn after_last(history: &[Event], is: impl Fn(&Event) -> bool) -> &[Event] {
    let begin = history.iter().rposition(is).map_or(0, |last| last + 1);
    &history[begin..]
}
