//! The functions of the call path, as bare N-API callbacks: an order of magnitude cheaper than generated ones. This
//! is the only file of the project with unsafe code of its own. It is sound because Node calls a callback with an
//! environment and a callback info that live until it returns, and because every value is read through N-API, which
//! checks its type.

use crate::{state_words, table};
use breaker_bridge::codes::NO_BREAKER;
use breaker_bridge::engine;
use napi::bindgen_prelude::Object;
use napi::{Env, JsValue, Result, check_status, sys};
use napi_derive::napi;
use std::cell::Cell;
use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::thread::LocalKey;

/// Adds the functions to the exports of the addon.
#[napi(module_exports)]
pub fn register(exports: Object, env: Env) -> Result<()> {
    ENVIRONMENTS.set(ENVIRONMENTS.get().saturating_add(1));
    env.add_env_cleanup_hook((), |()| environment_ended())?;
    add(env, exports, c"word", word)?;
    add(env, exports, c"settleCall", settle_call)?;
    add(env, exports, c"callMemory", call_memory)?;
    add(env, exports, c"wordMemory", word_memory)
}

thread_local! {
    /// Number of environments of this thread that have loaded the addon. Some embedders run several in one thread.
    static ENVIRONMENTS: Cell<u32> = const { Cell::new(0) };
}

/// Releases what this thread holds, once its last environment has ended. The thread itself may go on, and not every
/// platform runs the destructors of its thread-locals.
fn environment_ended() {
    let left = ENVIRONMENTS.get().saturating_sub(1);
    ENVIRONMENTS.set(left);
    if left == 0 {
        table::end_thread();
    }
}

/// `word(handle): number`: returns the state word.
unsafe extern "C" fn word(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    number_or_error(env, || table::word_of(handle_of(env, info)))
}

/// Arguments of [`settle_call`] in memory: permit, outcome, now and duration.
type Call = [f64; 4];

thread_local! {
    static CALL: Cell<*const Call> = const { Cell::new(ptr::null()) };
    static CALL_BUFFER: Cell<sys::napi_ref> = const { Cell::new(ptr::null_mut()) };
    static WORD_BUFFER: Cell<sys::napi_ref> = const { Cell::new(ptr::null_mut()) };
}

/// `callMemory(): ArrayBuffer`: returns the buffer from which [`settle_call`] reads its arguments. Writing four
/// numbers there and passing one costs a fraction of passing five. All callers of a thread share the buffer.
unsafe extern "C" fn call_memory(
    env: sys::napi_env,
    _: sys::napi_callback_info,
) -> sys::napi_value {
    cached_buffer(env, &CALL_BUFFER, || {
        let (mut buffer, mut memory) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: both are written to. The memory stays in place as long as the buffer lives, and the buffer is never
        // released.
        unsafe { sys::napi_create_arraybuffer(env, size_of::<Call>(), &mut memory, &mut buffer) };
        CALL.set(memory.cast());
        buffer
    })
}

/// `settleCall(handle): number`: see [`engine::settle`].
unsafe extern "C" fn settle_call(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    number_or_error(env, || {
        // SAFETY: the memory lives as long as the thread, and JavaScript does not run while it is read.
        let Some([permit, outcome, now, duration]) = (unsafe { CALL.get().as_ref() }) else {
            return NO_BREAKER;
        };
        table::settle(handle_of(env, info), *permit, |breaker| {
            engine::settle(breaker, *permit, *outcome as u32, *now, *duration)
        })
    })
}

/// `wordMemory(): ArrayBuffer | undefined`: returns the memory of [`state_words::WORDS`], or nothing if the runtime forbids
/// buffers over an addon's memory.
unsafe extern "C" fn word_memory(
    env: sys::napi_env,
    _: sys::napi_callback_info,
) -> sys::napi_value {
    cached_buffer(env, &WORD_BUFFER, || {
        let mut buffer = ptr::null_mut();
        // SAFETY: the memory is a static, and every access to it from Rust is atomic. Without a buffer, `buffer`
        // stays null.
        unsafe {
            sys::napi_create_external_arraybuffer(
                env,
                state_words::WORDS.as_ptr().cast_mut().cast(),
                size_of_val(&state_words::WORDS),
                None,
                ptr::null_mut(),
                &mut buffer,
            )
        };
        buffer
    })
}

/// Returns the buffer of this thread: the cached one, or a new one. It is never released.
fn cached_buffer(
    env: sys::napi_env,
    cache: &'static LocalKey<Cell<sys::napi_ref>>,
    make: impl FnOnce() -> sys::napi_value,
) -> sys::napi_value {
    let mut reference = cache.get();
    if reference.is_null() {
        let buffer = make();
        if !buffer.is_null() {
            // SAFETY: `buffer` is a value of this environment, and `reference` is written to.
            unsafe { sys::napi_create_reference(env, buffer, 1, &mut reference) };
            cache.set(reference);
        }
        return buffer;
    }
    let mut buffer = ptr::null_mut();
    // SAFETY: a thread has one environment, and the reference is of it.
    unsafe { sys::napi_get_reference_value(env, reference, &mut buffer) };
    buffer
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

/// Converts the result to a JavaScript number, and a panic to a JavaScript error.
fn number_or_error(env: sys::napi_env, run: impl FnOnce() -> i32) -> sys::napi_value {
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

/// Returns the first argument, or 0 if it is not a number. No breaker has the handle 0.
fn handle_of(env: sys::napi_env, info: sys::napi_callback_info) -> u32 {
    let mut handle = 0;
    let mut value = ptr::null_mut();
    let mut count = 1;
    // SAFETY: N-API writes at most `count` values, and does not write `handle` if the value is not a number.
    unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &mut count,
            &mut value,
            ptr::null_mut(),
            ptr::null_mut(),
        );
        sys::napi_get_value_uint32(env, value, &mut handle);
    }
    handle
}
