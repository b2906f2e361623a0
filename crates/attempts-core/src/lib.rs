//! Policies of additional attempts.
//!
//! [`delay`] computes the delay before a retry, [`budget`] decides whether a retry is allowed, and [`hedge`] computes
//! the delay before a second copy of a slow call. The caller waits and calls.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod budget;
pub mod delay;
pub mod hedge;

pub use budget::{Budget, BudgetConfig, BudgetSettings};
pub use delay::{DelayConfig, DelaySettings, Delays};
pub use hedge::{Hedge, HedgeConfig, HedgeSettings};
