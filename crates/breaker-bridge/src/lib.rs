//! Shared part of both bindings of the breaker: options from JavaScript ([`options`]), numeric codes ([`codes`],
//! [`layout`]), snapshots ([`snapshot`]) and the table of breakers by handle ([`table`]). A binding wraps each
//! function of [`engine`].

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
mod snapshot_calls;
mod snapshot_fields;
pub mod table;
pub mod tuning;
pub mod value;

pub use configs::Configs;
pub use problem::Problem;
pub use table::{NO_HANDLE, Table};
pub use value::Value;
