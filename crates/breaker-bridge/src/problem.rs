//! Problems of options and snapshots.

use crate::value::Value;
use alloc::string::String;
use alloc::vec;
use breaker_core::config::Problem as ConfigProblem;

/// One problem. TypeScript writes the message, because it has the invalid value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Path of the option, such as `window.size`.
    pub option: String,
    /// Kind of the problem.
    pub kind: Kind,
    /// Accepted values; empty for an unknown option.
    pub expected: &'static str,
}

/// Kind of a problem.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Another option excludes it.
    Conflict,
    /// Another option requires it.
    Missing,
    /// The value is out of range.
    Range,
    /// The value has the wrong type.
    Type,
    /// No such option exists.
    Unknown,
}

impl Kind {
    /// Returns the name that crosses.
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
