//! Changes at runtime: thresholds, options, and openings without a rule.

use crate::codes::{duration_of, instant_of, word};
use crate::problem::Problem;
use crate::value::Value;
use crate::{layout, options};
use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use breaker_core::retune::Thresholds;
use breaker_core::{Breaker, ConfigErrors, Transition};

/// Replaces the thresholds, after every transition that is due by the old ones. NaN returns a threshold to its
/// initial value. Returns all problems; with any, nothing changes.
pub fn retune(breaker: &mut Breaker, thresholds: [f64; 5], now: f64) -> Vec<Problem> {
    let [
        failures,
        consecutive_failures,
        failure_rate,
        slow_call_rate,
        minimum_calls,
    ] = thresholds.map(|threshold| (!threshold.is_nan()).then_some(threshold));
    let thresholds = Thresholds {
        failures,
        consecutive_failures,
        failure_rate,
        slow_call_rate,
        minimum_calls,
    };
    problems_of(breaker.retune(&thresholds, instant_of(now)))
}

/// Replaces the options that can change at runtime, after every transition that is due by the old ones. Returns all
/// problems; with any, nothing changes.
pub fn reconfigure(breaker: &mut Breaker, options: &Value, now: f64) -> Vec<Problem> {
    match options::parse(options) {
        Ok(options) => problems_of(breaker.reconfigure(options.config, instant_of(now))),
        Err(problems) => problems,
    }
}

fn problems_of(changed: Result<Option<Transition>, ConfigErrors>) -> Vec<Problem> {
    let Err(errors) = changed else {
        return Vec::new();
    };
    let problems = errors.0.into_iter().map(|error| Problem {
        option: error.option.to_owned(),
        kind: error.problem.into(),
        expected: error.expected,
    });
    problems.collect()
}

/// Opens the circuit for so many milliseconds, or for its open time if that is NaN. Returns the state word.
pub fn open(breaker: &mut Breaker, millis: f64, now: f64) -> i32 {
    breaker.open_now(duration_of(millis), instant_of(now));
    word(breaker)
}

/// Opens a closed circuit ahead of its rules. Returns the state word.
pub fn open_early(breaker: &mut Breaker, observed: f64, threshold: f64, now: f64) -> i32 {
    breaker.open_early(observed, threshold, instant_of(now));
    word(breaker)
}

/// Writes the rules in the order of [`layout::RULES`].
pub fn rules(breaker: &Breaker, out: &mut [f64]) {
    layout::write_rules(breaker.config(), out);
}
