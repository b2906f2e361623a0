//! Outcome of a call.

use crate::time::Span;

/// Outcome of one admitted call, as classified by the caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The dependency answered.
    Success,
    /// The dependency failed.
    Failure,
    /// The dependency did not answer in time: a failure that also counts as a timeout.
    Timeout,
    /// No evidence about the dependency (the caller gave up, a 404): frees the permit, and counts neither way.
    Ignored,
    /// The call has not begun: frees the permit, and is no call. It may be admitted again later.
    Withdrawn,
    /// The dependency failed and named a time to wait: opens the circuit for that time at once.
    OpenFor(Span),
}

impl Outcome {
    /// Whether the outcome is evidence about the dependency.
    #[must_use]
    pub fn is_evidence(self) -> bool {
        !matches!(self, Self::Ignored | Self::Withdrawn)
    }

    /// Whether the outcome counts as a failure.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failure | Self::Timeout | Self::OpenFor(_))
    }
}
