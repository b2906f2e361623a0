//! Each function of [`policies_bridge::engine`] on an integer handle.

use crate::data::{data, plain};
use crate::state::{borrow, insert};
use alloc::boxed::Box;
use alloc::vec::Vec;
use breaker_bridge::{Problem, Table, Value};
use policies_bridge::{Policy, engine};
use spin::Mutex;
use wasm_bindgen::prelude::*;

/// Policies by handle.
static POLICIES: Mutex<Table<Box<Policy>>> = Mutex::new(Table::new());

/// Creates a policy. Returns a handle, or an array of problems.
#[wasm_bindgen(js_name = createPolicy)]
pub fn create_policy(kind: u32, options: JsValue, now: f64) -> JsValue {
    match engine::create(kind, &data(&options), now) {
        Ok(policy) => insert(&POLICIES, policy).into(),
        Err(problems) => problems_to_js(&problems),
    }
}

/// Releases a handle.
#[wasm_bindgen(js_name = freePolicy)]
pub fn free_policy(handle: u32) {
    borrow(&POLICIES).remove(handle);
}

/// See [`engine::policy_stats`].
#[wasm_bindgen(js_name = policyStats)]
pub fn policy_stats(handle: u32, now: f64, out: &mut [f64]) {
    with(handle, (), |policy| engine::policy_stats(policy, now, out));
}

/// Returns the number of policies.
#[wasm_bindgen(js_name = policyCount)]
pub fn policy_count() -> u32 {
    u32::try_from(borrow(&POLICIES).len()).unwrap_or(u32::MAX)
}

/// See [`engine::next_delay`].
#[wasm_bindgen(js_name = nextDelay)]
pub fn next_delay(handle: u32, attempt: u32, previous: f64) -> f64 {
    with(handle, 0.0, |policy| {
        engine::next_delay(policy, attempt, previous)
    })
}

/// See [`engine::deposit`].
#[wasm_bindgen]
pub fn deposit(handle: u32, now: f64) {
    with(handle, (), |policy| engine::deposit(policy, now));
}

/// See [`engine::withdraw`].
#[wasm_bindgen]
pub fn withdraw(handle: u32, now: f64) -> u32 {
    with(handle, 1, |policy| engine::withdraw(policy, now))
}

/// See [`engine::hedge_delay`].
#[wasm_bindgen(js_name = hedgeDelay)]
pub fn hedge_delay(handle: u32, now: f64) -> f64 {
    with(handle, 0.0, |policy| engine::hedge_delay(policy, now))
}

/// See [`engine::record_duration`].
#[wasm_bindgen(js_name = recordDuration)]
pub fn record_duration(handle: u32, duration: f64, now: f64) {
    with(handle, (), |policy| {
        engine::record_duration(policy, duration, now)
    });
}

/// See [`engine::enter`].
#[wasm_bindgen]
pub fn enter(handle: u32, priority: u32) -> f64 {
    with(handle, 1.0, |policy| engine::enter(policy, priority))
}

/// See [`engine::displaced`].
#[wasm_bindgen]
pub fn displaced(handle: u32) -> f64 {
    with(handle, 0.0, engine::displaced)
}

/// See [`engine::leave`].
#[wasm_bindgen]
pub fn leave(handle: u32, ticket: f64) {
    with(handle, (), |policy| engine::leave(policy, ticket));
}

/// See [`engine::cancel`].
#[wasm_bindgen]
pub fn cancel(handle: u32, ticket: f64) -> u32 {
    with(handle, 0, |policy| engine::cancel(policy, ticket))
}

/// See [`engine::next`].
#[wasm_bindgen]
pub fn next(handle: u32) -> f64 {
    with(handle, 0.0, engine::next)
}

/// See [`engine::set_limit`].
#[wasm_bindgen(js_name = setLimit)]
pub fn set_limit(handle: u32, limit: u32) {
    with(handle, (), |policy| engine::set_limit(policy, limit));
}

/// See [`engine::take`].
#[wasm_bindgen]
pub fn take(handle: u32, tokens: u32, now: f64) -> f64 {
    with(handle, 0.0, |policy| engine::take(policy, tokens, now))
}

/// See [`engine::token_wait`].
#[wasm_bindgen(js_name = tokenWait)]
pub fn token_wait(handle: u32, tokens: u32, now: f64) -> f64 {
    with(handle, 0.0, |policy| {
        engine::token_wait(policy, tokens, now)
    })
}

/// See [`engine::sample`].
#[wasm_bindgen]
pub fn sample(handle: u32, duration: f64, in_flight: u32, dropped: u32, now: f64) -> u32 {
    with(handle, u32::MAX, |policy| {
        engine::sample(policy, duration, in_flight, dropped, now)
    })
}

/// See [`engine::shed_load_admit`].
#[wasm_bindgen(js_name = shedLoadAdmit)]
pub fn shed_load_admit(handle: u32, now: f64) -> u32 {
    with(handle, 1, |policy| engine::shed_load_admit(policy, now))
}

/// See [`engine::shed_load_accept`].
#[wasm_bindgen(js_name = shedLoadAccept)]
pub fn shed_load_accept(handle: u32, now: f64) {
    with(handle, (), |policy| engine::shed_load_accept(policy, now));
}

pub(crate) fn with<R>(handle: u32, missing: R, run: impl FnOnce(&mut Policy) -> R) -> R {
    match borrow(&POLICIES).get_mut(handle) {
        Some(policy) => run(policy),
        None => missing,
    }
}

fn problems_to_js(problems: &[Problem]) -> JsValue {
    plain(&Value::Array(
        problems.iter().map(Value::from).collect::<Vec<_>>(),
    ))
}
