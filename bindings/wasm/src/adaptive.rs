//! Schedules and forecasts: functions of [`policies_bridge::engine`] on an integer handle.

use crate::policies::with;
use policies_bridge::engine;
use wasm_bindgen::prelude::*;

const NO_ENTRY: i32 = -1;

/// See [`engine::schedule_entry`].
#[wasm_bindgen(js_name = scheduleEntry)]
pub fn schedule_entry(handle: u32, minute: u32) -> i32 {
    with(handle, NO_ENTRY, |policy| {
        engine::schedule_entry(policy, minute)
    })
}

/// See [`engine::schedule_change`].
#[wasm_bindgen(js_name = scheduleChange)]
pub fn schedule_change(handle: u32, minute: u32) -> f64 {
    with(handle, f64::INFINITY, |policy| {
        engine::schedule_change(policy, minute)
    })
}

/// See [`engine::forecast_call`].
#[wasm_bindgen(js_name = forecastCall)]
pub fn forecast_call(handle: u32, failed: u32, duration: f64, now: f64) -> u32 {
    with(handle, 0, |policy| {
        engine::forecast_call(policy, failed, duration, now)
    })
}

/// See [`engine::forecast_restart`].
#[wasm_bindgen(js_name = forecastRestart)]
pub fn forecast_restart(handle: u32, opened: u32, now: f64) {
    with(handle, (), |policy| {
        engine::forecast_restart(policy, opened, now)
    });
}

/// See [`engine::forecast_rules`].
#[wasm_bindgen(js_name = forecastRules)]
pub fn forecast_rules(
    handle: u32,
    failures: f64,
    failure_rate: f64,
    slow_call_rate: f64,
    minimum_calls: f64,
) {
    with(handle, (), |policy| {
        engine::forecast_rules(
            policy,
            failures,
            failure_rate,
            slow_call_rate,
            minimum_calls,
        );
    });
}
