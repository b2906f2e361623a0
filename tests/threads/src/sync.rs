//! The module of the same name in bindings/node, over loom.

pub use loom::sync::atomic::{AtomicI32, Ordering};
pub use loom::sync::{Mutex, MutexGuard};

/// Loom makes thread locals when they are first asked for, never before.
macro_rules! per_thread {
    (static $name:ident: $type:ty = const { $value:expr };) => {
        loom::thread_local! { static $name: $type = $value; }
    };
}
pub(crate) use per_thread;

/// And statics too.
macro_rules! process_wide {
    ($(static $name:ident: $type:ty = $value:expr;)*) => {
        loom::lazy_static! { $(static ref $name: $type = $value;)* }
    };
}
pub(crate) use process_wide;
