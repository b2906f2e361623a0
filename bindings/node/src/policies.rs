//! Each function of [`policies_bridge::engine`] on an integer handle of this thread.

use crate::OptionProblem;
use crate::data::data;
use breaker_bridge::{NO_HANDLE, Table};
use napi::Result;
use napi::bindgen_prelude::{Either, Float64ArraySlice, Unknown};
use napi_derive::napi;
use policies_bridge::{Policy, engine};
use std::cell::RefCell;

thread_local! {
    static POLICIES: RefCell<Table<Policy>> = const { RefCell::new(Table::new()) };
}

/// Creates a policy. Returns a handle, or an array of problems.
#[napi(catch_unwind)]
pub fn create_policy(
    kind: u32,
    options: Unknown,
    now: f64,
) -> Result<Either<u32, Vec<OptionProblem>>> {
    Ok(match engine::create(kind, &data(options)?, now) {
        Ok(policy) => Either::A(
            POLICIES.with_borrow_mut(|policies| policies.insert(policy).unwrap_or(NO_HANDLE)),
        ),
        Err(problems) => Either::B(problems.into_iter().map(OptionProblem::from).collect()),
    })
}

/// Releases a handle.
#[napi(catch_unwind)]
pub fn free_policy(handle: u32) {
    POLICIES.with_borrow_mut(|policies| policies.remove(handle));
}

/// See [`engine::policy_stats`].
#[napi(catch_unwind)]
pub fn policy_stats(handle: u32, now: f64, mut out: Float64ArraySlice) {
    // SAFETY: JavaScript does not run while the row is being written.
    let row = unsafe { out.as_mut() };
    with(handle, (), |policy| engine::policy_stats(policy, now, row));
}

/// Returns the number of policies that this thread holds.
#[napi(catch_unwind)]
pub fn policy_count() -> u32 {
    POLICIES.with_borrow(|policies| u32::try_from(policies.len()).unwrap_or(u32::MAX))
}

/// See [`engine::next_delay`].
#[napi(catch_unwind)]
pub fn next_delay(handle: u32, attempt: u32, previous: f64) -> f64 {
    with(handle, 0.0, |policy| {
        engine::next_delay(policy, attempt, previous)
    })
}

/// See [`engine::deposit`].
#[napi(catch_unwind)]
pub fn deposit(handle: u32, now: f64) {
    with(handle, (), |policy| engine::deposit(policy, now));
}

/// See [`engine::withdraw`].
#[napi(catch_unwind)]
pub fn withdraw(handle: u32, now: f64) -> u32 {
    with(handle, 1, |policy| engine::withdraw(policy, now))
}

/// See [`engine::hedge_delay`].
#[napi(catch_unwind)]
pub fn hedge_delay(handle: u32, now: f64) -> f64 {
    with(handle, 0.0, |policy| engine::hedge_delay(policy, now))
}

/// See [`engine::record_duration`].
#[napi(catch_unwind)]
pub fn record_duration(handle: u32, duration: f64, now: f64) {
    with(handle, (), |policy| {
        engine::record_duration(policy, duration, now)
    });
}

/// See [`engine::enter`].
#[napi(catch_unwind)]
pub fn enter(handle: u32, priority: u32) -> f64 {
    with(handle, 1.0, |policy| engine::enter(policy, priority))
}

/// See [`engine::displaced`].
#[napi(catch_unwind)]
pub fn displaced(handle: u32) -> f64 {
    with(handle, 0.0, engine::displaced)
}

/// See [`engine::leave`].
#[napi(catch_unwind)]
pub fn leave(handle: u32, ticket: f64) {
    with(handle, (), |policy| engine::leave(policy, ticket));
}

/// See [`engine::cancel`].
#[napi(catch_unwind)]
pub fn cancel(handle: u32, ticket: f64) -> u32 {
    with(handle, 0, |policy| engine::cancel(policy, ticket))
}

/// See [`engine::next`].
#[napi(catch_unwind)]
pub fn next(handle: u32) -> f64 {
    with(handle, 0.0, engine::next)
}

/// See [`engine::set_limit`].
#[napi(catch_unwind)]
pub fn set_limit(handle: u32, limit: u32) {
    with(handle, (), |policy| engine::set_limit(policy, limit));
}

/// See [`engine::take`].
#[napi(catch_unwind)]
pub fn take(handle: u32, tokens: u32, now: f64) -> f64 {
    with(handle, 0.0, |policy| engine::take(policy, tokens, now))
}

/// See [`engine::token_wait`].
#[napi(catch_unwind)]
pub fn token_wait(handle: u32, tokens: u32, now: f64) -> f64 {
    with(handle, 0.0, |policy| {
        engine::token_wait(policy, tokens, now)
    })
}

/// See [`engine::sample`].
#[napi(catch_unwind)]
pub fn sample(handle: u32, duration: f64, in_flight: u32, dropped: u32, now: f64) -> u32 {
    with(handle, u32::MAX, |policy| {
        engine::sample(policy, duration, in_flight, dropped, now)
    })
}

/// See [`engine::shed_load_admit`].
#[napi(catch_unwind)]
pub fn shed_load_admit(handle: u32, now: f64) -> u32 {
    with(handle, 1, |policy| engine::shed_load_admit(policy, now))
}

/// See [`engine::shed_load_accept`].
#[napi(catch_unwind)]
pub fn shed_load_accept(handle: u32, now: f64) {
    with(handle, (), |policy| engine::shed_load_accept(policy, now));
}

pub(crate) fn with<R>(handle: u32, missing: R, run: impl FnOnce(&mut Policy) -> R) -> R {
    POLICIES.with_borrow_mut(|policies| match policies.get_mut(handle) {
        Some(policy) => run(policy),
        None => missing,
    })
}
