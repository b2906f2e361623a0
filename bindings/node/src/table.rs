//! Table of native breakers. A thread addresses its breakers by handle. A breaker opened by name is shared by all
//! threads of the process, and by all copies of the addon's package in it. It is dropped with its last handle. The calls in
//! flight and the overrides of a handle end with it, and all handles end with their thread.

use crate::held::Held;
use crate::state_words;
use crate::sync::{AtomicI32, Mutex, MutexGuard, Ordering, per_thread, process_wide};
use breaker_bridge::codes::{NO_BREAKER, word};
use breaker_bridge::problem::Kind;
use breaker_bridge::{Configs, NO_HANDLE, Problem, Table, Value, engine, options, tuning};
use breaker_core::{Breaker, Config, Hold};
use std::cell::RefCell;
use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, PoisonError, Weak};

per_thread! {
    static HANDLES: RefCell<Table<Handle>> = const { RefCell::new(Table::new()) };
}

per_thread! {
    // Handles that JavaScript lost while they had an override. They are kept until it ends.
    static LOST: RefCell<Vec<Handle>> = const { RefCell::new(Vec::new()) };
}

process_wide! {
    static CONFIGS: Mutex<Configs> = Mutex::new(Configs::new());
    static NAMED: Mutex<Option<HashMap<String, Weak<Shared>>>> = Mutex::new(None);
}

/// One handle of a breaker, and what it holds of a shared one.
struct Handle {
    shared: Arc<Shared>,
    held: Option<Held>,
}

impl Handle {
    fn has_override(&self) -> bool {
        let held = self.held.as_ref();
        held.is_some_and(|held| self.shared.with(|breaker| held.has_override(breaker)))
    }

