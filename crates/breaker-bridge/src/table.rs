//! Things by integer handle.

use alloc::vec::Vec;

/// Hands out a small integer for each thing put in. Handles start at 1; one that is given up is used again.
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
    /// An empty table.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Puts something in, and returns its handle.
    pub fn insert(&mut self, thing: T) -> u32 {
        if let Some(handle) = self.free.pop()
            && let Some(slot) = self.slot(handle)
        {
            *slot = Some(thing);
            return handle;
        }
        self.slots.push(Some(thing));
        u32::try_from(self.slots.len()).unwrap_or(u32::MAX)
    }

    /// Takes something out. Nothing happens if it is not there.
    pub fn remove(&mut self, handle: u32) -> Option<T> {
        let thing = self.slot(handle)?.take()?;
        self.free.push(handle);
        Some(thing)
    }

    /// What a handle stands for.
    #[must_use]
    pub fn get(&self, handle: u32) -> Option<&T> {
        self.slots.get(index_of(handle)?)?.as_ref()
    }

    /// What a handle stands for, to be changed.
    pub fn get_mut(&mut self, handle: u32) -> Option<&mut T> {
        self.slot(handle)?.as_mut()
    }

    /// How many things are in.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len().saturating_sub(self.free.len())
    }

    /// Whether nothing is in.
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
    fn a_handle_is_used_again_and_never_twice() {
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
