//! What is wrong with something that was given.

use crate::value::Value;
use alloc::string::String;
use alloc::vec;
use breaker_core::config::Problem as ConfigProblem;

/// One thing that is wrong. The message is made in TypeScript, which has the value as it was given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Where, as a path such as `window.size`.
    pub option: String,
    /// What kind of thing is wrong.
    pub kind: Kind,
    /// What it takes instead; empty for an unknown option.
    pub expected: &'static str,
}

/// What kind of thing is wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// It excludes another option that was given too.
    Conflict,
    /// It is needed by what was given.
    Missing,
    /// Its value is out of range.
    Range,
    /// Its value has the wrong type.
    Type,
    /// There is no such option.
    Unknown,
}

impl Kind {
    /// The name that crosses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Missing => "missing",
            Self::Range => "range",
            Self::Type => "type",
            Self::Unknown => "unknown",
        }
    }
}

impl From<ConfigProblem> for Kind {
    fn from(problem: ConfigProblem) -> Self {
        match problem {
            ConfigProblem::Conflict => Self::Conflict,
            ConfigProblem::Missing => Self::Missing,
            ConfigProblem::Range => Self::Range,
        }
    }
}

impl From<&Problem> for Value {
    fn from(problem: &Problem) -> Self {
        Self::object(vec![
            ("option", problem.option.as_str().into()),
            ("kind", problem.kind.name().into()),
            ("expected", problem.expected.into()),
        ])
    }
}
