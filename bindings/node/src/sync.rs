//! Synchronisation primitives of the standard library. tests/threads has a module with the same names for loom, which
//! tests every interleaving.

pub use std::sync::atomic::{AtomicI32, Ordering};
pub use std::sync::{Mutex, MutexGuard};

/// Declares a thread-local.
macro_rules! per_thread {
    ($($item:tt)*) => { ::std::thread_local! { $($item)* } };
}
pub(crate) use per_thread;

/// Declares statics that all threads share.
macro_rules! process_wide {
    ($($item:item)*) => { $($item)* };
}
pub(crate) use process_wide;
