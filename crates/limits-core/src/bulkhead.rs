//! Bulkhead: a limited number of slots, and a queue for them.

use crate::queue::Queue;
use crate::slots::{Slots, State, Ticket};
use breaker_core::ConfigErrors;
use breaker_core::problems::{Check, MAX_COUNT, Range};

pub use crate::queue::{HIGHEST_PRIORITY, TURN_AFTER};

/// Default number of slots.
pub const DEFAULT_LIMIT: f64 = 10.0;
/// Default length of the queue.
pub const DEFAULT_QUEUE_SIZE: f64 = 0.0;

const QUEUE_SIZE: &str = "a whole number from 0 to 1000000";

/// Settings of a bulkhead; `None` takes the default.
#[derive(Clone, Debug, Default)]
pub struct BulkheadSettings {
    /// Number of slots.
    pub limit: Option<f64>,
    /// Length of the queue.
    pub queue_size: Option<f64>,
}

/// Validated settings of a bulkhead.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BulkheadConfig {
    limit: u32,
    queue_size: u32,
}

/// Limit of concurrent calls, so that one dependency cannot use all resources. The cost of an operation is constant.
#[derive(Clone, Debug)]
pub struct Bulkhead {
    limit: u32,
    queue_size: u32,
    slots: Slots,
    queue: Queue,
    running: u32,
    displaced: Option<Ticket>,
    totals: Totals,
}

/// Result of a request for a slot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Entry {
    /// The call may start. [`Bulkhead::leave`] releases its slot.
    Entered(Ticket),
    /// The call waits until [`Bulkhead::start_next`] returns its ticket. [`Bulkhead::cancel`] ends the wait early. In a
    /// full queue it took the place of the call that [`Bulkhead::displaced`] returns.
    Queued(Ticket),
    /// All slots are taken, and the queue is full of calls of the same or a higher priority.
    Full,
}

/// Totals of a bulkhead. Every request counts once as entered, queued or rejected. Every queued one that no longer
/// waits counts once as started, cancelled or displaced.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Totals {
    /// Requests that got a slot at once.
    pub entered: u64,
    /// Requests that were queued.
    pub queued: u64,
    /// Requests that found all slots taken and the queue full.
    pub rejected: u64,
    /// Queued requests that got a slot.
    pub started: u64,
    /// Queued requests that were cancelled.
    pub cancelled: u64,
    /// Queued requests that lost their place to a request of higher priority.
    pub displaced: u64,
}

impl Bulkhead {
    /// Creates an empty bulkhead.
    #[must_use]
    pub fn new(BulkheadConfig { limit, queue_size }: BulkheadConfig) -> Self {
        Self {
            limit,
            queue_size,
            slots: Slots::default(),
            queue: Queue::default(),
            running: 0,
            displaced: None,
            totals: Totals::default(),
        }
    }

    /// Requests a slot, with a priority from 0 to [`HIGHEST_PRIORITY`]. No request overtakes the queue. If the queue is
    /// full, the request displaces the newest call of the lowest priority, which must be lower than its own.
    pub fn enter(&mut self, priority: u8) -> Entry {
        self.displaced = None;
        let priority = priority.min(HIGHEST_PRIORITY);
        if self.running < self.limit && self.queue.length() == 0 {
            self.running = self.running.saturating_add(1);
            count(&mut self.totals.entered);
            let index = self.slots.take(State::Running);
            return Entry::Entered(self.slots.ticket(index));
        }
        if self.queue.length() >= self.queue_size && !self.displace(priority) {
            count(&mut self.totals.rejected);
            return Entry::Full;
        }
        count(&mut self.totals.queued);
        let index = self.queue.push(&mut self.slots, priority);
        Entry::Queued(self.slots.ticket(index))
    }

    /// Ends the wait of the newest call of the lowest priority, if that is below `priority`. Returns whether it did.
    fn displace(&mut self, priority: u8) -> bool {
        let Some(index) = self.queue.last_below(priority) else {
            return false;
        };
        self.displaced = Some(self.slots.ticket(index));
        self.queue.remove(&mut self.slots, index);
        self.slots.release(index);
        count(&mut self.totals.displaced);
        true
    }

    /// Returns the ticket of the call that the last request displaced. It is no longer queued.
    #[must_use]
    pub fn displaced(&self) -> Option<Ticket> {
        self.displaced
    }

    /// Releases a slot. Returns whether the ticket had one.
    pub fn leave(&mut self, ticket: Ticket) -> bool {
        let Some((index, State::Running)) = self.slots.find(ticket) else {
            return false;
        };
        self.slots.release(index);
        self.running = self.running.saturating_sub(1);
        true
    }

    /// Starts the next queued call, if a slot is free: the highest priority first, and the longest wait within a
    /// priority. A lower priority has its turn after [`TURN_AFTER`] calls of higher priority. Call it until it returns
    /// `None`, whenever a slot may be free.
    pub fn start_next(&mut self) -> Option<Ticket> {
        if self.running >= self.limit {
            return None;
        }
        let index = self.queue.take_next(&mut self.slots)?;
        self.slots.set(index, State::Running);
        self.running = self.running.saturating_add(1);
        count(&mut self.totals.started);
        Some(self.slots.ticket(index))
    }

