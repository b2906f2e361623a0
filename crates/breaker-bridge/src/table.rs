//! Table of items by integer handle.

use alloc::vec::Vec;

/// Assigns a small integer to each item. Handles start at 1, and a released one is used again.
#[derive(Debug)]
pub struct Table<T> {
    slots: Vec<Option<T>>,
    free: Vec<u32>,
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
            free: Vec::new(),
        }
    }

    /// Inserts an item, and returns its handle.
    pub fn insert(&mut self, item: T) -> u32 {
        if let Some(handle) = self.free.pop()
            && let Some(slot) = self.slot(handle)
        {
            *slot = Some(item);
            return handle;
        }
        self.slots.push(Some(item));
        u32::try_from(self.slots.len()).unwrap_or(u32::MAX)
    }

    /// Removes an item, if the handle is known.
    pub fn remove(&mut self, handle: u32) -> Option<T> {
        let item = self.slot(handle)?.take()?;
        self.free.push(handle);
        Some(item)
    }

    /// Returns the item of a handle.
    #[must_use]
    pub fn get(&self, handle: u32) -> Option<&T> {
        self.slots.get(index_of(handle)?)?.as_ref()
    }

    /// Returns the item of a handle, mutably.
    pub fn get_mut(&mut self, handle: u32) -> Option<&mut T> {
        self.slot(handle)?.as_mut()
    }

    /// Returns the number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len().saturating_sub(self.free.len())
    }

    /// Whether the table is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn slot(&mut self, handle: u32) -> Option<&mut Option<T>> {
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
    fn a_released_handle_is_used_again_once() {
        let mut table = Table::new();
        assert!(table.is_empty());
        let (first, second) = (table.insert("a"), table.insert("b"));
        assert_eq!((first, second), (1, 2));
        assert!(!table.is_empty());
        assert_eq!(table.get(second), Some(&"b"));
        assert_eq!(table.get_mut(second), Some(&mut "b"));
        assert_eq!(table.remove(first), Some("a"));
        assert_eq!(table.remove(first), None);
        assert_eq!(table.get(first), None);
        assert_eq!(table.insert("c"), first);
        assert_eq!(table.insert("d"), 3);
        assert_eq!(table.len(), 3);
        assert_eq!(table.remove(0), None);
        assert_eq!(table.remove(99), None);
    }
}
