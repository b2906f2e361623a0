//! Shared part of both bindings of the policies beside the breaker: options from JavaScript ([`options`]), and the
//! functions that JavaScript calls ([`engine`]).

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
