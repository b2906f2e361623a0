//! Table of items by integer handle.

use alloc::vec::Vec;
use core::mem;

/// A handle that no item ever gets.
pub const NO_HANDLE: u32 = 0;

/// Assigns a small integer to each item. Handles start at 1, and a released one is used again.
#[derive(Debug)]
pub struct Table<T> {
    slots: Vec<Slot<T>>,
    /// Handle that the next item gets; [`NO_HANDLE`] for a new one.
    free: u32,
    len: usize,
}

#[derive(Debug)]
enum Slot<T> {
    Used(T),
    /// A released slot, with the handle of the one released before it, or [`NO_HANDLE`].
    Free(u32),
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Table<T> {
    /// Creates an empty table.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: NO_HANDLE,
            len: 0,
        }
    }

    /// Inserts an item, and returns its handle. Returns `None`, and changes nothing, if there is no memory for it. No other
    /// function allocates.
    pub fn insert(&mut self, item: T) -> Option<u32> {
        let mut handle = self.free;
        if let Some(slot) = self.slot(handle) {
            if let Slot::Free(next) = mem::replace(slot, Slot::Used(item)) {
                self.free = next;
            }
        } else {
            self.slots.try_reserve(1).ok()?;
            self.slots.push(Slot::Used(item));
            handle = u32::try_from(self.slots.len()).ok()?;
        }
        self.len = self.len.saturating_add(1);
        Some(handle)
    }

    /// Removes an item, if the handle is known.
    pub fn remove(&mut self, handle: u32) -> Option<T> {
        let free = self.free;
        let slot = self.slot(handle)?;
        match mem::replace(slot, Slot::Free(free)) {
            Slot::Used(item) => {
                self.free = handle;
                self.len = self.len.saturating_sub(1);
                Some(item)
            }
            released @ Slot::Free(_) => {
                *slot = released;
                None
            }
        }
    }

    /// Returns the item of a handle.
    #[must_use]
    pub fn get(&self, handle: u32) -> Option<&T> {
        match self.slots.get(index_of(handle)?)? {
            Slot::Used(item) => Some(item),
            Slot::Free(_) => None,
        }
    }

    /// Returns the item of a handle, mutably.
    pub fn get_mut(&mut self, handle: u32) -> Option<&mut T> {
        match self.slot(handle)? {
            Slot::Used(item) => Some(item),
            Slot::Free(_) => None,
        }
    }

    /// Returns the number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the table is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn slot(&mut self, handle: u32) -> Option<&mut Slot<T>> {
        self.slots.get_mut(index_of(handle)?)
    }
}

fn index_of(handle: u32) -> Option<usize> {
    handle.checked_sub(1).map(|index| index as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_handles_are_used_again_the_last_first() {
        let mut table = Table::new();
        for item in 0..40 {
            assert_eq!(table.insert(item), Some(item + 1));
        }
        for handle in [7, 9, 40] {
            assert_eq!(table.remove(handle), Some(handle - 1));
        }
        assert_eq!(table.len(), 37);
        for handle in [40, 9, 7, 41] {
            assert_eq!(table.insert(handle), Some(handle));
        }
        assert_eq!(table.get(9), Some(&9));
        assert_eq!(table.len(), 41);
    }

    #[test]
    fn a_released_handle_is_used_again_once() {
        let mut table = Table::new();
        assert!(table.is_empty());
        let (first, second) = (1, 2);
        assert_eq!(table.insert("a"), Some(first));
        assert_eq!(table.insert("b"), Some(second));
        assert!(!table.is_empty());
        assert_eq!(table.get(second), Some(&"b"));
        assert_eq!(table.get_mut(second), Some(&mut "b"));
        assert_eq!(table.remove(first), Some("a"));
        assert_eq!(table.remove(first), None);
        assert_eq!(table.get(first), None);
        assert_eq!(table.insert("c"), Some(first));
        assert_eq!(table.insert("d"), Some(3));
        assert_eq!(table.len(), 3);
        assert_eq!(table.remove(0), None);
        assert_eq!(table.remove(99), None);
    }
}
