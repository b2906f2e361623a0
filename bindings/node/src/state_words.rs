//! State words of shared breakers, in memory that every thread can read without a call of the addon.

use crate::sync::{Mutex, process_wide};
use breaker_bridge::Table;
use breaker_bridge::codes::NO_BREAKER;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicI32, Ordering};

/// Number of shared breakers with a word here. The words of others are read through the addon.
pub const CAPACITY: usize = 4_096;

pub static WORDS: [AtomicI32; CAPACITY] = [const { AtomicI32::new(NO_BREAKER) }; CAPACITY];

process_wide! {
    static TAKEN: Mutex<Table<()>> = Mutex::new(Table::new());
}

/// Reserves an index, if one is free.
pub fn take() -> Option<u32> {
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    if taken.len() >= CAPACITY {
        return None;
    }
    taken.insert(())?.checked_sub(1)
}

/// Releases an index.
pub fn release(slot: u32) {
    if let Some(word) = word_at(slot) {
        word.store(NO_BREAKER, Ordering::Release);
    }
    TAKEN
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .remove(slot.saturating_add(1));
}

/// Returns the word at an index.
pub fn word_at(slot: u32) -> Option<&'static AtomicI32> {
    WORDS.get(slot as usize)
}
