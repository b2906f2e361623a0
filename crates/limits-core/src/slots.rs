//! Who is under way or waits: one slot each, told apart from those who had it before.

use alloc::vec::Vec;

/// Who was let in, or waits for it: a whole number from 1 to below 2⁵³, fit to be a JavaScript number. A slot gives out a
/// new one each time, so one that is over is never taken for another.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Ticket(u64);

/// Which slot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Index(u32);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    /// In no use. With the next one that is free.
    Free { next: Option<Index> },
    /// Under way.
    Running,
    /// In the queue.
    Waiting(Waiting),
}

/// One that waits, between those before and after it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Waiting {
    pub(crate) priority: u8,
    pub(crate) before: Option<Index>,
    pub(crate) after: Option<Index>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// How often it was given up.
    generation: u32,
    state: State,
}

/// As many slots as were ever in use at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    free: Option<Index>,
}

/// The part of a ticket that says which slot, from 1 on; the generation stands above it.
const INDEX_BITS: u32 = 21;
const INDEX_MASK: u64 = 1_u64.wrapping_shl(INDEX_BITS).wrapping_sub(1);

impl Ticket {
    /// The ticket with this number, which may be anything.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    fn new(index: Index, generation: u32) -> Self {
        let place = u64::from(index.0).saturating_add(1);
        Self(u64::from(generation).wrapping_shl(INDEX_BITS) | place)
    }

    fn index(self) -> Option<Index> {
        let place = (self.0 & INDEX_MASK).checked_sub(1)?;
        Some(Index(place as u32))
    }
}

impl Slots {
    /// Puts someone into a free slot.
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

    /// Frees a slot: its ticket is over.
    pub(crate) fn give_back(&mut self, index: Index) {
        let next = self.free;
        if let Some(slot) = self.slots.get_mut(index.0 as usize) {
            slot.generation = slot.generation.wrapping_add(1);
            slot.state = State::Free { next };
            self.free = Some(index);
        }
    }

    /// The ticket of whoever has this slot.
    pub(crate) fn ticket(&self, index: Index) -> Ticket {
        let slot = self.slots.get(index.0 as usize);
        Ticket::new(index, slot.map_or(0, |slot| slot.generation))
    }

    /// The slot of a ticket that is not over, and what its holder does.
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
