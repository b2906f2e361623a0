//! Reference model of a breaker, as plain as it can be written.
//!
//! The model keeps one list of all events, and computes every reading from that list: the failures in a window are
//! the listed failures that are recent enough, a total is a count over the whole list. It shares no code with
//! `breaker-core`. The tests drive both and compare every reading.
//!
//! Read [`model`] first: the operations on a breaker. Each other file holds one rule: [`window`], [`rules`],
//! [`probes`], [`open_time`], [`ramp`], [`in_flight`], [`overrides`], [`lifetime`]. [`readings`] lists what callers
//! can read. [`case`], [`replay`] and [`program`] are the forms of a test case.

#![forbid(unsafe_code)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "an error in the model stops the test"
)]
#![allow(
    missing_docs,
    reason = "the package documents these options and readings"
)]

pub mod case;
pub mod clock;
pub mod history;
pub mod in_flight;
pub mod lifetime;
pub mod model;
pub mod open_time;
pub mod options;
pub mod overrides;
pub mod probes;
pub mod program;
pub mod ramp;
pub mod readings;
pub mod replay;
pub mod rules;
pub mod tuning;
pub mod window;

pub use case::{Case, Step};
pub use model::Model;
pub use options::Options;
pub use program::Program;
