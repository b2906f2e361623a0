//! One function for each that crosses: numbers in, numbers out. Times are milliseconds on a monotonic clock, and answers of
//! yes or no are 1 or 0. A policy of another kind than a function is for answers as if nothing stood in the way.

pub use crate::forecast::{forecast_call, forecast_restart, forecast_rules};
pub use crate::schedule::{schedule_change, schedule_entry};

use crate::{Policy, stats};
use alloc::vec::Vec;
use breaker_bridge::{Problem, Value};
use breaker_core::time::{Instant, Span};
use limits_core::Ticket;
use limits_core::bulkhead::Entry;

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

/// Above 0 a ticket that may start, below 0 the ticket, negated, of a place in the queue, and 0 where all is full.
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

/// Whoever held this ticket is done.
pub fn leave(policy: &mut Policy, ticket: f64) {
    if let Policy::Bulkhead(bulkhead) = policy {
        bulkhead.leave(Ticket::from_number(ticket as u64));
    }
}

/// Takes a ticket out of the queue; whether it was still there.
pub fn cancel(policy: &mut Policy, ticket: f64) -> u32 {
    match policy {
        Policy::Bulkhead(bulkhead) => {
            u32::from(bulkhead.cancel(Ticket::from_number(ticket as u64)))
        }
        _ => 0,
    }
}

/// The ticket from the queue that may start now, or 0.
pub fn next(policy: &mut Policy) -> f64 {
    match policy {
        Policy::Bulkhead(bulkhead) => bulkhead
            .start_next()
            .map_or(0.0, |ticket| ticket.number() as f64),
        _ => 0.0,
    }
}

/// How many may be under way from now on.
pub fn set_limit(policy: &mut Policy, limit: u32) {
    if let Policy::Bulkhead(bulkhead) = policy {
        bulkhead.set_limit(limit);
    }
}

/// 0 where the tokens were taken, else how long until there are enough: infinite where there never will be.
pub fn take(policy: &mut Policy, tokens: u32, now: f64) -> f64 {
    match policy {
        Policy::Rate(bucket) => match bucket.take(tokens, Instant::from_millis(now)) {
            Ok(()) => 0.0,
            Err(refused) => refused.wait.map_or(f64::INFINITY, Span::as_millis),
        },
        _ => 0.0,
    }
}

/// How long until so many tokens have come, if each is taken as it comes.
pub fn token_wait(policy: &mut Policy, tokens: u32, now: f64) -> f64 {
    match policy {
        Policy::Rate(bucket) => bucket.wait(tokens, Instant::from_millis(now)).as_millis(),
        _ => 0.0,
    }
}

/// What a call was like, `dropped` being 1 where it was ended early; returns the limit from now on.
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

/// Whether a call may be made, which then counts as a request.
pub fn throttle_admit(policy: &mut Policy, now: f64) -> u32 {
    match policy {
        Policy::Throttle(throttle, random) => {
            u32::from(throttle.admit(Instant::from_millis(now), random))
        }
        _ => 1,
    }
}

/// The dependency took a call on.
pub fn throttle_accept(policy: &mut Policy, now: f64) {
    if let Policy::Throttle(throttle, _) = policy {
        throttle.accept(Instant::from_millis(now));
    }
}
