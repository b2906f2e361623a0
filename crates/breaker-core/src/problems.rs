//! What options may be, and the row of everything that is wrong with those that were given.

use crate::config::{ConfigError, ConfigErrors, Problem};
use crate::time::Span;
use alloc::vec::Vec;

/// The most that is ever counted.
pub const MAX_COUNT: f64 = 1_000_000.0;
const MAX_SEED: f64 = 9_007_199_254_740_991.0;
/// The longest time a JavaScript timer can wait.
pub const MAX_TIMEOUT: f64 = 2_147_483_647.0;
/// 365 days.
pub const MAX_SPAN: f64 = 31_536_000_000.0;

const COUNT: &str = "a whole number from 1 to 1000000";
const SEED: &str = "a whole number from 0 to 9007199254740991";
const SPAN: &str = "a number of milliseconds from 1 to 31536000000";
const RATE: &str = "a number above 0 and at most 1";
const SHARE: &str = "a number from 0 to 1";

/// Collects what is wrong, and goes on with what was given.
#[derive(Debug, Default)]
pub struct Check(Vec<ConfigError>);

/// The numbers that an option may be.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    min: f64,
    max: f64,
    whole: bool,
    without_min: bool,
}

impl Range {
    /// The whole numbers from `min` to `max`.
    #[must_use]
    pub const fn whole(min: f64, max: f64) -> Self {
        Self {
            min,
            max,
            whole: true,
            without_min: false,
        }
    }

    /// The numbers from `min` to `max`.
    #[must_use]
    pub const fn any(min: f64, max: f64) -> Self {
        Self {
            min,
            max,
            whole: false,
            without_min: false,
        }
    }

    /// The numbers above `min`, up to `max`.
    #[must_use]
    pub const fn above(min: f64, max: f64) -> Self {
        Self {
            min,
            max,
            whole: false,
            without_min: true,
        }
    }

    /// NaN compares with nothing and so is in no range.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        let fits =
            value >= self.min && value <= self.max && !(self.without_min && value == self.min);
        fits && (!self.whole || value % 1.0 == 0.0)
    }
}

impl Check {
    /// What was made of the settings, if nothing is wrong with them.
    ///
    /// # Errors
    /// Everything that was reported.
    pub fn finish<T>(self, config: T) -> Result<T, ConfigErrors> {
        if self.0.is_empty() {
            Ok(config)
        } else {
            Err(ConfigErrors(self.0))
        }
    }

    /// Adds one thing that is wrong.
    pub fn report(&mut self, option: &'static str, problem: Problem, expected: &'static str) {
        self.0.push(ConfigError {
            option,
            problem,
            expected,
        });
    }

    /// Reports an option that must be given and is not.
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

    /// A number in a range, which `expected` puts into words.
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

    /// How many, at least 1.
    pub fn count(&mut self, option: &'static str, value: f64) -> u32 {
        self.number(option, value, Range::whole(1.0, MAX_COUNT), COUNT) as u32
    }

    /// A time in a range of milliseconds, which `expected` puts into words.
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

    /// A time of at least a millisecond.
    pub fn span(&mut self, option: &'static str, value: f64) -> Span {
        self.time(option, value, Range::any(1.0, MAX_SPAN), SPAN)
    }

    /// A share that is not nothing.
    pub fn rate(&mut self, option: &'static str, value: f64) -> f64 {
        self.number(option, value, Range::above(0.0, 1.0), RATE)
    }

    /// A share, which may be nothing.
    pub fn share(&mut self, option: &'static str, value: f64) -> f64 {
        self.number(option, value, Range::any(0.0, 1.0), SHARE)
    }

    /// Where a row of random numbers starts.
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
