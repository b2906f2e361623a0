//! A second reading of what a breaker does, as plain as it can be written.
//!
//! The model keeps one list, of all that ever happened, and finds every answer by going over that list: the failures in
//! a window are the failures in the list that are not too old, a total is a count over all of it. It shares no code with
//! `breaker-core`; the tests drive both and compare all that can be read.
//!
//! Read [`model`] first: what can be done to a breaker. Then one file for each thing that has to be known:
//! [`window`], [`rules`], [`probes`], [`open_time`], [`ramp`], [`in_flight`], [`overrides`], [`lifetime`]. [`readings`] is what people
//! see. [`case`], [`walk`] and [`program`] are how tests write down what to do.

#![forbid(unsafe_code)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what goes wrong in the model is to stop the test"
)]
#![allow(
    missing_docs,
    reason = "the words are those of the options and readings that the package describes"
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
pub mod rules;
pub mod tuning;
pub mod walk;
pub mod window;

pub use case::{Case, Step};
pub use model::Model;
pub use options::Options;
pub use program::Program;
