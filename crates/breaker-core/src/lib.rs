//! The circuit breaker state machine.
//!
//! [`Breaker`] decides; it runs nothing. The caller requests a permit from [`Breaker::admit`], makes the call, and
//! settles the permit with [`Breaker::settle`] and the outcome. Every method takes the time as an argument, so the
//! same sequence of calls always gives the same results.
//!
//! Read `breaker.rs` first, then `transition.rs`, which holds every transition. [`rules`] opens a closed circuit by
//! the contents of the [`window`], [`half_open`] decides by probes, [`backoff`] computes the open time, [`ramp`] lets
//! traffic back in, and [`in_flight`] watches calls before they end.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod backoff;
mod behaviour;
pub mod breaker;
mod check;
pub mod config;
pub mod groups;
pub mod half_open;
pub mod histogram;
pub mod in_flight;
pub mod lifetime;
pub mod outcome;
pub mod overrides;
pub mod permit;
pub mod problems;
pub mod ramp;
mod reading;
pub mod report;
pub mod retune;
pub mod rules;
pub mod settings;
pub mod snapshot;
pub mod state;
pub mod time;
mod transition;
pub mod window;

pub use breaker::Breaker;
pub use config::{Config, ConfigError, ConfigErrors};
pub use outcome::Outcome;
pub use overrides::{Hold, Override};
pub use permit::{Admission, Generation, Permit, Rejection};
pub use report::{Explanation, Stats};
pub use settings::Settings;
pub use snapshot::Snapshot;
pub use state::{CircuitState, Reason, Transition};
pub use time::{Instant, Span};
