//! Each function of [`breaker_bridge::engine`] on an integer handle.

use crate::data::{data, plain};
use crate::state::{borrow, insert};
use alloc::boxed::Box;
use alloc::vec::Vec;
use breaker_bridge::codes::NO_BREAKER;
use breaker_bridge::{Configs, Problem, Table, Value, codes, engine, tuning};
use breaker_core::Breaker;
use core::mem;
use spin::Mutex;
use wasm_bindgen::prelude::*;

/// Breakers by handle.
static BREAKERS: Mutex<Table<Box<Breaker>>> = Mutex::new(Table::new());
static CONFIGS: Mutex<Configs> = Mutex::new(Configs::new());

/// Creates a breaker. Returns a handle, or an array of problems.
#[wasm_bindgen]
pub fn create(options: JsValue, now: f64) -> JsValue {
    let options = data(&options);
    handle_of(with_configs(|configs| {
        engine::create(&options, configs, now)
    }))
}

/// Creates a breaker from a snapshot. Returns a handle, or an array of problems.
#[wasm_bindgen]
pub fn restore(options: JsValue, snapshot: JsValue, now: f64) -> JsValue {
    let (options, snapshot) = (data(&options), data(&snapshot));
    handle_of(with_configs(|configs| {
        engine::restore(&options, &snapshot, configs, now)
    }))
}

/// Releases a handle.
#[wasm_bindgen]
pub fn free(handle: u32) {
    borrow(&BREAKERS).remove(handle);
}

/// Returns the state word.
#[wasm_bindgen]
pub fn word(handle: u32) -> i32 {
    with(handle, NO_BREAKER, |breaker| codes::word(breaker))
}

/// See [`engine::poll`].
#[wasm_bindgen]
pub fn poll(handle: u32, now: f64) -> i32 {
    with(handle, NO_BREAKER, |breaker| engine::poll(breaker, now))
}

/// See [`engine::admit`].
#[wasm_bindgen]
pub fn admit(handle: u32, now: f64) -> f64 {
    with(handle, f64::NAN, |breaker| engine::admit(breaker, now))
}

/// See [`engine::retry_after`].
#[wasm_bindgen(js_name = retryAfter)]
pub fn retry_after(handle: u32, now: f64) -> f64 {
    with(handle, f64::NAN, |breaker| {
        engine::retry_after(breaker, now)
    })
}

/// See [`engine::settle`].
#[wasm_bindgen]
pub fn settle(handle: u32, permit: f64, outcome: u32, now: f64, duration: f64) -> i32 {
    with(handle, NO_BREAKER, |breaker| {
        engine::settle(breaker, permit, outcome, now, duration)
    })
}

/// See [`engine::settle_open_for`].
#[wasm_bindgen(js_name = settleOpenFor)]
pub fn settle_open_for(handle: u32, permit: f64, now: f64, duration: f64, open_for: f64) -> i32 {
    with(handle, NO_BREAKER, |breaker| {
        engine::settle_open_for(breaker, permit, now, duration, open_for)
    })
}

/// See [`engine::is_timeout`].
#[wasm_bindgen(js_name = isTimeout)]
pub fn is_timeout(duration: f64) -> bool {
    engine::is_timeout(duration)
}

/// See [`engine::set_override`].
#[wasm_bindgen(js_name = setOverride)]
pub fn set_override(handle: u32, code: u32, now: f64) -> u32 {
    with(handle, 0, |breaker| {
        engine::set_override(breaker, code, now)
    })
}

/// See [`engine::release`].
#[wasm_bindgen]
pub fn release(handle: u32, hold: u32, now: f64) -> i32 {
    with(handle, NO_BREAKER, |breaker| {
        engine::release(breaker, hold, now)
    })
}

/// See [`engine::reset`].
#[wasm_bindgen]
pub fn reset(handle: u32, now: f64) -> i32 {
    with(handle, NO_BREAKER, |breaker| engine::reset(breaker, now))
}

/// See [`engine::stats`].
#[wasm_bindgen]
pub fn stats(handle: u32, now: f64, out: &mut [f64]) {
    with(handle, (), |breaker| engine::stats(breaker, now, out));
}

/// See [`engine::explain`].
#[wasm_bindgen]
pub fn explain(handle: u32, now: f64, out: &mut [f64]) {
    with(handle, (), |breaker| engine::explain(breaker, now, out));
}

/// See [`engine::snapshot`].
#[wasm_bindgen]
pub fn snapshot(handle: u32, now: f64) -> JsValue {
    plain(&with(handle, Value::Null, |breaker| {
        engine::snapshot(breaker, now)
    }))
}

/// See [`tuning::retune`].
#[wasm_bindgen]
pub fn retune(
    handle: u32,
    failures: f64,
    consecutive_failures: f64,
    failure_rate: f64,
    slow_call_rate: f64,
    minimum_calls: f64,
    now: f64,
) -> JsValue {
    let thresholds = [
        failures,
        consecutive_failures,
        failure_rate,
        slow_call_rate,
        minimum_calls,
    ];
    problems_to_js(&with(handle, Vec::new(), |breaker| {
        tuning::retune(breaker, thresholds, now)
    }))
}

/// See [`tuning::reconfigure`].
#[wasm_bindgen]
pub fn reconfigure(handle: u32, options: JsValue, now: f64) -> JsValue {
    let options = data(&options);
    problems_to_js(&with(handle, Vec::new(), |breaker| {
        tuning::reconfigure(breaker, &options, now)
    }))
}

/// See [`tuning::open`].
#[wasm_bindgen]
pub fn open(handle: u32, millis: f64, now: f64) -> i32 {
    with(handle, NO_BREAKER, |breaker| {
        tuning::open(breaker, millis, now)
    })
}

/// See [`tuning::open_early`].
#[wasm_bindgen(js_name = openEarly)]
pub fn open_early(handle: u32, observed: f64, threshold: f64, now: f64) -> i32 {
    with(handle, NO_BREAKER, |breaker| {
        tuning::open_early(breaker, observed, threshold, now)
    })
}

/// See [`tuning::rules`].
#[wasm_bindgen]
pub fn rules(handle: u32, out: &mut [f64]) {
    with(handle, (), |breaker| tuning::rules(breaker, out));
}

/// Returns the number of breakers.
#[wasm_bindgen(js_name = breakerCount)]
pub fn breaker_count() -> u32 {
    u32::try_from(borrow(&BREAKERS).len()).unwrap_or(u32::MAX)
}

fn with<R>(handle: u32, missing: R, run: impl FnOnce(&mut Breaker) -> R) -> R {
    match borrow(&BREAKERS).get_mut(handle) {
        Some(breaker) => run(breaker),
        None => missing,
    }
}

/// Runs a function with the configurations in its own hands: one that traps loses their cache, and locks nothing.
fn with_configs<R>(run: impl FnOnce(&mut Configs) -> R) -> R {
    let mut configs = mem::take(&mut *borrow(&CONFIGS));
    let result = run(&mut configs);
    // To drop the empty cache would cost more code than to leak it: it has no memory.
    mem::forget(mem::replace(&mut *borrow(&CONFIGS), configs));
    result
}

fn handle_of(created: Result<Breaker, Vec<Problem>>) -> JsValue {
    match created {
        Ok(breaker) => insert(&BREAKERS, breaker).into(),
        Err(problems) => problems_to_js(&problems),
    }
}

fn problems_to_js(problems: &[Problem]) -> JsValue {
    plain(&Value::Array(problems.iter().map(Value::from).collect()))
}
