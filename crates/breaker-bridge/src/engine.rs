//! One function for each that crosses: numbers in, numbers out. Times are milliseconds on a monotonic clock.

use crate::codes::{
    admission_code, duration_of, instant_of, outcome_of, override_of, permit_of, word,
};
use crate::configs::Configs;
use crate::options::Options;
use crate::problem::Problem;
use crate::value::Value;
use crate::{layout, options, snapshot};
use alloc::vec::Vec;
use breaker_core::{Breaker, Outcome, Span};

/// Makes a breaker.
///
/// # Errors
/// Everything that is wrong with the options.
pub fn create(options: &Value, configs: &mut Configs, now: f64) -> Result<Breaker, Vec<Problem>> {
    let Options { config, seed } = options::parse(options)?;
    Ok(Breaker::new(configs.share(config), seed, instant_of(now)))
}

/// Makes a breaker that goes on where a snapshot was taken.
///
/// # Errors
/// Everything that is wrong with the options and the snapshot.
pub fn restore(
    options: &Value,
    saved: &Value,
    configs: &mut Configs,
    now: f64,
) -> Result<Breaker, Vec<Problem>> {
    match (options::parse(options), snapshot::read(saved)) {
        (Ok(Options { config, seed }), Ok(saved)) => {
            let config = configs.share(config);
            Ok(Breaker::restore(config, seed, &saved, instant_of(now)))
        }
        (options, saved) => {
            let problems = [options.err(), saved.err()];
            Err(problems.into_iter().flatten().flatten().collect())
        }
    }
}

/// Makes at most one transition that time has made due. Returns the state word.
pub fn poll(breaker: &mut Breaker, now: f64) -> i32 {
    breaker.poll(instant_of(now));
    word(breaker)
}

/// Returns a permit of at least 0, or the code of a rejection.
pub fn admit(breaker: &mut Breaker, now: f64) -> f64 {
    admission_code(breaker.admit(instant_of(now)))
}

/// How long until a call may be admitted; infinite while forced open.
pub fn retry_after(breaker: &mut Breaker, now: f64) -> f64 {
    breaker
        .retry_after(instant_of(now))
        .map_or(f64::INFINITY, Span::as_millis)
}

/// Takes a permit back. Returns the state word.
pub fn settle(breaker: &mut Breaker, permit: f64, outcome: u32, now: f64, duration: f64) -> i32 {
    breaker.settle(
        permit_of(permit),
        outcome_of(outcome),
        duration_of(duration),
        instant_of(now),
    );
    word(breaker)
}

/// Takes the permit of a failed call back that said for how long to leave the dependency alone: milliseconds
/// above 0. Returns the state word.
pub fn settle_open_for(
    breaker: &mut Breaker,
    permit: f64,
    now: f64,
    duration: f64,
    open_for: f64,
) -> i32 {
    let outcome = Outcome::OpenFor(Span::from_millis(open_for));
    breaker.settle(
        permit_of(permit),
        outcome,
        duration_of(duration),
        instant_of(now),
    );
    word(breaker)
}

/// Sets a standing order, adds a holder to a forced opening, or releases them all. Returns the state word.
pub fn set_override(breaker: &mut Breaker, order: u32, now: f64) -> i32 {
    breaker.set_override(override_of(order), instant_of(now));
    word(breaker)
}

/// Takes one holder off a forced opening. Returns the state word.
pub fn release_forced_open(breaker: &mut Breaker, now: f64) -> i32 {
    breaker.release_forced_open(instant_of(now));
    word(breaker)
}

/// Closes the circuit and empties the window. Returns the state word.
pub fn reset(breaker: &mut Breaker, now: f64) -> i32 {
    breaker.reset(instant_of(now));
    word(breaker)
}

/// Writes the stats in the order of [`layout::STATS`].
pub fn stats(breaker: &mut Breaker, now: f64, out: &mut [f64]) {
    layout::write_stats(&breaker.stats(instant_of(now)), out);
}

/// Writes the explanation in the order of [`layout::EXPLAIN`]. Makes no transition.
pub fn explain(breaker: &mut Breaker, now: f64, out: &mut [f64]) {
    layout::write_explanation(&breaker.explain(instant_of(now)), out);
}

/// The breaker as plain data.
pub fn snapshot(breaker: &mut Breaker, now: f64) -> Value {
    snapshot::write(&breaker.snapshot(instant_of(now)))
}
