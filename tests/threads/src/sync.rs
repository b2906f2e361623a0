//! Counterpart of the `sync` module of bindings/node, for loom.

pub use loom::sync::atomic::{AtomicI32, Ordering};
pub use loom::sync::{Mutex, MutexGuard};

/// Declares a thread-local. Loom initialises them at first use only.
macro_rules! per_thread {
    (static $name:ident: $type:ty = const { $value:expr };) => {
        loom::thread_local! { static $name: $type = $value; }
    };
}
pub(crate) use per_thread;

/// Declares statics. Loom initialises them at first use only.
macro_rules! process_wide {
    ($(static $name:ident: $type:ty = $value:expr;)*) => {
        loom::lazy_static! { $(static ref $name: $type = $value;)* }
    };
}
pub(crate) use process_wide;
