//! The functions that a call crosses by, as bare N-API callbacks: an order of magnitude cheaper than generated
//! ones. This is the only file of the project with unsafe code of its own. What makes it sound, once for all of it:
//! Node calls a callback with an environment and a callback info that live until it returns, and every value is
//! read through N-API, which checks its type; a value of another type reads as 0.

use crate::table;
use breaker_bridge::codes::NO_BREAKER;
use breaker_bridge::engine;
use napi::bindgen_prelude::Object;
use napi::{Env, JsValue, Result, check_status, sys};
use napi_derive::napi;
use std::ffi::{CStr, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::AtomicI32;

/// Adds the functions to what the addon exports.
#[napi(module_exports)]
pub fn register(exports: Object, env: Env) -> Result<()> {
    add(env, exports, c"word", word)?;
    add(env, exports, c"wordMemory", word_memory)?;
    add(env, exports, c"settle", settle)
}

/// `word(handle): number`: the state word.
unsafe extern "C" fn word(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    answer(env, || {
        let [handle] = arguments(env, info);
        table::word_of(unsigned(env, handle))
    })
}

/// `wordMemory(handle): ArrayBuffer | undefined`: the four bytes in which the state word stands, to be read without
/// crossing; nothing where the runtime allows no memory of an addon's own. They live as long as the buffer.
unsafe extern "C" fn word_memory(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    let [handle] = arguments(env, info);
    let Some(word) = table::shared_word(unsigned(env, handle)) else {
        return ptr::null_mut();
    };
    let mut buffer = ptr::null_mut();
    let memory = Arc::into_raw(word);
    // SAFETY: the memory is that of the atomic, which the buffer keeps alive until it is collected.
    let status = unsafe {
        sys::napi_create_external_arraybuffer(
            env,
            (*memory).as_ptr().cast(),
            size_of::<AtomicI32>(),
            Some(give_word_up),
            memory.cast_mut().cast(),
            &mut buffer,
        )
    };
    if status == sys::Status::napi_ok {
        return buffer;
    }
    // SAFETY: no buffer was made that would give it up.
    drop(unsafe { Arc::from_raw(memory) });
    ptr::null_mut()
}

/// The buffer is gone.
unsafe extern "C" fn give_word_up(_: sys::napi_env, _: *mut c_void, memory: *mut c_void) {
    // SAFETY: `memory` came from `Arc::into_raw`, for this one call.
    drop(unsafe { Arc::from_raw(memory.cast::<AtomicI32>().cast_const()) });
}

/// `settle(handle, permit, outcome, now, duration): number`: see [`engine::settle`].
unsafe extern "C" fn settle(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    answer(env, || {
        let [handle, permit, outcome, now, duration] = arguments(env, info);
        let (permit, outcome) = (double(env, permit), unsigned(env, outcome));
        let (now, duration) = (double(env, now), double(env, duration));
        table::with(unsigned(env, handle), NO_BREAKER, |breaker| {
            engine::settle(breaker, permit, outcome, now, duration)
        })
    })
}

type Callback = unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

fn add(env: Env, exports: Object, name: &CStr, callback: Callback) -> Result<()> {
    let mut function = ptr::null_mut();
    // SAFETY: `name` ends with a NUL, `callback` is a function of the program, and `function` is written to.
    check_status!(unsafe {
        sys::napi_create_function(
            env.raw(),
            name.as_ptr(),
            name.count_bytes().cast_signed(),
            Some(callback),
            ptr::null_mut(),
            &mut function,
        )
    })?;
    // SAFETY: both values belong to the environment, and `name` ends with a NUL.
    check_status!(unsafe {
        sys::napi_set_named_property(env.raw(), exports.raw(), name.as_ptr(), function)
    })
}

/// Turns the answer into a JavaScript number, and a panic into a JavaScript error.
fn answer(env: sys::napi_env, run: impl FnOnce() -> i32) -> sys::napi_value {
    let mut value = ptr::null_mut();
    match catch_unwind(AssertUnwindSafe(run)) {
        // SAFETY: `value` is written to.
        Ok(number) => unsafe { sys::napi_create_int32(env, number, &mut value) },
        // SAFETY: both texts end with a NUL.
        Err(_) => unsafe {
            sys::napi_throw_error(
                env,
                c"EBREAKERPANIC".as_ptr(),
                c"the fusewire engine panicked".as_ptr(),
            )
        },
    };
    value
}

/// The first `N` arguments; those that were not given are undefined.
fn arguments<const N: usize>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> [sys::napi_value; N] {
    let mut values = [ptr::null_mut(); N];
    let mut count = N;
    // SAFETY: N-API writes at most `count` values, and fills up to `count` with undefined.
    unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &mut count,
            values.as_mut_ptr(),
            ptr::null_mut(),
            ptr::null_mut(),
        )
    };
    values
}

fn double(env: sys::napi_env, value: sys::napi_value) -> f64 {
    let mut number = 0.0;
    // SAFETY: `number` is written to where the value is a number, and left alone where it is not.
    unsafe { sys::napi_get_value_double(env, value, &mut number) };
    number
}

fn unsigned(env: sys::napi_env, value: sys::napi_value) -> u32 {
    let mut number = 0;
    // SAFETY: as above.
    unsafe { sys::napi_get_value_uint32(env, value, &mut number) };
    number
}
