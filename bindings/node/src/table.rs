//! Table of native breakers. A thread addresses its breakers by handle. A breaker opened by name is shared by all
//! threads of the process, and by all copies of the addon's package in it. It is dropped with its last handle.

use crate::state_words;
use crate::sync::{AtomicI32, Mutex, MutexGuard, Ordering, per_thread, process_wide};
use breaker_bridge::codes::{NO_BREAKER, word};
use breaker_bridge::problem::Kind;
use breaker_bridge::{Configs, NO_HANDLE, Problem, Table, Value, engine, options, tuning};
use breaker_core::Breaker;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};

per_thread! {
    static HANDLES: RefCell<Table<Arc<Shared>>> = const { RefCell::new(Table::new()) };
}

process_wide! {
    static CONFIGS: Mutex<Configs> = Mutex::new(Configs::new());
    static NAMED: Mutex<Option<HashMap<String, Weak<Shared>>>> = Mutex::new(None);
}

/// A breaker behind a lock, with its state word readable without one.
struct Shared {
    breaker: Mutex<Breaker>,
    word: AtomicI32,
    /// Index of its state word in [`state_words`], if the breaker is shared and an index was free.
    slot: Option<u32>,
}

impl Shared {
    fn new(breaker: Breaker, slot: Option<u32>) -> Arc<Self> {
        let shared = Self {
            word: AtomicI32::new(NO_BREAKER),
            breaker: Mutex::new(breaker),
            slot,
        };
        shared.with(|_| ());
        Arc::new(shared)
    }

    fn with<R>(&self, run: impl FnOnce(&mut Breaker) -> R) -> R {
        let mut breaker = lock(&self.breaker);
        let result = run(&mut breaker);
        let word = word(&breaker);
        self.word.store(word, Ordering::Release);
        if let Some(shared_word) = self.slot.and_then(state_words::word_at) {
            shared_word.store(word, Ordering::Release);
        }
        result
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            state_words::release(slot);
        }
    }
}

/// Locks a mutex, even if another thread panicked while holding it. The breaker stays usable: its fields are numbers,
/// and no rule of the core spans two of them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Creates a breaker that belongs to this thread.
///
/// # Errors
/// Returns all problems of the options.
pub fn create(options: &Value, now: f64) -> Result<u32, Vec<Problem>> {
    let breaker = engine::create(options, &mut lock(&CONFIGS), now)?;
    Ok(insert(Shared::new(breaker, None)))
}

/// Creates a breaker that belongs to this thread, from a snapshot.
///
/// # Errors
/// Returns all problems of the options and the snapshot.
pub fn restore(options: &Value, saved: &Value, now: f64) -> Result<u32, Vec<Problem>> {
    let breaker = engine::restore(options, saved, &mut lock(&CONFIGS), now)?;
    Ok(insert(Shared::new(breaker, None)))
}

/// Opens the breaker of a name: the existing one, or a new one.
///
/// # Errors
/// Returns all problems of the options, or the conflict if the existing breaker has other options.
pub fn open(name: &str, options: &Value, now: f64) -> Result<u32, Vec<Problem>> {
    let mut named = lock(&NAMED);
    let named = named.get_or_insert_with(HashMap::new);
    if let Some(existing) = named.get(name).and_then(Weak::upgrade) {
        let config = options::parse(options)?.config;
        if !existing.with(|breaker| *breaker.made_with() == config) {
            return Err(vec![Problem {
                option: "scope".to_owned(),
                kind: Kind::Conflict,
                expected: "used with the same options in every thread that opens a breaker of this name",
            }]);
        }
        return Ok(insert(existing));
    }
    let breaker = engine::create(options, &mut lock(&CONFIGS), now)?;
    let shared = Shared::new(breaker, state_words::take());
    named.retain(|_, breaker| breaker.strong_count() > 0);
    named.insert(name.to_owned(), Arc::downgrade(&shared));
    Ok(insert(shared))
}

/// Releases a handle.
pub fn free(handle: u32) {
    HANDLES.with(|handles| handles.borrow_mut().remove(handle));
}

/// Returns the state word, without waiting for the lock of the breaker.
pub fn word_of(handle: u32) -> i32 {
    HANDLES.with(|handles| {
        handles
            .borrow()
            .get(handle)
            .map_or(NO_BREAKER, |shared| shared.word.load(Ordering::Acquire))
    })
}

/// Returns the index of the state word in [`state_words`], if it has one.
pub fn slot_of(handle: u32) -> Option<u32> {
    HANDLES.with(|handles| handles.borrow().get(handle)?.slot)
}

/// Runs a function on a breaker, or returns `missing` if the handle is unknown.
pub fn with<R>(handle: u32, missing: R, run: impl FnOnce(&mut Breaker) -> R) -> R {
    HANDLES.with(|handles| match handles.borrow().get(handle) {
        Some(shared) => shared.with(run),
        None => missing,
    })
}

/// See [`tuning::retune`].
pub fn retune(handle: u32, thresholds: [f64; 5], now: f64) -> Vec<Problem> {
    with(handle, Vec::new(), |breaker| {
        tuning::retune(breaker, thresholds, now)
    })
}

/// Returns the number of handles that this thread holds.
pub fn len() -> u32 {
    HANDLES.with(|handles| u32::try_from(handles.borrow().len()).unwrap_or(u32::MAX))
}

fn insert(shared: Arc<Shared>) -> u32 {
    HANDLES.with(|handles| handles.borrow_mut().insert(shared).unwrap_or(NO_HANDLE))
}
