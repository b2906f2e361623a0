//! Any row of operations on a bulkhead, beside the plainest one there is.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use limits_core::{Bulkhead, BulkheadConfig, BulkheadSettings, Entry, Ticket};
use proptest::prelude::*;

const QUEUE_SIZE: usize = 6;

#[derive(Clone, Copy, Debug)]
enum Operation {
    Enter(u8),
    /// Of the ticket that was given so many ago.
    Leave(usize),
    Cancel(usize),
    StartNext,
    SetLimit(u32),
}

/// Lists that are gone over from end to end.
struct Plain {
    limit: u32,
    running: Vec<Ticket>,
    /// Whoever waits, in the order of coming.
    waiting: Vec<(u8, Ticket)>,
}

impl Plain {
    fn first(&self) -> Option<usize> {
        let highest = self.waiting.iter().map(|(priority, _)| *priority).max()?;
        self.waiting
            .iter()
            .position(|(priority, _)| *priority == highest)
    }

    fn take(&mut self, ticket: Ticket) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|(_, waits)| *waits != ticket);
        self.waiting.len() < before
    }

    fn leave(&mut self, ticket: Ticket) -> bool {
        let before = self.running.len();
        self.running.retain(|runs| *runs != ticket);
        self.running.len() < before
    }
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        5 => (0_u8..=4).prop_map(Operation::Enter),
        4 => (0_usize..12).prop_map(Operation::Leave),
        2 => (0_usize..12).prop_map(Operation::Cancel),
        4 => Just(Operation::StartNext),
        1 => (0_u32..6).prop_map(Operation::SetLimit),
    ]
}

proptest! {
    #![proptest_config(test_seed::config!(2_000))]

    #[test]
    fn it_does_what_plain_lists_do(operations in prop::collection::vec(operation(), 1..200)) {
        let settings = BulkheadSettings {
            limit: Some(3.0),
            queue_size: Some(QUEUE_SIZE as f64),
        };
        let mut bulkhead = Bulkhead::new(BulkheadConfig::try_from(&settings).unwrap());
        let mut plain = Plain { limit: 3, running: Vec::new(), waiting: Vec::new() };
        let mut given: Vec<Ticket> = Vec::new();
        let ago = |given: &[Ticket], back: usize| given.iter().rev().nth(back).copied();
        for operation in operations {
            match operation {
                Operation::Enter(priority) => match bulkhead.enter(priority) {
                    Entry::Entered(ticket) => {
                        prop_assert!(plain.running.len() < plain.limit as usize);
                        prop_assert!(plain.waiting.is_empty() && !given.contains(&ticket));
                        plain.running.push(ticket);
                        given.push(ticket);
                    }
                    Entry::Queued(ticket) => {
                        prop_assert!(plain.waiting.len() < QUEUE_SIZE && !given.contains(&ticket));
                        prop_assert!(plain.running.len() >= plain.limit as usize || !plain.waiting.is_empty());
                        plain.waiting.push((priority, ticket));
                        given.push(ticket);
                    }
                    Entry::Full => prop_assert_eq!(plain.waiting.len(), QUEUE_SIZE),
                },
                Operation::Leave(back) => if let Some(ticket) = ago(&given, back) {
                    prop_assert_eq!(bulkhead.leave(ticket), plain.leave(ticket));
                },
                Operation::Cancel(back) => if let Some(ticket) = ago(&given, back) {
                    prop_assert_eq!(bulkhead.cancel(ticket), plain.take(ticket));
                },
                Operation::StartNext => {
                    let has_room = plain.running.len() < plain.limit as usize;
                    let next = plain.first().filter(|_| has_room).map(|first| plain.waiting.remove(first).1);
                    prop_assert_eq!(bulkhead.start_next(), next);
                    plain.running.extend(next);
                }
                Operation::SetLimit(limit) => {
                    bulkhead.set_limit(limit);
                    plain.limit = limit.max(1);
                }
            }
            prop_assert_eq!(bulkhead.running() as usize, plain.running.len());
            prop_assert_eq!(bulkhead.waiting() as usize, plain.waiting.len());
            let totals = bulkhead.totals();
            let gone = totals.started + totals.cancelled;
            prop_assert_eq!(totals.queued, gone + u64::from(bulkhead.waiting()));
        }
    }
}
