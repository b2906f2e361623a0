//! The state words of breakers that threads share, in memory that every thread can read without crossing.

use crate::sync::{Mutex, process_wide};
use breaker_bridge::Table;
use breaker_bridge::codes::NO_BREAKER;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicI32, Ordering};

/// How many breakers can have their word here; those beyond are asked for it.
pub const PLACES: usize = 4_096;

pub static WORDS: [AtomicI32; PLACES] = [const { AtomicI32::new(NO_BREAKER) }; PLACES];

process_wide! {
    static TAKEN: Mutex<Table<()>> = Mutex::new(Table::new());
}

/// Takes a place, if one is left.
pub fn take() -> Option<u32> {
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    if taken.len() >= PLACES {
        return None;
    }
    taken.insert(()).checked_sub(1)
}

/// Gives a place back.
pub fn give_back(slot: u32) {
    if let Some(place) = place(slot) {
        place.store(NO_BREAKER, Ordering::Release);
    }
    TAKEN
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .remove(slot.saturating_add(1));
}

/// The word in that place.
pub fn place(slot: u32) -> Option<&'static AtomicI32> {
    WORDS.get(slot as usize)
}
