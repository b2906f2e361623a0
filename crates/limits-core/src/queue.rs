//! Queue of a bulkhead: a linked list through the slots for each priority, so that removal has constant cost at any
//! position.

use crate::slots::{Index, Slots, State, Waiting};

/// Highest priority; the lowest is 0.
pub const HIGHEST_PRIORITY: u8 = 4;
const PRIORITIES: usize = HIGHEST_PRIORITY as usize + 1;

/// Number of calls of higher priority after which a priority has its turn. The queue knows no time, so that starvation
/// is counted in calls; under load the two are proportional.
pub const TURN_AFTER: u32 = 16;

#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    lists: [List; PRIORITIES],
    length: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct List {
    first: Option<Index>,
    last: Option<Index>,
    /// Number of calls of higher priority that started since a call of this list last did.
    passed: u32,
}

impl Queue {
    pub(crate) fn length(&self) -> u32 {
        self.length
    }

    /// Appends an entry to the list of its priority, at most [`HIGHEST_PRIORITY`].
    pub(crate) fn push(&mut self, slots: &mut Slots, priority: u8) -> Index {
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
        let list = self.list(removed.priority);
        if list.first.is_none() {
            list.passed = 0;
        }
        self.length = self.length.saturating_sub(1);
    }

    /// Removes the entry whose turn it is. Its slot stays taken. It is the first entry of the highest priority that has
    /// been passed [`TURN_AFTER`] times, or else of the highest priority.
    pub(crate) fn take_next(&mut self, slots: &mut Slots) -> Option<Index> {
        let is_due = |list: &List| list.passed >= TURN_AFTER;
        let place = self.lists.iter().rposition(is_due);
        let place = place.or_else(|| self.lists.iter().rposition(|list| list.first.is_some()))?;
        let (lower, rest) = self.lists.split_at_mut_checked(place)?;
        for list in lower.iter_mut().filter(|list| list.first.is_some()) {
            list.passed = list.passed.saturating_add(1);
        }
        let list = rest.first_mut()?;
        list.passed = 0;
        let index = list.first?;
        self.remove(slots, index);
        Some(index)
    }

    /// Returns the last entry of the lowest priority, if that is below `priority`.
    pub(crate) fn last_below(&self, priority: u8) -> Option<Index> {
        let lower = self.lists.iter().take(usize::from(priority));
        lower.filter_map(|list| list.last).next()
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
