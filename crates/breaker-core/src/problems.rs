//! Range checks of options, and the collection of all their problems.

use crate::config::{ConfigError, ConfigErrors, Problem};
use crate::time::Span;
use alloc::vec::Vec;

/// Largest count.
pub const MAX_COUNT: f64 = 1_000_000.0;
const MAX_SEED: f64 = 9_007_199_254_740_991.0;
/// Longest time that a JavaScript timer can wait.
pub const MAX_TIMEOUT: f64 = 2_147_483_647.0;
/// Longest duration: 365 days.
pub const MAX_SPAN: f64 = 31_536_000_000.0;

const COUNT: &str = "a whole number from 1 to 1000000";
const SEED: &str = "a whole number from 0 to 9007199254740991";
const SPAN: &str = "a number of milliseconds from 1 to 31536000000";
const RATE: &str = "a number above 0 and at most 1";
const SHARE: &str = "a number from 0 to 1";

/// Collector of problems. It continues after each one.
#[derive(Debug, Default)]
pub struct Check(Vec<ConfigError>);

/// Numbers that an option accepts.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    min: f64,
    max: f64,
    whole: bool,
    without_min: bool,
}

impl Range {
    /// Returns the range of the integers from `min` to `max`.
    #[must_use]
    pub const fn whole(min: f64, max: f64) -> Self {
        Self {
            min,
            max,
            whole: true,
            without_min: false,
        }
    }

    /// Returns the range of the numbers from `min` to `max`.
    #[must_use]
    pub const fn any(min: f64, max: f64) -> Self {
        Self {
            min,
            max,
            whole: false,
            without_min: false,
        }
    }

    /// Returns the range of the numbers above `min`, up to `max`.
    #[must_use]
    pub const fn above(min: f64, max: f64) -> Self {
        Self {
            min,
            max,
            whole: false,
            without_min: true,
        }
    }

    /// Whether the range contains a value. NaN is in no range.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        let fits =
            value >= self.min && value <= self.max && !(self.without_min && value == self.min);
        fits && (!self.whole || value % 1.0 == 0.0)
    }
}

impl Check {
    /// Returns the configuration, if no problem was reported.
    ///
    /// # Errors
    /// Returns all reported problems.
    pub fn finish<T>(self, config: T) -> Result<T, ConfigErrors> {
        if self.0.is_empty() {
            Ok(config)
        } else {
            Err(ConfigErrors(self.0))
        }
    }

    /// Adds one problem.
    pub fn report(&mut self, option: &'static str, problem: Problem, expected: &'static str) {
        self.0.push(ConfigError {
            option,
            problem,
            expected,
        });
    }

    /// Reports a required option that is not set.
    pub fn required(
        &mut self,
        option: &'static str,
        value: Option<f64>,
        expected: &'static str,
    ) -> Option<f64> {
        if value.is_none() {
            self.report(option, Problem::Missing, expected);
        }
        value
    }

    /// Checks a number against a range, which `expected` describes.
    pub fn number(
        &mut self,
        option: &'static str,
        value: f64,
        range: Range,
        expected: &'static str,
    ) -> f64 {
        if !range.holds(value) {
            self.report(option, Problem::Range, expected);
        }
        value
    }

    /// Checks a count of at least 1.
    pub fn count(&mut self, option: &'static str, value: f64) -> u32 {
        self.number(option, value, Range::whole(1.0, MAX_COUNT), COUNT) as u32
    }

    /// Checks a number of milliseconds against a range, which `expected` describes.
    // Once, for all the options that are times.
    #[inline(never)]
    pub fn time(
        &mut self,
        option: &'static str,
        value: f64,
        range: Range,
        expected: &'static str,
    ) -> Span {
        Span::from_millis(self.number(option, value, range, expected))
    }

    /// Checks a duration of at least a millisecond.
    pub fn span(&mut self, option: &'static str, value: f64) -> Span {
        self.time(option, value, Range::any(1.0, MAX_SPAN), SPAN)
    }

    /// Checks a share above 0.
    pub fn rate(&mut self, option: &'static str, value: f64) -> f64 {
        self.number(option, value, Range::above(0.0, 1.0), RATE)
    }

    /// Checks a share, which may be 0.
    pub fn share(&mut self, option: &'static str, value: f64) -> f64 {
        self.number(option, value, Range::any(0.0, 1.0), SHARE)
    }

    /// Checks a seed of random numbers.
    #[inline(always)]
    pub fn seed(&mut self, seed: Option<f64>) {
        self.number(
            "seed",
            seed.unwrap_or(0.0),
            Range::whole(0.0, MAX_SEED),
            SEED,
        );
    }
}
