//! One function for each that crosses: numbers in, numbers out. Times are milliseconds on a monotonic clock, and answers of
//! yes or no are 1 or 0. A policy of another kind than a function is for answers as if nothing stood in the way.

use crate::{Policy, stats};
use alloc::vec::Vec;
use breaker_bridge::{Problem, Value};
use breaker_core::time::{Instant, Span};

/// Makes a policy.
///
/// # Errors
/// Everything that is wrong with the options.
pub fn create(kind: u32, options: &Value, now: f64) -> Result<Policy, Vec<Problem>> {
    Policy::new(kind, options, Instant::from_millis(now))
}

/// Writes what is counted.
pub fn policy_stats(policy: &mut Policy, now: f64, out: &mut [f64]) {
    stats::write(policy, Instant::from_millis(now), out);
}

/// How long to wait after attempt number `attempt` has failed; `previous` is the wait before it.
pub fn next_delay(policy: &mut Policy, attempt: u32, previous: f64) -> f64 {
    match policy {
        Policy::Delays(delays, random) => delays
            .next(attempt, Span::from_millis(previous), random)
            .as_millis(),
        _ => 0.0,
    }
}

/// A call has begun.
pub fn deposit(policy: &mut Policy, now: f64) {
    if let Policy::Budget(budget) = policy {
        budget.deposit(Instant::from_millis(now));
    }
}

/// Whether one more attempt may be made, which then is spent.
pub fn withdraw(policy: &mut Policy, now: f64) -> u32 {
    match policy {
        Policy::Budget(budget) => u32::from(budget.withdraw(Instant::from_millis(now))),
        _ => 1,
    }
}

/// How long until the next copy of a call may be started.
pub fn hedge_delay(policy: &mut Policy, now: f64) -> f64 {
    match policy {
        Policy::Hedge(hedge) => hedge.delay(Instant::from_millis(now)).as_millis(),
        _ => 0.0,
    }
}

/// How long a call took.
pub fn record_duration(policy: &mut Policy, duration: f64, now: f64) {
    if let Policy::Hedge(hedge) = policy {
        hedge.record(Span::from_millis(duration), Instant::from_millis(now));
    }
}
