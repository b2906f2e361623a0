//! Queue of a bulkhead: a linked list through the slots for each priority, so that removal has constant cost at any
//! position.

use crate::slots::{Index, Slots, State, Waiting};

/// Highest priority; the lowest is 0.
pub const HIGHEST_PRIORITY: u8 = 4;
const PRIORITIES: usize = HIGHEST_PRIORITY as usize + 1;

#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    lists: [List; PRIORITIES],
    length: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct List {
    first: Option<Index>,
    last: Option<Index>,
}

impl Queue {
    pub(crate) fn length(&self) -> u32 {
        self.length
    }

    /// Appends an entry to the list of its priority.
    pub(crate) fn push(&mut self, slots: &mut Slots, priority: u8) -> Index {
        let priority = priority.min(HIGHEST_PRIORITY);
        let before = self.list(priority).last;
        let index = slots.take(State::Waiting(Waiting {
            priority,
            before,
            after: None,
        }));
        match before.and_then(|before| slots.waiting_mut(before)) {
            Some(before) => before.after = Some(index),
            None => self.list(priority).first = Some(index),
        }
        self.list(priority).last = Some(index);
        self.length = self.length.saturating_add(1);
        index
    }

    /// Removes an entry at any position. Its slot stays taken.
    pub(crate) fn remove(&mut self, slots: &mut Slots, index: Index) {
        let Some(removed) = slots.waiting(index) else {
            return;
        };
        match removed.before.and_then(|before| slots.waiting_mut(before)) {
            Some(before) => before.after = removed.after,
            None => self.list(removed.priority).first = removed.after,
        }
        match removed.after.and_then(|after| slots.waiting_mut(after)) {
            Some(after) => after.before = removed.before,
            None => self.list(removed.priority).last = removed.before,
        }
        self.length = self.length.saturating_sub(1);
    }

    /// Returns the first entry of the highest priority.
    pub(crate) fn first(&self) -> Option<Index> {
        self.lists.iter().rev().find_map(|list| list.first)
    }

    fn list(&mut self, priority: u8) -> &mut List {
        let [idle, low, normal, high, highest] = &mut self.lists;
        match priority {
            0 => idle,
            1 => low,
            2 => normal,
            3 => high,
            _ => highest,
        }
    }
}
