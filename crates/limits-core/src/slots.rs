//! Slots of a bulkhead: one for each running or queued call. A generation distinguishes successive users of a slot.

use alloc::vec::Vec;

/// Ticket of a running or queued call: an integer from 1 to below 2⁵³, which a JavaScript number holds exactly. Each
/// use of a slot has a new ticket, so an expired one never matches another call.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Ticket(u64);

/// Index of a slot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Index(u32);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    /// Unused, with a link to the next unused slot.
    Free { next: Option<Index> },
    /// Taken by a running call.
    Running,
    /// Taken by a queued call.
    Waiting(Waiting),
}

/// Links of a queued call to its neighbours in the queue.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Waiting {
    pub(crate) priority: u8,
    pub(crate) before: Option<Index>,
    pub(crate) after: Option<Index>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Number of times the slot was released.
    generation: u32,
    state: State,
}

/// Slots, as many as were ever in use at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    free: Option<Index>,
}

/// Number of bits of a ticket for the slot, counted from 1. The generation is above them.
const INDEX_BITS: u32 = 21;
const INDEX_MASK: u64 = 1_u64.wrapping_shl(INDEX_BITS).wrapping_sub(1);

impl Ticket {
    /// Returns the ticket with this number, which may be any number.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number of the ticket.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    fn new(index: Index, generation: u32) -> Self {
        let number = u64::from(index.0).saturating_add(1);
        Self(u64::from(generation).wrapping_shl(INDEX_BITS) | number)
    }

    fn index(self) -> Option<Index> {
        let number = (self.0 & INDEX_MASK).checked_sub(1)?;
        Some(Index(number as u32))
    }
}

impl Slots {
    /// Takes a free slot.
    pub(crate) fn take(&mut self, state: State) -> Index {
        if let Some(index) = self.free
            && let Some(slot) = self.slots.get_mut(index.0 as usize)
            && let State::Free { next } = slot.state
        {
            self.free = next;
            slot.state = state;
            return index;
        }
        let index = Index(self.slots.len() as u32);
        self.slots.push(Slot {
            generation: 0,
            state,
        });
        index
    }

    /// Releases a slot. Its ticket expires.
    pub(crate) fn release(&mut self, index: Index) {
        let next = self.free;
        if let Some(slot) = self.slots.get_mut(index.0 as usize) {
            slot.generation = slot.generation.wrapping_add(1);
            slot.state = State::Free { next };
            self.free = Some(index);
        }
    }

    /// Returns the present ticket of a slot.
    pub(crate) fn ticket(&self, index: Index) -> Ticket {
        let slot = self.slots.get(index.0 as usize);
        Ticket::new(index, slot.map_or(0, |slot| slot.generation))
    }

    /// Returns the slot of a ticket and its state, unless the ticket has expired.
    pub(crate) fn find(&self, ticket: Ticket) -> Option<(Index, State)> {
        let index = ticket.index()?;
        let slot = self.slots.get(index.0 as usize)?;
        let is_over = self.ticket(index) != ticket || matches!(slot.state, State::Free { .. });
        (!is_over).then_some((index, slot.state))
    }

    pub(crate) fn set(&mut self, index: Index, state: State) {
        if let Some(slot) = self.slots.get_mut(index.0 as usize) {
            slot.state = state;
        }
    }

    pub(crate) fn waiting(&self, index: Index) -> Option<Waiting> {
        match self.slots.get(index.0 as usize)?.state {
            State::Waiting(waiting) => Some(waiting),
            State::Free { .. } | State::Running => None,
        }
    }

    pub(crate) fn waiting_mut(&mut self, index: Index) -> Option<&mut Waiting> {
        match &mut self.slots.get_mut(index.0 as usize)?.state {
            State::Waiting(waiting) => Some(waiting),
            State::Free { .. } | State::Running => None,
        }
    }
}
