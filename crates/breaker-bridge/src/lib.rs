//! What both bindings share, once: options as JavaScript gives them ([`options`]), the numbers that cross
//! ([`codes`], [`layout`]), snapshots ([`snapshot`]), and the table of breakers by handle ([`table`]).
//! A binding adds a thin function around each function of [`engine`].

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod codes;
pub mod configs;
pub mod engine;
pub mod layout;
pub mod options;
pub mod problem;
pub mod snapshot;
pub mod table;
pub mod tuning;
pub mod value;

pub use configs::Configs;
pub use problem::Problem;
pub use table::Table;
pub use value::Value;
