//! Runtime changes for adaptive breakers: thresholds, and opening ahead of the rules.

use crate::codes::{instant_of, word};
use crate::layout;
use crate::problem::Problem;
use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use breaker_core::Breaker;
use breaker_core::retune::Thresholds;

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
    let Err(errors) = breaker.retune(&thresholds, instant_of(now)) else {
        return Vec::new();
    };
    let problems = errors.0.into_iter().map(|error| Problem {
        option: error.option.to_owned(),
        kind: error.problem.into(),
        expected: error.expected,
    });
    problems.collect()
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