    fn end_calls(&mut self) {
        if let Some(held) = &mut self.held {
            self.shared.with(|breaker| held.end_calls(breaker));
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(held) = &mut self.held
            && !held.is_empty()
        {
            self.shared.with(|breaker| {
                held.end_calls(breaker);
                held.end_override(breaker);
            });
        }
    }
}

/// A breaker behind a lock, with its state word readable without one.
struct Shared {
    breaker: Mutex<Breaker>,
    /// Options at construction, which every thread must give. Updates do not change them.
    made_with: Config,
    word: AtomicI32,
    /// Index of its state word in [`state_words`], if the breaker is shared and an index was free.
    slot: Option<u32>,
}

impl Shared {
    fn new(breaker: Breaker, slot: Option<u32>) -> Arc<Self> {
        let shared = Self {
            word: AtomicI32::new(NO_BREAKER),
            made_with: breaker.made_with().clone(),
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
    Ok(insert(Shared::new(breaker, None), None))
}

/// Creates a breaker that belongs to this thread, from a snapshot.
///
/// # Errors
/// Returns all problems of the options and the snapshot.
pub fn restore(options: &Value, saved: &Value, now: f64) -> Result<u32, Vec<Problem>> {
    let breaker = engine::restore(options, saved, &mut lock(&CONFIGS), now)?;
    Ok(insert(Shared::new(breaker, None), None))
}

/// Opens the breaker of a name: the existing one, or a new one.
///
/// # Errors
/// Returns all problems of the options, or the conflict if the existing breaker has other options.
pub fn open(name: &str, options: &Value, now: f64) -> Result<u32, Vec<Problem>> {
    drop_lost();
    let mut named = lock(&NAMED);
    let named = named.get_or_insert_with(HashMap::new);
    if let Some(existing) = named.get(name).and_then(Weak::upgrade) {
        let config = options::parse(options)?.config;
        if existing.made_with != config {
            return Err(vec![Problem {
                option: "scope".to_owned(),
                kind: Kind::Conflict,
                expected: "used with the same options in every thread that opens a breaker of this name",
            }]);
        }
        return Ok(insert(existing, Some(Held::default())));
    }
    let breaker = engine::create(options, &mut lock(&CONFIGS), now)?;
    let shared = Shared::new(breaker, state_words::take());
    named.retain(|_, breaker| breaker.strong_count() > 0);
    named.insert(name.to_owned(), Arc::downgrade(&shared));
    Ok(insert(shared, Some(Held::default())))
}

/// Releases a handle. Its calls in flight and its overrides end.
pub fn free(handle: u32) {
    drop(HANDLES.with(|handles| handles.borrow_mut().remove(handle)));
}

/// Releases a handle that JavaScript has lost. Its calls in flight end, because nothing can settle them. An override stands
/// until something ends it, or the thread does.
pub fn free_lost(handle: u32) {
    drop_lost();
    let lost = HANDLES.with(|handles| handles.borrow_mut().remove(handle));
    if let Some(mut lost) = lost
        && lost.has_override()
    {
        lost.end_calls();
        LOST.with(|all| all.borrow_mut().push(lost));
    }
}

/// Releases all handles of this thread.
pub fn end_thread() {
    drop(HANDLES.with(|handles| mem::take(&mut *handles.borrow_mut())));
    drop(LOST.with(|lost| mem::take(&mut *lost.borrow_mut())));
}

/// Releases the lost handles whose override has ended.
fn drop_lost() {
    LOST.with(|lost| lost.borrow_mut().retain(Handle::has_override));
}

/// Returns the state word, without waiting for the lock of the breaker.
pub fn word_of(handle: u32) -> i32 {
    HANDLES.with(|handles| {
        handles.borrow().get(handle).map_or(NO_BREAKER, |handle| {
            handle.shared.word.load(Ordering::Acquire)
        })
    })
}

/// Returns the index of the state word in [`state_words`], if it has one.
pub fn slot_of(handle: u32) -> Option<u32> {
    HANDLES.with(|handles| handles.borrow().get(handle)?.shared.slot)
}

/// Runs a function on a breaker, or returns `missing` if the handle is unknown.
pub fn with<R>(handle: u32, missing: R, run: impl FnOnce(&mut Breaker) -> R) -> R {
    HANDLES.with(|handles| match handles.borrow().get(handle) {
        Some(handle) => handle.shared.with(run),
        None => missing,
    })
}

/// Runs a function on a breaker and on what this handle holds of it, or returns `missing` if the handle is unknown.
fn with_held<R>(
    handle: u32,
    missing: R,
    run: impl FnOnce(&mut Breaker, Option<&mut Held>) -> R,
) -> R {
    HANDLES.with(|handles| match handles.borrow_mut().get_mut(handle) {
        Some(Handle { shared, held }) => shared.with(|breaker| run(breaker, held.as_mut())),
        None => missing,
    })
}

/// See [`engine::admit`].
pub fn admit(handle: u32, now: f64) -> f64 {
    with_held(handle, f64::NAN, |breaker, held| {
        let admission = engine::admit(breaker, now);
        if let Some(held) = held {
            held.admitted(admission);
        }
        admission
    })
}

/// Runs a function that settles a permit, and returns its state word.
pub fn settle(handle: u32, permit: f64, run: impl FnOnce(&mut Breaker) -> i32) -> i32 {
    with_held(handle, NO_BREAKER, |breaker, held| {
        if let Some(held) = held {
            held.settled(permit);
        }
        run(breaker)
    })
}

/// See [`engine::set_override`].
pub fn set_override(handle: u32, code: u32, now: f64) -> u32 {
    with_held(handle, 0, |breaker, held| {
        let hold = engine::set_override(breaker, code, now);
        if let Some(held) = held {
            held.holds(Hold::from_number(hold));
        }
        hold
    })
}

/// See [`engine::release`].
pub fn release(handle: u32, hold: u32, now: f64) -> i32 {
    with_held(handle, NO_BREAKER, |breaker, held| {
        if let Some(held) = held {
            held.released(Hold::from_number(hold));
        }
        engine::release(breaker, hold, now)
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

fn insert(shared: Arc<Shared>, held: Option<Held>) -> u32 {
    let handle = Handle { shared, held };
    HANDLES.with(|handles| handles.borrow_mut().insert(handle).unwrap_or(NO_HANDLE))
}
