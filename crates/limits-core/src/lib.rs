//! How much may be under way.
//!
//! [`bulkhead`] holds a fixed number of places and a queue for them, [`adaptive`] finds out how many places a dependency has,
//! [`rate`] spreads calls over time, and [`throttle`] sheds what a dependency would not take on anyway. They decide; the
//! caller waits and calls.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod adaptive;
pub mod bulkhead;
mod queue;
pub mod rate;
mod slots;
pub mod throttle;

pub use adaptive::{AdaptiveConfig, AdaptiveLimit, AdaptiveSettings, Algorithm};
pub use bulkhead::{Bulkhead, BulkheadConfig, BulkheadSettings, Entry};
pub use rate::{RateConfig, RateSettings, TokenBucket};
pub use slots::Ticket;
pub use throttle::{Throttle, ThrottleConfig, ThrottleSettings};
