//! Reader of options by name. All problems are reported at once.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use breaker_bridge::problem::Kind;
use breaker_bridge::{Problem, Value};
use breaker_core::{ConfigError, ConfigErrors};

const OPTIONS: &str = "an object with options";

/// Options of one policy, and their problems so far.
pub(crate) struct Reader<'v> {
    options: &'v [(String, Value)],
    known: Vec<&'static str>,
    mistyped: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl<'v> Reader<'v> {
    /// Creates a reader.
    ///
    /// # Errors
    /// The options are not an object.
    pub(crate) fn new(options: &'v Value) -> Result<Self, Vec<Problem>> {
        let Value::Object(options) = options else {
            return Err(vec![Problem {
                option: String::new(),
                kind: Kind::Type,
                expected: OPTIONS,
            }]);
        };
        Ok(Self {
            options,
            known: Vec::new(),
            mistyped: Vec::new(),
            problems: Vec::new(),
        })
    }

    /// Reads a number. Any other type becomes NaN, which no range contains, so that the core reports the accepted
    /// values.
    #[inline(never)]
    pub(crate) fn number(&mut self, option: &'static str) -> Option<f64> {
        match self.value(option)? {
            Value::Number(number) => Some(*number),
            _ => {
                self.mistyped.push(option);
                Some(f64::NAN)
            }
        }
    }

    /// Returns the value of an option that another reader parses.
    pub(crate) fn nested(&mut self, option: &'static str) -> Option<&'v Value> {
        self.value(option)
    }

    /// Reads one of a few names, if the option is set.
    pub(crate) fn word<T: Copy>(
        &mut self,
        option: &'static str,
        names: &[(&str, T)],
        expected: &'static str,
    ) -> Option<T> {
        let text = self.text(option, expected)?;
        let known = names.iter().find(|(name, _)| *name == text);
        if known.is_none() {
            self.report(option, Kind::Range, expected);
        }
        known.map(|(_, meaning)| *meaning)
    }

    #[inline(never)]
    fn text(&mut self, option: &'static str, expected: &'static str) -> Option<&'v str> {
        match self.value(option)? {
            Value::Text(text) => Some(text),
            _ => {
                self.report(option, Kind::Type, expected);
                None
            }
        }
    }

    /// Returns the configuration.
    ///
    /// # Errors
    /// Returns all problems.
    pub(crate) fn finish<T>(mut self, config: Result<T, ConfigErrors>) -> Result<T, Vec<Problem>> {
        let (config, errors) = match config {
            Ok(config) => (Some(config), Vec::new()),
            Err(errors) => (None, errors.0),
        };
        self.report_errors(errors);
        match config {
            Some(config) if self.problems.is_empty() => Ok(config),
            _ => Err(self.problems),
        }
    }

    /// Adds unknown options, and the problems that the core found. Not generic, so that it is compiled once for all
    /// policies.
    #[inline(never)]
    fn report_errors(&mut self, errors: Vec<ConfigError>) {
        for (name, _) in self.options {
            if !self.known.iter().any(|known| known == name) {
                self.report(name, Kind::Unknown, "");
            }
        }
        for error in errors {
            let mistyped = self.mistyped.contains(&error.option);
            let kind = if mistyped {
                Kind::Type
            } else {
                error.problem.into()
            };
            self.report(error.option, kind, error.expected);
        }
    }

    #[inline(never)]
    fn value(&mut self, option: &'static str) -> Option<&'v Value> {
        self.known.push(option);
        let found = self.options.iter().find(|(name, _)| name == option);
        found.map(|(_, value)| value)
    }

    #[inline(never)]
    fn report(&mut self, option: &str, kind: Kind, expected: &'static str) {
        self.problems.push(Problem {
            option: option.to_owned(),
            kind,
            expected,
        });
    }
}
