//! What threads meet at, by the names of the standard library. tests/threads has a module of the same form over loom,
//! which tries every order in which threads can get there.

pub use std::sync::atomic::{AtomicI32, Ordering};
pub use std::sync::{Mutex, MutexGuard};

/// Declares a static of which each thread has one.
macro_rules! per_thread {
    ($($item:tt)*) => { ::std::thread_local! { $($item)* } };
}
pub(crate) use per_thread;

/// Declares statics of which there is one for all threads.
macro_rules! process_wide {
    ($($item:item)*) => { $($item)* };
}
pub(crate) use process_wide;
