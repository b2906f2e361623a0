//! A number of places, and a queue for them.

use crate::queue::Queue;
use crate::slots::{Slots, State, Ticket};
use breaker_core::ConfigErrors;
use breaker_core::problems::{Check, MAX_COUNT, Range};

pub use crate::queue::HIGHEST_PRIORITY;

/// How many may be under way.
pub const DEFAULT_LIMIT: f64 = 10.0;
/// How many may wait.
pub const DEFAULT_QUEUE_SIZE: f64 = 0.0;

const QUEUE_SIZE: &str = "a whole number from 0 to 1000000";

/// A bulkhead as given; `None` takes the default.
#[derive(Clone, Debug, Default)]
pub struct BulkheadSettings {
    /// How many may be under way.
    pub limit: Option<f64>,
    /// How many may wait.
    pub queue_size: Option<f64>,
}

/// A bulkhead that has been proven sound.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BulkheadConfig {
    limit: u32,
    queue_size: u32,
}

/// Lets only so many in at once, so that one dependency cannot take all there is. Each operation costs the same however
/// many are under way or wait.
#[derive(Clone, Debug)]
pub struct Bulkhead {
    limit: u32,
    queue_size: u32,
    slots: Slots,
    queue: Queue,
    running: u32,
    totals: Totals,
}

/// The answer to someone who wants in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Entry {
    /// Come in. To be handed back with [`Bulkhead::leave`].
    Entered(Ticket),
    /// Wait until [`Bulkhead::start_next`] gives this ticket.
    /// To be handed back with [`Bulkhead::cancel`] by one who does not wait any longer.
    Queued(Ticket),
    /// Every place is taken, and the queue is full.
    Full,
}

/// What a bulkhead has counted since it was made. Everybody who wanted in is counted once as entered at once, queued or
/// rejected; of those queued, all who wait no more are counted once as started or cancelled.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Totals {
    /// Found a place at once.
    pub entered: u64,
    /// Had to wait.
    pub queued: u64,
    /// Found no place and a full queue.
    pub rejected: u64,
    /// Got a place after waiting.
    pub started: u64,
    /// Waited no longer.
    pub cancelled: u64,
}

impl Bulkhead {
    /// An empty bulkhead.
    #[must_use]
    pub fn new(BulkheadConfig { limit, queue_size }: BulkheadConfig) -> Self {
        Self {
            limit,
            queue_size,
            slots: Slots::default(),
            queue: Queue::default(),
            running: 0,
            totals: Totals::default(),
        }
    }

    /// Asks for a place, with a priority from 0 to [`HIGHEST_PRIORITY`]. Nobody comes in before those who already wait.
    pub fn enter(&mut self, priority: u8) -> Entry {
        if self.running < self.limit && self.queue.length() == 0 {
            self.running = self.running.saturating_add(1);
            count(&mut self.totals.entered);
            let index = self.slots.take(State::Running);
            return Entry::Entered(self.slots.ticket(index));
        }
        if self.queue.length() >= self.queue_size {
            count(&mut self.totals.rejected);
            return Entry::Full;
        }
        count(&mut self.totals.queued);
        let index = self.queue.push(&mut self.slots, priority);
        Entry::Queued(self.slots.ticket(index))
    }

    /// Gives a place back, which [`start_next`](Self::start_next) then gives to another. Says whether the ticket had one.
    pub fn leave(&mut self, ticket: Ticket) -> bool {
        let Some((index, State::Running)) = self.slots.find(ticket) else {
            return false;
        };
        self.slots.give_back(index);
        self.running = self.running.saturating_sub(1);
        true
    }

    /// Lets the next who waits come in, if there is a place: the highest priority first, and within one who came first.
    /// To be asked until there is none, whenever a place may have become free.
    pub fn start_next(&mut self) -> Option<Ticket> {
        if self.running >= self.limit {
            return None;
        }
        let index = self.queue.first()?;
        self.queue.remove(&mut self.slots, index);
        self.slots.set(index, State::Running);
        self.running = self.running.saturating_add(1);
        count(&mut self.totals.started);
        Some(self.slots.ticket(index))
    }

    /// Takes someone who does not want to wait any longer out of the queue. Says whether they were in it.
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        let Some((index, State::Waiting(_))) = self.slots.find(ticket) else {
            return false;
        };
        self.queue.remove(&mut self.slots, index);
        self.slots.give_back(index);
        count(&mut self.totals.cancelled);
        true
    }

    /// How many may be under way from now on, at least one. Those who are too many by then stay.
    pub fn set_limit(&mut self, limit: u32) {
        self.limit = limit.clamp(1, MAX_COUNT as u32);
    }

    /// How many may be under way.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// How many are under way.
    #[must_use]
    pub fn running(&self) -> u32 {
        self.running
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.queue.length()
    }

    /// What was counted since the bulkhead was made.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.totals
    }
}

fn count(total: &mut u64) {
    *total = total.saturating_add(1);
}

impl TryFrom<&BulkheadSettings> for BulkheadConfig {
    type Error = ConfigErrors;