    /// Removes a ticket from the queue. Returns whether it was queued.
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        let Some((index, State::Waiting(_))) = self.slots.find(ticket) else {
            return false;
        };
        self.queue.remove(&mut self.slots, index);
        self.slots.release(index);
        count(&mut self.totals.cancelled);
        true
    }

    /// Sets the number of slots, at least 1. Running calls beyond the limit continue.
    pub fn set_limit(&mut self, limit: u32) {
        self.limit = limit.clamp(1, MAX_COUNT as u32);
    }

    /// Returns the number of slots.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Returns the number of running calls.
    #[must_use]
    pub fn running(&self) -> u32 {
        self.running
    }

    /// Returns the length of the queue.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.queue.length()
    }

    /// Returns the totals.
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
    fn slots_and_queue_are_limited() {
        let mut bulkhead = bulkhead(2.0, 1.0);
        let first = entered(&mut bulkhead);
        entered(&mut bulkhead);
        let waits = queued(&mut bulkhead, 0);
        assert_eq!(bulkhead.enter(0), Entry::Full);
        assert_eq!(bulkhead.start_next(), None);
        assert!(bulkhead.leave(first));
        assert_eq!(started(&mut bulkhead), [waits]);
        assert_eq!((bulkhead.running(), bulkhead.waiting()), (2, 0));
    }

    #[test]
    fn starts_the_highest_priority_then_the_longest_wait() {
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
    fn a_full_queue_displaces_the_newest_call_of_the_lowest_priority() {
        let mut bulkhead = bulkhead(1.0, 3.0);
        entered(&mut bulkhead);
        let first = [2, 0, 0].map(|priority| queued(&mut bulkhead, priority));
        assert_eq!(bulkhead.displaced(), None);
        let second = queued(&mut bulkhead, 1);
        assert_eq!(bulkhead.displaced(), Some(first[2]));
        assert!(!bulkhead.cancel(first[2]), "a displaced ticket is over");
        queued(&mut bulkhead, 9);
        assert_eq!(bulkhead.displaced(), Some(first[1]));
        queued(&mut bulkhead, 9);
        assert_eq!(bulkhead.displaced(), Some(second));
        assert_eq!(bulkhead.enter(2), Entry::Full, "none is lower");
        assert_eq!(bulkhead.displaced(), None);
        queued(&mut bulkhead, 3);
        assert_eq!(bulkhead.displaced(), Some(first[0]));
        queued(&mut bulkhead, 4);
        assert_eq!(bulkhead.enter(9), Entry::Full, "9 is no more than 4");
        assert_eq!((bulkhead.waiting(), bulkhead.totals().displaced), (3, 5));
    }

    #[test]
    fn calls_of_a_lower_priority_start_while_higher_ones_keep_coming() {
        let mut bulkhead = bulkhead(1.0, 3.0);
        let mut runs = entered(&mut bulkhead);
        let low = [queued(&mut bulkhead, 0), queued(&mut bulkhead, 0)];
        let mut order = Vec::new();
        for _ in 0..2 * TURN_AFTER + 4 {
            queued(&mut bulkhead, 4);
            bulkhead.leave(runs);
            runs = bulkhead.start_next().unwrap();
            order.push(runs);
            if order.contains(&low[0]) && bulkhead.waiting() == 3 {
                bulkhead.leave(runs);
                runs = bulkhead.start_next().unwrap();
                order.push(runs);
            }
        }
        let started = low.map(|ticket| order.iter().position(|runs| *runs == ticket));
        let turn = TURN_AFTER as usize;
        assert_eq!(started, [Some(turn), Some(2 * turn + 1)]);
    }

    #[test]
    fn no_request_overtakes_the_queue() {
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
    fn an_expired_ticket_does_nothing() {
        let mut bulkhead = bulkhead(1.0, 1.0);
        let expired = entered(&mut bulkhead);
        assert!(bulkhead.leave(expired));
        let holder = entered(&mut bulkhead);
        assert_ne!(expired, holder);
        assert!(!bulkhead.leave(expired) && !bulkhead.cancel(expired));
        let waits = queued(&mut bulkhead, 0);
        assert!(!bulkhead.leave(waits), "a queued ticket has no slot");
        assert!(!bulkhead.cancel(holder), "a running ticket is not queued");
        assert!(bulkhead.cancel(waits));
        assert!(!bulkhead.cancel(waits));
        for number in [0, 1 << 20, 1 << 40, u64::MAX] {
            assert!(!bulkhead.leave(Ticket::from_number(number)), "{number}");
        }
        assert_eq!((bulkhead.running(), bulkhead.waiting()), (1, 0));
    }

    #[test]
    fn any_position_of_the_queue_can_be_cancelled() {
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
    fn a_lower_limit_starts_no_call_until_enough_have_left() {
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
    fn reports_all_problems_at_once() {
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
