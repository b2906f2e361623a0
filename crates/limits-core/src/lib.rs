//! Limits of the load on a dependency.
//!
//! [`bulkhead`] holds a fixed number of slots and a queue for them, [`adaptive`] finds the number of slots that suits
//! the dependency, [`rate`] spreads calls over time, and [`shed_load`] sheds calls that the dependency would refuse.
//! They decide; the caller waits and calls.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod adaptive;
pub mod bulkhead;
mod queue;
pub mod rate;
pub mod shed_load;
mod slots;

pub use adaptive::{AdaptiveConfig, AdaptiveLimit, AdaptiveSettings, Algorithm};
pub use bulkhead::{Bulkhead, BulkheadConfig, BulkheadSettings, Entry};
pub use rate::{RateConfig, RateSettings, TokenBucket};
pub use shed_load::{ShedLoad, ShedLoadConfig, ShedLoadSettings};
pub use slots::Ticket;
