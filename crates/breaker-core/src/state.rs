//! The states of the circuit, and the moves between them.

use crate::half_open::Probing;
use crate::ramp::RampProgress;
use crate::time::Instant;

/// The state of a circuit, as it is told to people.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CircuitState {
    /// Calls are admitted.
    Closed,
    /// Calls are rejected until the open time is over.
    Open,
    /// A few calls are admitted as probes.
    HalfOpen,
}

/// The state with the data that only this state has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    Closed { ramp: Option<RampProgress> },
    Open { since: Instant, until: Instant },
    HalfOpen(Probing),
}

impl State {
    pub(crate) const CLOSED: Self = Self::Closed { ramp: None };

    pub(crate) fn kind(&self) -> CircuitState {
        match self {
            Self::Closed { .. } => CircuitState::Closed,
            Self::Open { .. } => CircuitState::Open,
            Self::HalfOpen(_) => CircuitState::HalfOpen,
        }
    }
}

/// Why a transition happened.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Reason {
    /// Nothing has happened yet.
    #[default]
    None,
    /// Failures in the window reached `failureThreshold`.
    FailureThreshold,
    /// Failures in a row reached `consecutiveFailureThreshold`.
    ConsecutiveFailures,
    /// The failed share of the calls in the window reached `failureRateThreshold`.
    FailureRate,
    /// The slow share of the calls in the window reached `slowCallRateThreshold`.
    SlowCallRate,
    /// A failure said for how long to leave the dependency alone.
    OpenFor,
    /// A probe failed.
    ProbeFailed,
    /// A probe did not answer before its deadline.
    ProbeExpired,
    /// Too large a share of the probes failed.
    ProbeFailureRate,
    /// The open time was over.
    OpenTimeElapsed,
    /// Enough probes succeeded.
    ProbesSucceeded,
    /// Somebody reset the breaker.
    Reset,
    /// Somebody set or released an override.
    Override,
    /// The breaker was made from a snapshot.
    Restored,
    /// A threshold was going to be reached.
    Predicted,
}

/// One move of the circuit, with the numbers that justify it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition {
    /// The state before.
    pub from: CircuitState,
    /// The state after.
    pub to: CircuitState,
    /// Why.
    pub reason: Reason,
    /// When it became due: for a move that time makes, not when somebody looked.
    pub at: Instant,
    /// The count, rate or milliseconds that the reason is about.
    pub observed: f64,
    /// What `observed` reached; 0 where nothing was to be reached.
    pub threshold: f64,
}

impl Transition {
    /// A move that somebody ordered: no number justifies it.
    pub(crate) fn ordered(
        from: CircuitState,
        to: CircuitState,
        reason: Reason,
        at: Instant,
    ) -> Self {
        Self {
            from,
            to,
            reason,
            at,
            observed: 0.0,
            threshold: 0.0,
        }
    }
}
