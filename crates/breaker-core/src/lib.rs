//! The circuit breaker state machine.
//!
//! [`Breaker`] decides; it runs nothing. The caller asks [`Breaker::admit`] for a permit, makes the
//! call, and hands the permit back to [`Breaker::settle`] with the outcome. Every method is told the
//! time, so the same sequence of calls always gives the same answers.
//!
//! Read `breaker.rs` first, then `transition.rs`: it holds every move of a circuit. [`rules`] says what opens a closed
//! one, [`window`] what the rules count, [`half_open`] how probes are judged, [`backoff`] how long the circuit stays
//! open, [`ramp`] how it lets traffic back in,
//! [`in_flight`] what calls say before they end.

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
pub use overrides::Override;
pub use permit::{Admission, Generation, Permit, Rejection};
pub use report::{Explanation, Stats};
pub use settings::Settings;
pub use snapshot::Snapshot;
pub use state::{CircuitState, Reason, Transition};
pub use time::{Instant, Span};
