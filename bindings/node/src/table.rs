//! Where native breakers live. A thread reaches its breakers by handle; a breaker opened by name is one for all
//! threads of the process, and for all copies of the addon's package in it, and dies with its last handle.

use crate::sync::{AtomicI32, Mutex, MutexGuard, Ordering, per_thread, process_wide};
use crate::words;
use breaker_bridge::codes::{NO_BREAKER, word};
use breaker_bridge::problem::Kind;
use breaker_bridge::{Configs, Problem, Table, Value, engine, options, tuning};
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

/// A breaker behind a lock, with its state word where it can be read without one.
struct Shared {
    breaker: Mutex<Breaker>,
    word: AtomicI32,
    /// Its place among the words that every thread can read, if it is shared and there was one left.
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
        if let Some(place) = self.slot.and_then(words::place) {
            place.store(word, Ordering::Release);
        }
        result
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            words::give_back(slot);
        }
    }
}

/// A breaker that panicked half-way is still the best there is: its fields are numbers, and no rule of the core
/// spans two of them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a breaker of this thread's own.
///
/// # Errors
/// What is wrong with the options.
pub fn create(given: &Value, now: f64) -> Result<u32, Vec<Problem>> {
    let breaker = engine::create(given, &mut lock(&CONFIGS), now)?;
    Ok(insert(Shared::new(breaker, None)))
}

/// Makes a breaker of this thread's own that goes on where a snapshot was taken.
///
/// # Errors
/// What is wrong with the options and the snapshot.
pub fn restore(given: &Value, saved: &Value, now: f64) -> Result<u32, Vec<Problem>> {
    let breaker = engine::restore(given, saved, &mut lock(&CONFIGS), now)?;
    Ok(insert(Shared::new(breaker, None)))
}

/// Opens the breaker of that name: the one that lives already, or a new one.
///
/// # Errors
/// What is wrong with the options; among it that the one which lives was opened with others.
pub fn open(name: &str, given: &Value, now: f64) -> Result<u32, Vec<Problem>> {
    let mut named = lock(&NAMED);
    let named = named.get_or_insert_with(HashMap::new);
    if let Some(living) = named.get(name).and_then(Weak::upgrade) {
        let config = options::parse(given)?.config;
        if !living.with(|breaker| *breaker.made_with() == config) {
            return Err(vec![Problem {
                option: "scope".to_owned(),
                kind: Kind::Conflict,
                expected: "given with the same options wherever the breaker of this name is opened",
            }]);
        }
        return Ok(insert(living));
    }
    let breaker = engine::create(given, &mut lock(&CONFIGS), now)?;
    let made = Shared::new(breaker, words::take());
    named.retain(|_, breaker| breaker.strong_count() > 0);
    named.insert(name.to_owned(), Arc::downgrade(&made));
    Ok(insert(made))
}

/// Gives a handle up.
pub fn free(handle: u32) {
    HANDLES.with(|handles| handles.borrow_mut().remove(handle));
}

/// The state word, without waiting for whoever is at work on the breaker.
pub fn word_of(handle: u32) -> i32 {
    HANDLES.with(|handles| {
        handles
            .borrow()
            .get(handle)
            .map_or(NO_BREAKER, |shared| shared.word.load(Ordering::Acquire))
    })
}

/// Where in [`words`] the state word stands, if it does.
pub fn slot_of(handle: u32) -> Option<u32> {
    HANDLES.with(|handles| handles.borrow().get(handle)?.slot)
}

/// Works on a breaker, or answers what stands for one that is not there.
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

/// How many handles this thread holds.
pub fn len() -> u32 {
    HANDLES.with(|handles| u32::try_from(handles.borrow().len()).unwrap_or(u32::MAX))
}

fn insert(shared: Arc<Shared>) -> u32 {
    HANDLES.with(|handles| handles.borrow_mut().insert(shared))
}
