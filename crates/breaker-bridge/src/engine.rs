//! Functions of a breaker that JavaScript calls, with numbers as arguments and results. Times are milliseconds on a
//! monotonic clock.

use crate::codes::{
    admission_code, duration_of, instant_of, outcome_of, override_of, permit_of, word,
};
use crate::configs::Configs;
use crate::options::Options;
use crate::problem::Problem;
use crate::value::Value;
use crate::{layout, options, snapshot};
use alloc::vec::Vec;
use breaker_core::{Breaker, Hold, Outcome, Span};

/// Creates a breaker.
///
/// # Errors
/// Returns all problems of the options.
pub fn create(options: &Value, configs: &mut Configs, now: f64) -> Result<Breaker, Vec<Problem>> {
    let Options { config, seed } = options::parse(options)?;
    Ok(Breaker::new(configs.share(config), seed, instant_of(now)))
}

/// Creates a breaker from a snapshot.
///
/// # Errors
/// Returns all problems of the options and the snapshot.
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

/// Makes at most one due transition. Returns the state word.
pub fn poll(breaker: &mut Breaker, now: f64) -> i32 {
    breaker.poll(instant_of(now));
    word(breaker)
}

/// Requests a permit. Returns a permit of at least 0, or the code of a rejection.
pub fn admit(breaker: &mut Breaker, now: f64) -> f64 {
    admission_code(breaker.admit(instant_of(now)))
}

/// Returns the time until a call may be admitted; infinite while forced open.
pub fn retry_after(breaker: &mut Breaker, now: f64) -> f64 {
    breaker
        .retry_after(instant_of(now))
        .map_or(f64::INFINITY, Span::as_millis)
}

/// Settles a permit with the outcome of its call. Returns the state word.
pub fn settle(breaker: &mut Breaker, permit: f64, outcome: u32, now: f64, duration: f64) -> i32 {
    breaker.settle(
        permit_of(permit),
        outcome_of(outcome),
        duration_of(duration),
        instant_of(now),
    );
    word(breaker)
}

/// Settles the permit of a failed call, and opens the circuit for `open_for` milliseconds, above 0. Returns the state
/// word.
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

/// Whether a call that its caller's deadline ended after so many milliseconds counts as a timeout.
#[must_use]
pub fn is_timeout(duration: f64) -> bool {
    Outcome::Deadline.resolved(duration_of(duration)) == Outcome::Timeout
}

/// Sets an override, adds a holder to a forced opening, or releases all of them. Returns a token for [`release`].
pub fn set_override(breaker: &mut Breaker, code: u32, now: f64) -> u32 {
    breaker.set_override(override_of(code), instant_of(now));
    breaker.hold().number()
}

/// Releases the override of a token, once for each holder, if it still stands. Returns the state word.
pub fn release(breaker: &mut Breaker, hold: u32, now: f64) -> i32 {
    breaker.release(Hold::from_number(hold), instant_of(now));
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

/// Returns a snapshot of the breaker as plain data.
pub fn snapshot(breaker: &mut Breaker, now: f64) -> Value {
    snapshot::write(&breaker.snapshot(instant_of(now)))
}
