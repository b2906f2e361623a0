//! Schedules and forecasts: functions of [`policies_bridge::engine`] on an integer handle of this thread.

use crate::policies::with;
use napi_derive::napi;
use policies_bridge::engine;

const NO_ENTRY: i32 = -1;

/// See [`engine::schedule_entry`].
#[napi(catch_unwind)]
pub fn schedule_entry(handle: u32, minute: u32) -> i32 {
    with(handle, NO_ENTRY, |policy| {
        engine::schedule_entry(policy, minute)
    })
}

/// See [`engine::schedule_change`].
#[napi(catch_unwind)]
pub fn schedule_change(handle: u32, minute: u32) -> f64 {
    with(handle, f64::INFINITY, |policy| {
        engine::schedule_change(policy, minute)
    })
}

/// See [`engine::forecast_call`].
#[napi(catch_unwind)]
pub fn forecast_call(handle: u32, failed: u32, duration: f64, now: f64) -> u32 {
    with(handle, 0, |policy| {
        engine::forecast_call(policy, failed, duration, now)
    })
}

/// See [`engine::forecast_restart`].
#[napi(catch_unwind)]
pub fn forecast_restart(handle: u32, opened: u32, now: f64) {
    with(handle, (), |policy| {
        engine::forecast_restart(policy, opened, now)
    });
}

/// See [`engine::forecast_rules`].
#[napi(catch_unwind)]
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