    fn try_from(settings: &BulkheadSettings) -> Result<Self, ConfigErrors> {
        let mut check = Check::default();
        let queue_size = settings.queue_size.unwrap_or(DEFAULT_QUEUE_SIZE);
        let config = Self {
            limit: check.count("limit", settings.limit.unwrap_or(DEFAULT_LIMIT)),
            queue_size: check.number(
                "queueSize",
                queue_size,
                Range::whole(0.0, MAX_COUNT),
                QUEUE_SIZE,
            ) as u32,
        };
        check.finish(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;
    use std::vec::Vec;

    fn bulkhead(limit: f64, queue_size: f64) -> Bulkhead {
        let settings = BulkheadSettings {
            limit: Some(limit),
            queue_size: Some(queue_size),
        };
        Bulkhead::new(BulkheadConfig::try_from(&settings).unwrap())
    }

    fn entered(bulkhead: &mut Bulkhead) -> Ticket {
        match bulkhead.enter(0) {
            Entry::Entered(ticket) => ticket,
            other => panic!("{other:?}"),
        }
    }

    fn queued(bulkhead: &mut Bulkhead, priority: u8) -> Ticket {
        match bulkhead.enter(priority) {
            Entry::Queued(ticket) => ticket,
            other => panic!("{other:?}"),
        }
    }

    fn started(bulkhead: &mut Bulkhead) -> Vec<Ticket> {
        core::iter::from_fn(|| bulkhead.start_next()).collect()
    }

    #[test]
    fn only_so_many_come_in_and_only_so_many_wait() {
        let mut bulkhead = bulkhead(2.0, 1.0);
        let first = entered(&mut bulkhead);
        entered(&mut bulkhead);
        let waits = queued(&mut bulkhead, 0);
        assert_eq!(bulkhead.enter(4), Entry::Full);
        assert_eq!(bulkhead.start_next(), None);
        assert!(bulkhead.leave(first));
        assert_eq!(started(&mut bulkhead), [waits]);
        assert_eq!((bulkhead.running(), bulkhead.waiting()), (2, 0));
    }

    #[test]
    fn the_highest_priority_goes_first_and_within_it_who_came_first() {
        let mut bulkhead = bulkhead(1.0, 10.0);
        let holder = entered(&mut bulkhead);
        let came: Vec<Ticket> = [0, 2, 4, 2, 0, 9]
            .map(|priority| queued(&mut bulkhead, priority))
            .to_vec();
        bulkhead.leave(holder);
        bulkhead.set_limit(10);
        let order = [2, 5, 1, 3, 0, 4].map(|index: usize| came[index]);
        assert_eq!(started(&mut bulkhead), order);
    }

    #[test]
    fn nobody_overtakes_those_who_wait() {
        let mut bulkhead = bulkhead(1.0, 2.0);
        let holder = entered(&mut bulkhead);
        let waits = queued(&mut bulkhead, 0);
        bulkhead.leave(holder);
        let later = queued(&mut bulkhead, 0);
        assert_eq!(started(&mut bulkhead), [waits]);
        bulkhead.leave(waits);
        assert_eq!(started(&mut bulkhead), [later]);
    }

    #[test]
    fn a_ticket_that_is_over_does_nothing() {
        let mut bulkhead = bulkhead(1.0, 1.0);
        let gone = entered(&mut bulkhead);
        assert!(bulkhead.leave(gone));
        let holder = entered(&mut bulkhead);
        assert_ne!(gone, holder);
        assert!(!bulkhead.leave(gone) && !bulkhead.cancel(gone));
        let waits = queued(&mut bulkhead, 0);
        assert!(!bulkhead.leave(waits), "one who waits has no place");
        assert!(!bulkhead.cancel(holder), "one who is in does not wait");
        assert!(bulkhead.cancel(waits));
        assert!(!bulkhead.cancel(waits));
        for number in [0, 1 << 20, 1 << 40, u64::MAX] {
            assert!(!bulkhead.leave(Ticket::from_number(number)), "{number}");
        }
        assert_eq!((bulkhead.running(), bulkhead.waiting()), (1, 0));
    }

    #[test]
    fn anyone_can_leave_the_queue_from_anywhere() {
        for leaver in 0..3 {
            let mut bulkhead = bulkhead(1.0, 3.0);
            let holder = entered(&mut bulkhead);
            let mut waits: Vec<Ticket> = (0..3).map(|_| queued(&mut bulkhead, 1)).collect();
            assert!(bulkhead.cancel(waits.remove(leaver)));
            waits.push(queued(&mut bulkhead, 1));
            bulkhead.leave(holder);
            bulkhead.set_limit(3);
            assert_eq!(started(&mut bulkhead), waits);
        }
    }

    #[test]
    fn a_lower_limit_lets_nobody_in_until_enough_have_left() {
        let mut bulkhead = bulkhead(3.0, 1.0);
        let mut inside: Vec<Ticket> = (0..3).map(|_| entered(&mut bulkhead)).collect();
        let waits = queued(&mut bulkhead, 0);
        bulkhead.set_limit(0);
        assert_eq!(bulkhead.limit(), 1);
        for _ in 0..2 {
            bulkhead.leave(inside.pop().unwrap());
            assert_eq!(bulkhead.start_next(), None);
        }
        bulkhead.leave(inside.pop().unwrap());
        assert_eq!(bulkhead.start_next(), Some(waits));
    }

    #[test]
    fn tickets_fit_a_javascript_number() {
        let mut bulkhead = bulkhead(1.0, 0.0);
        let mut seen = std::collections::HashSet::new();
        for _ in 0..10_000 {
            let ticket = entered(&mut bulkhead);
            assert!(ticket.number() > 0 && ticket.number() < 1 << 53);
            assert!(seen.insert(ticket));
            bulkhead.leave(ticket);
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let settings = BulkheadSettings {
            limit: Some(0.0),
            queue_size: Some(1.5),
        };
        assert_eq!(
            BulkheadConfig::try_from(&settings).unwrap_err().to_string(),
            "limit must be a whole number from 1 to 1000000; \
             queueSize must be a whole number from 0 to 1000000"
        );
    }
}
