//! State of the instance, which its functions borrow one after the other.

use alloc::boxed::Box;
#[cfg(target_family = "wasm")]
use alloc::vec::Vec;
use breaker_bridge::Table;
#[cfg(target_family = "wasm")]
use core::sync::atomic::{AtomicUsize, Ordering};
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
    reserve_memory();
    handle.unwrap_or_else(|| trap())
}

/// Grows a memory that has grown by another eighth, which the allocator then has free.
///
/// The allocator grows the memory by a page at a time. JavaScript gets a new buffer each time, and its garbage collector
/// counts the old one as that much garbage: with every page, another collection of the whole heap comes closer.
#[cfg(target_family = "wasm")]
fn reserve_memory() {
    const PAGE: usize = 65_536;
    const SHARE: usize = 8;
    static PAGES: AtomicUsize = AtomicUsize::new(0);
    let pages = core::arch::wasm32::memory_size(0);
    if pages == PAGES.load(Ordering::Relaxed) {
        return;
    }
    let mut reserve = Vec::<u8>::new();
    // Without memory for it, there is nothing to reserve.
    let _ = reserve.try_reserve_exact(pages.saturating_mul(PAGE / SHARE));
    drop(core::hint::black_box(reserve));
    PAGES.store(core::arch::wasm32::memory_size(0), Ordering::Relaxed);
}

#[cfg(not(target_family = "wasm"))]
fn reserve_memory() {}

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
