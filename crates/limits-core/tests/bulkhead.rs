//! Comparison of the bulkhead with a plain reference implementation, on any sequence of operations.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use limits_core::bulkhead::TURN_AFTER;
use limits_core::{Bulkhead, BulkheadConfig, BulkheadSettings, Entry, Ticket};
use proptest::prelude::*;

const QUEUE_SIZE: usize = 6;

#[derive(Clone, Copy, Debug)]
enum Operation {
    Enter(u8),
    /// Leaves with the ticket issued this many operations ago.
    Leave(usize),
    Cancel(usize),
    StartNext,
    /// Ends the call that has run for longest, and starts the next one.
    Serve,
    SetLimit(u32),
}

/// Queued call.
#[derive(Clone, Copy, Debug)]
struct Waiter {
    priority: u8,
    ticket: Ticket,
    /// Number of calls of its priority that were ahead when it came.
    ahead: u32,
    /// Number of calls that have started since.
    starts: u32,
}

impl Waiter {
    /// Most calls that start before it: with each turn of its priority one ahead of it has started. When its turn comes,
    /// each other priority may have a turn first.
    fn most_starts(&self) -> u32 {
        (self.ahead + 1) * (TURN_AFTER + 5)
    }
}

/// Reference implementation: lists that are scanned linearly.
struct Reference {
    limit: u32,
    running: Vec<Ticket>,
    /// Queue, in order of arrival.
    waiting: Vec<Waiter>,
    /// Starts of a higher priority since the last start of each priority that waits.
    passed: [u32; 5],
}

impl Reference {
    /// Queues a ticket.
    fn push(&mut self, priority: u8, ticket: Ticket) {
        let ahead = self
            .waiting
            .iter()
            .filter(|other| other.priority == priority)
            .count() as u32;
        self.waiting.push(Waiter {
            priority,
            ticket,
            ahead,
            starts: 0,
        });
    }

    /// Takes the next call out of the queue: of the highest priority that has been passed often enough, or else of the
    /// highest priority.
    fn start(&mut self) -> Option<Ticket> {
        if self.running.len() >= self.limit as usize {
            return None;
        }
        let is_due = |other: &&Waiter| self.passed[usize::from(other.priority)] >= TURN_AFTER;
        let due = self
            .waiting
            .iter()
            .filter(is_due)
            .map(|other| other.priority)
            .max();
        let priority = due.or_else(|| self.waiting.iter().map(|other| other.priority).max())?;
        let place = self
            .waiting
            .iter()
            .position(|other| other.priority == priority)?;
        let ticket = self.waiting.remove(place).ticket;
        for lower in 0..priority {
            self.passed[usize::from(lower)] += 1;
        }
        self.passed[usize::from(priority)] = 0;
        self.forget_empty();
        for other in &mut self.waiting {
            other.starts += 1;
        }
        self.running.push(ticket);
        Some(ticket)
    }

    /// Returns the newest call of the lowest priority, if that is below `priority`.
    fn loser(&self, priority: u8) -> Option<Ticket> {
        let lowest = self.waiting.iter().map(|other| other.priority).min()?;
        let newest = self
            .waiting
            .iter()
            .rfind(|other| other.priority == lowest)?;
        (lowest < priority).then_some(newest.ticket)
    }

    fn take(&mut self, ticket: Ticket) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|other| other.ticket != ticket);
        self.forget_empty();
        self.waiting.len() < before
    }

    fn forget_empty(&mut self) {
        for (priority, passed) in self.passed.iter_mut().enumerate() {
            if !self
                .waiting
                .iter()
                .any(|other| usize::from(other.priority) == priority)
            {
                *passed = 0;
            }
        }
    }

    fn leave(&mut self, ticket: Ticket) -> bool {
        let before = self.running.len();
        self.running.retain(|runs| *runs != ticket);
        self.running.len() < before
    }
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        4 => (0_u8..=4).prop_map(Operation::Enter),
        4 => (3_u8..=4).prop_map(Operation::Enter),
        2 => (0_usize..12).prop_map(Operation::Leave),
        1 => (0_usize..12).prop_map(Operation::Cancel),
        2 => Just(Operation::StartNext),
        6 => Just(Operation::Serve),
        1 => (0_u32..6).prop_map(Operation::SetLimit),
    ]
}

proptest! {
    #![proptest_config(test_seed::config!(2_000))]

    #[test]
    fn matches_the_reference_implementation_and_lets_no_call_starve(
        operations in prop::collection::vec(operation(), 1..400),
        queue_size in prop_oneof![Just(QUEUE_SIZE), Just(4 * QUEUE_SIZE)],
    ) {
        let settings = BulkheadSettings {
            limit: Some(3.0),
            queue_size: Some(queue_size as f64),
        };
        let mut bulkhead = Bulkhead::new(BulkheadConfig::try_from(&settings).unwrap());
        let mut reference = Reference { limit: 3, running: Vec::new(), waiting: Vec::new(), passed: [0; 5] };
        let mut issued: Vec<Ticket> = Vec::new();
        let ago = |issued: &[Ticket], back: usize| issued.iter().rev().nth(back).copied();
        for operation in operations {
            match operation {
                Operation::Enter(priority) => {
                    let was_full = reference.waiting.len() == queue_size;
                    let loser = reference.loser(priority).filter(|_| was_full);
                    let had_room = reference.running.len() < reference.limit as usize && reference.waiting.is_empty();
                    let entry = bulkhead.enter(priority);
                    prop_assert_eq!(bulkhead.displaced(), loser);
                    match entry {
                        Entry::Entered(ticket) => {
                            prop_assert!(had_room && !issued.contains(&ticket));
                            reference.running.push(ticket);
                            issued.push(ticket);
                        }
                        Entry::Queued(ticket) => {
                            prop_assert!(!had_room && !issued.contains(&ticket));
                            prop_assert!(loser.is_none_or(|loser| reference.take(loser)));
                            prop_assert!(reference.waiting.len() < queue_size);
                            reference.push(priority, ticket);
                            issued.push(ticket);
                        }
                        Entry::Full => prop_assert!(was_full && loser.is_none()),
                    }
                }
                Operation::Leave(back) => if let Some(ticket) = ago(&issued, back) {
                    prop_assert_eq!(bulkhead.leave(ticket), reference.leave(ticket));
                },
                Operation::Cancel(back) => if let Some(ticket) = ago(&issued, back) {
                    prop_assert_eq!(bulkhead.cancel(ticket), reference.take(ticket));
                },
                Operation::StartNext => prop_assert_eq!(bulkhead.start_next(), reference.start()),
                Operation::Serve => {
                    if let Some(ticket) = reference.running.first().copied() {
                        prop_assert!(bulkhead.leave(ticket) && reference.leave(ticket));
                    }
                    prop_assert_eq!(bulkhead.start_next(), reference.start());
                }
                Operation::SetLimit(limit) => {
                    bulkhead.set_limit(limit);
                    reference.limit = limit.max(1);
                }
            }
            prop_assert!(reference.waiting.iter().all(|waiter| waiter.starts <= waiter.most_starts()));
            prop_assert_eq!(bulkhead.running() as usize, reference.running.len());
            prop_assert_eq!(bulkhead.waiting() as usize, reference.waiting.len());
            let totals = bulkhead.totals();
            let gone = totals.started + totals.cancelled + totals.displaced;
            prop_assert_eq!(totals.queued, gone + u64::from(bulkhead.waiting()));
        }
    }
}
