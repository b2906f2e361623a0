//! WebAssembly binding: a thin function around each function of a bridge, on an integer handle. An instance belongs
//! to one thread, together with everything in it.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

#[cfg(feature = "policies")]
pub mod adaptive;
#[cfg(feature = "breaker")]
pub mod breaker;
mod data;
#[cfg(feature = "policies")]
pub mod policies;
mod state;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Traps after a panic. The core cannot panic; if it did, TypeScript would catch the trap and admit the user's call.
#[cfg(target_family = "wasm")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    state::trap()
}
