//! Adaptive thresholds of a breaker.
//!
//! [`schedule`] selects the thresholds by the time of the week. [`forecast`] extrapolates failures and response
//! times, and predicts when the breaker's own rule would open its circuit; [`trend`] is its smoothing. They decide;
//! the caller has the clock, sets thresholds and opens circuits.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod forecast;
pub mod schedule;
pub mod trend;

pub use forecast::{Forecast, ForecastConfig, ForecastSettings, Prediction};
pub use schedule::{EntrySettings, Schedule};
