//! The WebAssembly binding: each function of [`breaker_bridge::engine`] over an integer handle.
//! A WebAssembly instance belongs to one thread, and so do its breakers.

use breaker_bridge::codes::NO_BREAKER;
use breaker_bridge::{Problem, Table, Value, codes, engine};
use breaker_core::Breaker;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

thread_local! {
    static BREAKERS: RefCell<Table<Box<Breaker>>> = const { RefCell::new(Table::new()) };
}

/// Makes a breaker: a handle, or an array of problems.
#[wasm_bindgen]
pub fn create(options: JsValue, now: f64) -> JsValue {
    keep(engine::create(&data(options), now))
}

/// Makes a breaker that goes on where a snapshot was taken: a handle, or an array of problems.
#[wasm_bindgen]
pub fn restore(options: JsValue, snapshot: JsValue, now: f64) -> JsValue {
    keep(engine::restore(&data(options), &data(snapshot), now))
}

/// Gives a breaker up.
#[wasm_bindgen]
pub fn free(handle: u32) {
    BREAKERS.with_borrow_mut(|breakers| breakers.remove(handle));
}

/// The state word.
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
    with(handle, f64::NAN, |breaker| engine::retry_after(breaker, now))
}

/// See [`engine::settle`].
#[wasm_bindgen]
pub fn settle(handle: u32, permit: f64, outcome: u32, now: f64, duration: f64) -> i32 {
    with(handle, NO_BREAKER, |breaker| engine::settle(breaker, permit, outcome, now, duration))
}

/// See [`engine::settle_open_for`].
#[wasm_bindgen(js_name = settleOpenFor)]
pub fn settle_open_for(handle: u32, permit: f64, now: f64, duration: f64, open_for: f64) -> i32 {
    with(handle, NO_BREAKER, |breaker| {
        engine::settle_open_for(breaker, permit, now, duration, open_for)
    })
}

/// See [`engine::set_override`].
#[wasm_bindgen(js_name = setOverride)]
pub fn set_override(handle: u32, order: u32, now: f64) -> i32 {
    with(handle, NO_BREAKER, |breaker| engine::set_override(breaker, order, now))
}

/// See [`engine::release_forced_open`].
#[wasm_bindgen(js_name = releaseForcedOpen)]
pub fn release_forced_open(handle: u32, now: f64) -> i32 {
    with(handle, NO_BREAKER, |breaker| engine::release_forced_open(breaker, now))
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
    with(handle, JsValue::UNDEFINED, |breaker| plain(&engine::snapshot(breaker, now)))
}

/// How many breakers there are.
#[wasm_bindgen(js_name = breakerCount)]
pub fn breaker_count() -> u32 {
    BREAKERS.with_borrow(|breakers| u32::try_from(breakers.len()).unwrap_or(u32::MAX))
}

fn with<R>(handle: u32, missing: R, run: impl FnOnce(&mut Breaker) -> R) -> R {
    BREAKERS.with_borrow_mut(|breakers| match breakers.get_mut(handle) {
        Some(breaker) => run(breaker),
        None => missing,
    })
}

fn keep(made: Result<Breaker, Vec<Problem>>) -> JsValue {
    match made {
        Ok(breaker) => BREAKERS.with_borrow_mut(|breakers| breakers.insert(Box::new(breaker)).into()),
        Err(problems) => plain(&problems),
    }
}

/// What cannot be read as data is no data: the bridge then says what it takes.
fn data(value: JsValue) -> Value {
    Value::deserialize(serde_wasm_bindgen::Deserializer::from(value)).unwrap_or(Value::Null)
}

fn plain(value: &impl Serialize) -> JsValue {
    value.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::UNDEFINED)
}
