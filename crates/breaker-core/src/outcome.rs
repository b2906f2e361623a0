//! What became of a call.

use crate::time::Span;

/// What became of one admitted call, as classified by the caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The dependency answered.
    Success,
    /// The dependency failed.
    Failure,
    /// The dependency did not answer in time: a failure that is counted as a timeout too.
    Timeout,
    /// Says nothing about the dependency (the caller gave up, a 404): frees its permit, counts neither way.
    Ignored,
    /// The dependency failed and said for how long to leave it alone: opens the circuit for that long at once.
    OpenFor(Span),
}

impl Outcome {
    /// Whether the outcome counts as a failure.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failure | Self::Timeout | Self::OpenFor(_))
    }
}
