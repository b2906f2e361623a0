//! Functions of the policies that JavaScript calls, with numbers as arguments and results. Times are milliseconds on
//! a monotonic clock; booleans are 1 or 0. Called with a policy of another kind, a function returns the result that
//! does not restrict the call.

pub use crate::forecast::{forecast_call, forecast_restart, forecast_rules};
pub use crate::schedule::{schedule_change, schedule_entry};

use crate::{Policy, stats};
use alloc::vec::Vec;
use breaker_bridge::{Problem, Value};
use breaker_core::time::{Instant, Span};
use limits_core::Ticket;
use limits_core::bulkhead::Entry;

/// Creates a policy.
///
/// # Errors
/// Returns all problems of the options.
pub fn create(kind: u32, options: &Value, now: f64) -> Result<Policy, Vec<Problem>> {
    Policy::new(kind, options, Instant::from_millis(now))
}

/// Writes the stats of the policy.
pub fn policy_stats(policy: &mut Policy, now: f64, out: &mut [f64]) {
    stats::write(policy, Instant::from_millis(now), out);
}

/// Returns the delay after the failed attempt number `attempt`. `previous` is the delay before it.
pub fn next_delay(policy: &mut Policy, attempt: u32, previous: f64) -> f64 {
    match policy {
        Policy::Delays(delays, random) => delays
            .next(attempt, Span::from_millis(previous), random)
            .as_millis(),
        _ => 0.0,
    }
}

/// Records that a call has begun.
pub fn deposit(policy: &mut Policy, now: f64) {
    if let Policy::Budget(budget) = policy {
        budget.deposit(Instant::from_millis(now));
    }
}

/// Whether one more attempt may be made. An allowed one is deducted from the budget.
pub fn withdraw(policy: &mut Policy, now: f64) -> u32 {
    match policy {
        Policy::Budget(budget) => u32::from(budget.withdraw(Instant::from_millis(now))),
        _ => 1,
    }
}

/// Returns the time until the next hedge of a call may start.
pub fn hedge_delay(policy: &mut Policy, now: f64) -> f64 {
    match policy {
        Policy::Hedge(hedge) => hedge.delay(Instant::from_millis(now)).as_millis(),
        _ => 0.0,
    }
}

/// Records the duration of a call.
pub fn record_duration(policy: &mut Policy, duration: f64, now: f64) {
    if let Policy::Hedge(hedge) = policy {
        hedge.record(Span::from_millis(duration), Instant::from_millis(now));
    }
}

/// Returns a ticket above 0 if the call may start, a negated ticket if it is queued, and 0 if slots and queue are
/// full. A queued call may have displaced another one.
pub fn enter(policy: &mut Policy, priority: u32) -> f64 {
    let Policy::Bulkhead(bulkhead) = policy else {
        return 1.0;
    };
    let priority = u8::try_from(priority).unwrap_or(u8::MAX);
    match bulkhead.enter(priority) {
        Entry::Entered(ticket) => ticket.number() as f64,
        Entry::Queued(ticket) => -(ticket.number() as f64),
        Entry::Full => 0.0,
    }
}

/// Returns the queued ticket that the last `enter` displaced, or 0.
pub fn displaced(policy: &mut Policy) -> f64 {
    match policy {
        Policy::Bulkhead(bulkhead) => bulkhead
            .displaced()
            .map_or(0.0, |ticket| ticket.number() as f64),
        _ => 0.0,
    }
}

/// Releases the slot of a ticket.
pub fn leave(policy: &mut Policy, ticket: f64) {
    if let Policy::Bulkhead(bulkhead) = policy {
        bulkhead.leave(Ticket::from_number(ticket as u64));
    }
}

/// Removes a ticket from the queue. Returns whether it was still queued.
pub fn cancel(policy: &mut Policy, ticket: f64) -> u32 {
    match policy {
        Policy::Bulkhead(bulkhead) => {
            u32::from(bulkhead.cancel(Ticket::from_number(ticket as u64)))
        }
        _ => 0,
    }
}

/// Returns the queued ticket that may start now, or 0.
pub fn next(policy: &mut Policy) -> f64 {
    match policy {
        Policy::Bulkhead(bulkhead) => bulkhead
            .start_next()
            .map_or(0.0, |ticket| ticket.number() as f64),
        _ => 0.0,
    }
}

/// Sets the number of slots.
pub fn set_limit(policy: &mut Policy, limit: u32) {
    if let Policy::Bulkhead(bulkhead) = policy {
        bulkhead.set_limit(limit);
    }
}

/// Takes tokens. Returns 0 on success, else the time until there are enough, which is infinite if the bucket can
/// never hold them.
pub fn take(policy: &mut Policy, tokens: u32, now: f64) -> f64 {
    match policy {
        Policy::Rate(bucket) => match bucket.take(tokens, Instant::from_millis(now)) {
            Ok(()) => 0.0,
            Err(refused) => refused.wait.map_or(f64::INFINITY, Span::as_millis),
        },
        _ => 0.0,
    }
}

/// Returns the time until this many tokens have arrived, if each is taken as it arrives.
pub fn token_wait(policy: &mut Policy, tokens: u32, now: f64) -> f64 {
    match policy {
        Policy::Rate(bucket) => bucket.wait(tokens, Instant::from_millis(now)).as_millis(),
        _ => 0.0,
    }
}

/// Records a finished call, with `dropped` 1 if it was aborted. Returns the new limit.
pub fn sample(policy: &mut Policy, duration: f64, in_flight: u32, dropped: u32, now: f64) -> u32 {
    match policy {
        Policy::Limit(limit) => limit.sample(
            Span::from_millis(duration),
            in_flight,
            dropped != 0,
            Instant::from_millis(now),
        ),
        _ => u32::MAX,
    }
}

/// Whether a call may be made. It counts as a request either way.
pub fn shed_load_admit(policy: &mut Policy, now: f64) -> u32 {
    match policy {
        Policy::ShedLoad(shed_load, random) => {
            u32::from(shed_load.admit(Instant::from_millis(now), random))
        }
        _ => 1,
    }
}

/// Records that the dependency accepted a call.
pub fn shed_load_accept(policy: &mut Policy, now: f64) {
    if let Policy::ShedLoad(shed_load, _) = policy {
        shed_load.accept(Instant::from_millis(now));
    }
}
