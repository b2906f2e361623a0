//! Outcome of a call.

use crate::time::Span;
use crate::window::Answer;

/// Duration below which a passed deadline says nothing about the dependency: 10 ms.
pub const ALMOST_NO_TIME: Span = Span::from_micros(10_000);

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
    /// The caller gave up. No evidence, unless the call had become slow: it then counts as slow, and neither way.
    Aborted,
    /// The deadline of the caller passed: a timeout, unless the call was given almost no time.
    Deadline,
    /// The call has not begun: frees the permit, and is no call. It may be admitted again later.
    Withdrawn,
    /// The dependency failed and named a time to wait: opens the circuit for that time at once.
    OpenFor(Span),
}

impl Outcome {
    /// Returns the outcome that counts, once the duration of the call is known: that of a passed deadline. A call whose
    /// duration was not measured has timed out.
    #[must_use]
    pub fn resolved(self, duration: Option<Span>) -> Self {
        match (self, duration) {
            (Self::Deadline, Some(duration)) if duration < ALMOST_NO_TIME => Self::Ignored,
            (Self::Deadline, _) => Self::Timeout,
            _ => self,
        }
    }

    /// Whether the outcome counts as a failure.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            Self::Failure | Self::Timeout | Self::Deadline | Self::OpenFor(_)
        )
    }

    /// Returns the answer for the window. An aborted call has none; `None` if the outcome is no evidence at all.
    #[inline(always)]
    pub(crate) fn answer(self) -> Option<Answer> {
        match self {
            Self::Success => Some(Answer::Success),
            Self::Failure | Self::Timeout | Self::Deadline | Self::OpenFor(_) => {
                Some(Answer::Failure)
            }
            Self::Aborted => Some(Answer::Missing),
            Self::Ignored | Self::Withdrawn => None,
        }
    }
}
