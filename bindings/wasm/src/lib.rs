//! The WebAssembly binding: a thin function around each function of a bridge, over an integer handle.
//! An instance belongs to one thread, and so does what it holds.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

#[cfg(feature = "policies")]
pub mod adaptive;
#[cfg(feature = "breaker")]
pub mod breaker;
mod data;
#[cfg(feature = "policies")]
pub mod policies;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// The core cannot panic. Should it all the same, the call traps, and TypeScript lets the user's call through.
#[cfg(target_family = "wasm")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
