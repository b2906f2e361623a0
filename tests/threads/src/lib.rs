//! The breaker table of bindings/node, compiled with loom in place of the standard library.

#[path = "../../../bindings/node/src/held.rs"]
mod held;
#[path = "../../../bindings/node/src/state_words.rs"]
pub mod state_words;
mod sync;
#[path = "../../../bindings/node/src/table.rs"]
pub mod table;
