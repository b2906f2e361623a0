//! What both bindings share for the policies beside the breaker: their options as JavaScript gives them ([`options`]), and
//! a function for each that crosses ([`engine`]).

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod engine;
pub mod forecast;
mod options;
pub mod policy;
mod reader;
pub mod schedule;
pub mod stats;

pub use policy::Policy;
