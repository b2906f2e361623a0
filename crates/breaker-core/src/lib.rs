//! The circuit breaker state machine.
//!
//! [`Breaker`] decides; it runs nothing. The caller asks [`Breaker::admit`] for a permit, makes the
//! call, and hands the permit back to [`Breaker::settle`] with the outcome. Every method is told the
//! time, so the same sequence of calls always gives the same answers.
//!
//! Read [`breaker`] first: it is the transition table. [`rules`] holds what opens a closed circuit,
//! [`window`] what the rules count, [`half_open`] the probes, [`backoff`] how long the circuit stays
//! open, [`ramp`] how it lets traffic back in.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod backoff;
pub mod breaker;
pub mod config;
pub mod half_open;
pub mod histogram;
pub mod lifetime;
pub mod outcome;
pub mod overrides;
pub mod permit;
pub mod ramp;
mod reading;
pub mod report;
pub mod rules;
pub mod snapshot;
pub mod state;
pub mod time;
pub mod window;

pub use breaker::Breaker;
pub use config::{Config, ConfigError, ConfigErrors, Settings};
pub use outcome::Outcome;
pub use overrides::Override;
pub use permit::{Admission, Generation, Permit, Rejection};
pub use report::{Explanation, Stats};
pub use snapshot::Snapshot;
pub use state::{CircuitState, Reason, Transition};
pub use time::{Instant, Span};
