//! The event log of a breaker: everything that ever happened to it.

use crate::clock::Micros;

/// State of a circuit. The numbers cross to TypeScript.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Closed = 0,
    Open = 1,
    HalfOpen = 2,
}

/// State of the circuit beneath any override, with its times.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Circuit {
    Closed,
    Open { since: Micros, until: Micros },
    HalfOpen,
}

/// Override that an operator has set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Override {
    None = 0,
    ForcedOpen = 1,
    ForcedClosed = 2,
    Shadow = 3,
}

/// Reason of a transition.
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
    Manual = 15,
    Updated = 16,
}

/// Reason of a rejection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rejection {
    Open = -1,
    HalfOpenFull = -2,
    ForcedOpen = -3,
    Recovering = -4,
    InFlightLimit = -5,
}

/// Outcome of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    Success,
    Failure,
    Timeout,
    Ignored,
    /// The caller gave up. The call counts as slow if it was, and neither way.
    Aborted,
    /// The deadline of the caller passed.
    Deadline,
    /// The call has not begun, and is no call.
    Withdrawn,
    /// A failure with the time for which to leave the dependency alone.
    OpenFor(Micros),
}

impl Outcome {
    /// Returns the outcome that counts: a deadline that passed within 10 ms says nothing, and any other is a timeout.
    #[must_use]
    pub fn resolved(self, duration: Option<Micros>) -> Self {
        match self {
            Self::Deadline if duration.is_some_and(|duration| duration < 10_000) => Self::Ignored,
            Self::Deadline => Self::Timeout,
            _ => self,
        }
    }

    /// Whether the outcome says anything about the dependency.
    #[must_use]
    pub fn is_evidence(self, slow: bool) -> bool {
        match self {
            Self::Ignored | Self::Withdrawn => false,
            Self::Aborted => slow,
            _ => true,
        }
    }

    /// Whether the outcome is a failure. A timeout is one, and so is a failure with a retry time.
    #[must_use]
    pub fn failed(self) -> bool {
        matches!(self, Self::Failure | Self::Timeout | Self::OpenFor(_))
    }
}

/// A transition, with the numbers that justify it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition {
    pub at: Micros,
    pub from: State,
    pub to: State,
    pub reason: Reason,
    pub observed: f64,
    pub threshold: f64,
}

/// The count that an outcome enters, beside the totals.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CountedIn {
    /// No count: the outcome was ignored, or its permit belongs to an older generation.
    Nothing,
    Window,
    /// The verdict over the probes. The probe is no longer in flight.
    Probes {
        probe: usize,
    },
}

/// Decision about a request for a permit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    Admitted,
    AdmittedAsProbe {
        probe: usize,
        deadline: Micros,
    },
    /// Admitted by a closed circuit that watches calls in flight.
    AdmittedInGroup {
        group: usize,
    },
    Rejected(Rejection),
    /// Admitted by the shadow override. The state would have rejected the call.
    AdmittedByShadow,
}

/// One event of the log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    Requested {
        at: Micros,
        /// Whether a ramp took part in the decision.
        in_ramp: bool,
        decision: Decision,
    },
    Settled {
        at: Micros,
        outcome: Outcome,
        duration: Option<Micros>,
        counted_in: CountedIn,
        /// Whether the outcome is evidence of the dependency's health: the permit is of this generation and no
        /// probe's.
        is_evidence: bool,
        /// Group of calls in flight that the call belonged to.
        group: Option<usize>,
    },
    ProbeExpired {
        probe: usize,
    },
    RampEnded,
    /// Thresholds were replaced.
    Retuned {
        at: Micros,
    },
    /// An override was set. Its token is the number of such events so far.
    Held,
    HolderAdded,
    HolderReleased,
    Moved {
        transition: Transition,
        /// The circuit after the transition.
        circuit: Circuit,
        /// The override after the transition.
        override_: Override,
        /// Whether the transition ended a recovery that was in progress.
        failed_recovery: bool,
    },
    /// The breaker was restored from a snapshot.
    Restored {
        transition: Transition,
    },
}

impl Event {
    /// Whether the event is a transition for this reason.
    #[must_use]
    pub fn is_transition_for(&self, wanted: Reason) -> bool {
        matches!(self, Self::Moved { transition, .. } if transition.reason == wanted)
    }

    /// Whether the event is a transition.
    #[must_use]
    pub fn is_transition(&self) -> bool {
        matches!(self, Self::Moved { .. })
    }

    /// Whether the event is a restoration from a snapshot.
    #[must_use]
    pub fn is_restoration(&self) -> bool {
        matches!(self, Self::Restored { .. })
    }

    /// Whether the event empties the window: the circuit recovered, or was reset.
    #[must_use]
    pub fn empties_the_window(&self) -> bool {
        self.is_transition_for(Reason::ProbesSucceeded) || self.is_transition_for(Reason::Reset)
    }
}

/// Returns the events after the last one of a kind, or all events if there is none.
pub fn after_last(history: &[Event], is: impl Fn(&Event) -> bool) -> &[Event] {
    let begin = history.iter().rposition(is).map_or(0, |last| last + 1);
    &history[begin..]
}
