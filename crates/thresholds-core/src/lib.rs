//! What a breaker adapts to.
//!
//! [`schedule`] says which thresholds hold at a minute of the week, and until when. [`forecast`] says where failures and
//! response times are heading, and when the breaker's own rule would open its circuit if they went on like this; [`trend`]
//! is what it smooths them with. They decide; the caller knows the time, sets thresholds and opens circuits.

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
