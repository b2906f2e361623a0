//! The table of bindings/node, compiled as it stands there, over loom instead of the standard library.

mod sync;
#[path = "../../../bindings/node/src/table.rs"]
pub mod table;
#[path = "../../../bindings/node/src/words.rs"]
pub mod words;
