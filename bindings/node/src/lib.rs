//! Node native binding: each function of [`breaker_bridge::engine`] on an integer handle. The functions of the call
//! path are in [`hot`].

#![cfg_attr(
    test,
    allow(dead_code, reason = "napi exports nothing in a test build")
)]

mod adaptive;
mod data;
mod held;
mod hot;
mod policies;
mod state_words;
mod sync;
mod table;

use breaker_bridge::codes::NO_BREAKER;
use breaker_bridge::{Problem, Value, engine, tuning};
use data::data;
use napi::bindgen_prelude::{Either, Float64ArraySlice, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

/// One invalid option.
#[napi(object)]
pub struct OptionProblem {
    pub option: String,
    pub kind: String,
    pub expected: String,
}

type HandleOrProblems = Either<u32, Vec<OptionProblem>>;

/// Creates a breaker. Returns a handle, or an array of problems.
#[napi(catch_unwind)]
pub fn create(options: Unknown, now: f64) -> Result<HandleOrProblems> {
    Ok(handle_or_problems(table::create(&data(options)?, now)))
}

/// Creates a breaker from a snapshot. Returns a handle, or an array of problems.
#[napi(catch_unwind)]
pub fn restore(options: Unknown, snapshot: Unknown, now: f64) -> Result<HandleOrProblems> {
    Ok(handle_or_problems(table::restore(
        &data(options)?,
        &data(snapshot)?,
        now,
    )))
}

/// Opens the breaker of a name for this thread. Returns a handle, or an array of problems.
#[napi(catch_unwind)]
pub fn open_shared(name: String, options: Unknown, now: f64) -> Result<HandleOrProblems> {
    Ok(handle_or_problems(table::open(&name, &data(options)?, now)))
}

/// See [`table::free`].
#[napi(catch_unwind)]
pub fn free(handle: u32) {
    table::free(handle);
}

/// See [`table::free_lost`].
#[napi(catch_unwind)]
pub fn free_lost(handle: u32) {
    table::free_lost(handle);
}

/// See [`engine::poll`].
#[napi(catch_unwind)]
pub fn poll(handle: u32, now: f64) -> i32 {
    table::with(handle, NO_BREAKER, |breaker| engine::poll(breaker, now))
}

/// See [`engine::admit`].
#[napi(catch_unwind)]
pub fn admit(handle: u32, now: f64) -> f64 {
    table::admit(handle, now)
}

/// See [`engine::retry_after`].
#[napi(catch_unwind)]
pub fn retry_after(handle: u32, now: f64) -> f64 {
    table::with(handle, f64::NAN, |breaker| {
        engine::retry_after(breaker, now)
    })
}

/// See [`engine::settle`].
#[napi(catch_unwind)]
pub fn settle(handle: u32, permit: f64, outcome: u32, now: f64, duration: f64) -> i32 {
    table::settle(handle, permit, |breaker| {
        engine::settle(breaker, permit, outcome, now, duration)
    })
}

/// Returns the index of a breaker's word in `wordMemory()`, or -1 if it has none.
#[napi(catch_unwind)]
pub fn word_slot(handle: u32) -> i32 {
    table::slot_of(handle).map_or(-1, u32::cast_signed)
}

/// See [`engine::settle_open_for`].
#[napi(catch_unwind)]
pub fn settle_open_for(handle: u32, permit: f64, now: f64, duration: f64, open_for: f64) -> i32 {
    table::settle(handle, permit, |breaker| {
        engine::settle_open_for(breaker, permit, now, duration, open_for)
    })
}

/// See [`engine::is_timeout`].
#[napi(catch_unwind)]
pub fn is_timeout(duration: f64) -> bool {
    engine::is_timeout(duration)
}

/// See [`engine::set_override`].
#[napi(catch_unwind)]
pub fn set_override(handle: u32, code: u32, now: f64) -> u32 {
    table::set_override(handle, code, now)
}

/// See [`engine::release`].
#[napi(catch_unwind)]
pub fn release(handle: u32, hold: u32, now: f64) -> i32 {
    table::release(handle, hold, now)
}

/// See [`engine::reset`].
#[napi(catch_unwind)]
pub fn reset(handle: u32, now: f64) -> i32 {
    table::with(handle, NO_BREAKER, |breaker| engine::reset(breaker, now))
}

/// See [`engine::stats`].
#[napi(catch_unwind)]
pub fn stats(handle: u32, now: f64, mut out: Float64ArraySlice) {
    // SAFETY: JavaScript does not run while the row is being written.
    let row = unsafe { out.as_mut() };
    table::with(handle, (), |breaker| engine::stats(breaker, now, row));
}

/// See [`engine::explain`].
#[napi(catch_unwind)]
pub fn explain(handle: u32, now: f64, mut out: Float64ArraySlice) {
    // SAFETY: JavaScript does not run while the row is being written.
    let row = unsafe { out.as_mut() };
    table::with(handle, (), |breaker| engine::explain(breaker, now, row));
}

/// See [`tuning::retune`].
#[napi(catch_unwind)]
pub fn retune(
    handle: u32,
    failures: f64,
    consecutive_failures: f64,
    failure_rate: f64,
    slow_call_rate: f64,
    minimum_calls: f64,
    now: f64,
) -> Vec<OptionProblem> {
    let thresholds = [
        failures,
        consecutive_failures,
        failure_rate,
        slow_call_rate,
        minimum_calls,
    ];
    let problems = table::retune(handle, thresholds, now);
    problems.into_iter().map(OptionProblem::from).collect()
}

/// See [`tuning::reconfigure`].
#[napi(catch_unwind)]
pub fn reconfigure(handle: u32, options: Unknown, now: f64) -> Result<Vec<OptionProblem>> {
    let options = data(options)?;
    let problems = table::with(handle, Vec::new(), |breaker| {
        tuning::reconfigure(breaker, &options, now)
    });
    Ok(problems.into_iter().map(OptionProblem::from).collect())
}

/// See [`tuning::open`].
#[napi(catch_unwind)]
pub fn open(handle: u32, millis: f64, now: f64) -> i32 {
    table::with(handle, NO_BREAKER, |breaker| {
        tuning::open(breaker, millis, now)
    })
}

/// See [`tuning::open_early`].
#[napi(catch_unwind)]
pub fn open_early(handle: u32, observed: f64, threshold: f64, now: f64) -> i32 {
    table::with(handle, NO_BREAKER, |breaker| {
        tuning::open_early(breaker, observed, threshold, now)
    })
}

/// See [`tuning::rules`].
#[napi(catch_unwind)]
pub fn rules(handle: u32, mut out: Float64ArraySlice) {
    // SAFETY: JavaScript does not run while the row is being written.
    let row = unsafe { out.as_mut() };
    table::with(handle, (), |breaker| tuning::rules(breaker, row));
}

/// See [`engine::snapshot`].
#[napi(catch_unwind)]
pub fn snapshot(env: &Env, handle: u32, now: f64) -> Result<Unknown<'_>> {
    let saved = table::with(handle, Value::Null, |breaker| {
        engine::snapshot(breaker, now)
    });
    env.to_js_value(&saved)
}

/// Returns the number of breakers that this thread holds.
#[napi(catch_unwind)]
pub fn breaker_count() -> u32 {
    table::len()
}

/// Returns the version of this addon. It must equal that of the package, because the codes of another version may
/// differ.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

fn handle_or_problems(created: std::result::Result<u32, Vec<Problem>>) -> HandleOrProblems {
    match created {
        Ok(handle) => Either::A(handle),
        Err(problems) => Either::B(problems.into_iter().map(OptionProblem::from).collect()),
    }
}

impl From<Problem> for OptionProblem {
    fn from(problem: Problem) -> Self {
        Self {
            option: problem.option,
            kind: problem.kind.name().to_owned(),
            expected: problem.expected.to_owned(),
        }
    }
}
