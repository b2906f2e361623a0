//! When a call is attempted once more.
//!
//! [`delay`] says how long to wait before a retry, [`budget`] whether there may be one at all, and [`hedge`] when a second
//! copy of a call that is still under way is worth starting. Nothing here runs anything: the caller waits and calls.

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
