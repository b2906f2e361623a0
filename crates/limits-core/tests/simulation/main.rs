//! Simulations of the policies with a dependency of known capacity, in simulated time and from fixed seeds.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

mod adaptive;
mod dependency;
mod shed_load;
