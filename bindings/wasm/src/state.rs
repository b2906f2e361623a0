//! State of the instance, which its functions borrow one after the other.

use alloc::boxed::Box;
use breaker_bridge::Table;
use spin::{Mutex, MutexGuard};

/// Borrows state for one function.
///
/// An instance has one thread, and no function calls another one of its own. State that is borrowed already was borrowed
/// by a function that trapped, and a trap runs no destructor. This function then traps, too: TypeScript catches the trap,
/// and admits every call. To wait would hang the process.
pub(crate) fn borrow<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    match state.try_lock() {
        Some(guard) => guard,
        None => trap(),
    }
}

/// Inserts an item, and returns its handle. Traps without borrowing the table if there is no memory for it, so that all
/// other items stay usable.
pub(crate) fn insert<T>(table: &Mutex<Table<Box<T>>>, item: T) -> u32 {
    let item = Box::new(item);
    let handle = borrow(table).insert(item);
    handle.unwrap_or_else(|| trap())
}

#[cold]
#[cfg(target_family = "wasm")]
pub(crate) fn trap() -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(not(target_family = "wasm"))]
#[allow(
    clippy::panic,
    reason = "the crate is only compiled for other targets, never run there"
)]
pub(crate) fn trap() -> ! {
    panic!("the engine has trapped")
}
