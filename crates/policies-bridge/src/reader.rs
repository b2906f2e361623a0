//! Reads options by name, and tells everything that is wrong with them at once.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use breaker_bridge::problem::Kind;
use breaker_bridge::{Problem, Value};
use breaker_core::ConfigErrors;

const OPTIONS: &str = "an object with options";

/// The options of one policy, and what is wrong with them so far.
pub(crate) struct Reader<'v> {
    given: &'v [(String, Value)],
    known: Vec<&'static str>,
    mistyped: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl<'v> Reader<'v> {
    /// # Errors
    /// What was given is no object.
    pub(crate) fn new(options: &'v Value) -> Result<Self, Vec<Problem>> {
        let Value::Object(given) = options else {
            return Err(vec![Problem {
                option: String::new(),
                kind: Kind::Type,
                expected: OPTIONS,
            }]);
        };
        Ok(Self {
            given,
            known: Vec::new(),
            mistyped: Vec::new(),
            problems: Vec::new(),
        })
    }

    /// What is no number becomes NaN, which no range holds: the core then says what the option takes.
    pub(crate) fn number(&mut self, option: &'static str) -> Option<f64> {
        match self.value(option)? {
            Value::Number(number) => Some(*number),
            _ => {
                self.mistyped.push(option);
                Some(f64::NAN)
            }
        }
    }

    /// Anything, for somebody else to read.
    pub(crate) fn part(&mut self, option: &'static str) -> Option<&'v Value> {
        self.value(option)
    }

    /// One of a few words; nothing where none was given.
    pub(crate) fn word<T: Copy>(
        &mut self,
        option: &'static str,
        words: &[(&str, T)],
        expected: &'static str,
    ) -> Option<T> {
        let value = self.value(option)?;
        if let Value::Text(text) = value
            && let Some((_, meaning)) = words.iter().find(|(word, _)| word == text)
        {
            return Some(*meaning);
        }
        let kind = if matches!(value, Value::Text(_)) {
            Kind::Range
        } else {
            Kind::Type
        };
        self.report(option, kind, expected);
        None
    }

    /// The configuration, if nothing is wrong.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(crate) fn finish<T>(mut self, config: Result<T, ConfigErrors>) -> Result<T, Vec<Problem>> {
        for (name, _) in self.given {
            if !self.known.iter().any(|known| known == name) {
                self.report(name, Kind::Unknown, "");
            }
        }
        match config {
            Ok(config) if self.problems.is_empty() => Ok(config),
            Ok(_) => Err(self.problems),
            Err(errors) => {
                for error in errors.0 {
                    let mistyped = self.mistyped.contains(&error.option);
                    let kind = if mistyped {
                        Kind::Type
                    } else {
                        error.problem.into()
                    };
                    self.report(error.option, kind, error.expected);
                }
                Err(self.problems)
            }
        }
    }

    fn value(&mut self, option: &'static str) -> Option<&'v Value> {
        self.known.push(option);
        let found = self.given.iter().find(|(name, _)| name == option);
        found.map(|(_, value)| value)
    }

    fn report(&mut self, option: &str, kind: Kind, expected: &'static str) {
        self.problems.push(Problem {
            option: option.to_owned(),
            kind,
            expected,
        });
    }
}
