//! States of the circuit, and transitions between them.

use crate::half_open::Probing;
use crate::ramp::RampProgress;
use crate::time::Instant;

/// Public state of a circuit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CircuitState {
    /// Calls are admitted.
    Closed,
    /// Calls are rejected until the open time is over.
    Open,
    /// A few calls are admitted as probes.
    HalfOpen,
}

/// State with its data.
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

/// Reason of a transition.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Reason {
    /// No transition has happened yet.
    #[default]
    None,
    /// Failures in the window reached `failureThreshold`.
    FailureThreshold,
    /// Failures in a row reached `consecutiveFailureThreshold`.
    ConsecutiveFailures,
    /// The failure rate in the window reached `failureRateThreshold`.
    FailureRate,
    /// The slow-call rate in the window reached `slowCallRateThreshold`.
    SlowCallRate,
    /// A failure named a time for which to leave the dependency alone.
    OpenFor,
    /// A probe failed.
    ProbeFailed,
    /// A probe did not answer before its deadline.
    ProbeExpired,
    /// The failure rate of the probes reached its threshold.
    ProbeFailureRate,
    /// The open time was over.
    OpenTimeElapsed,
    /// Enough probes succeeded.
    ProbesSucceeded,
    /// An operator reset the breaker.
    Reset,
    /// An operator set or released an override.
    Override,
    /// The breaker was restored from a snapshot.
    Restored,
    /// A threshold was predicted to be reached.
    Predicted,
    /// An operator opened the circuit for a time.
    Manual,
    /// An operator changed the rule for probes while the circuit was half-open.
    Updated,
}

/// One transition of the circuit, with the numbers that justify it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition {
    /// The state before.
    pub from: CircuitState,
    /// The state after.
    pub to: CircuitState,
    /// Reason of the transition.
    pub reason: Reason,
    /// Time at which it became due, which may be before it was made.
    pub at: Instant,
    /// Count, rate or milliseconds that the reason is about.
    pub observed: f64,
    /// Threshold that `observed` reached; 0 if there is none.
    pub threshold: f64,
}

impl Transition {
    /// Creates a transition by an operator's command, which no number justifies.
    pub(crate) fn commanded(
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
