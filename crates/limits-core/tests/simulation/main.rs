//! What the policies make of a dependency with a known capacity, in simulated time and from fixed seeds.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

mod adaptive;
mod dependency;
mod throttle;
