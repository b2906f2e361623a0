//! Comparison of the bulkhead with a plain reference implementation, on any sequence of operations.

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
    /// Leaves with the ticket issued this many operations ago.
    Leave(usize),
    Cancel(usize),
    StartNext,
    SetLimit(u32),
}

/// Reference implementation: lists that are scanned linearly.
struct Reference {
    limit: u32,
    running: Vec<Ticket>,
    /// Queue, in order of arrival.
    waiting: Vec<(u8, Ticket)>,
}

impl Reference {
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
    fn matches_the_reference_implementation(operations in prop::collection::vec(operation(), 1..200)) {
        let settings = BulkheadSettings {
            limit: Some(3.0),
            queue_size: Some(QUEUE_SIZE as f64),
        };
        let mut bulkhead = Bulkhead::new(BulkheadConfig::try_from(&settings).unwrap());
        let mut reference = Reference { limit: 3, running: Vec::new(), waiting: Vec::new() };
        let mut issued: Vec<Ticket> = Vec::new();
        let ago = |issued: &[Ticket], back: usize| issued.iter().rev().nth(back).copied();
        for operation in operations {
            match operation {
                Operation::Enter(priority) => match bulkhead.enter(priority) {
                    Entry::Entered(ticket) => {
                        prop_assert!(reference.running.len() < reference.limit as usize);
                        prop_assert!(reference.waiting.is_empty() && !issued.contains(&ticket));
                        reference.running.push(ticket);
                        issued.push(ticket);
                    }
                    Entry::Queued(ticket) => {
                        prop_assert!(reference.waiting.len() < QUEUE_SIZE && !issued.contains(&ticket));
                        prop_assert!(reference.running.len() >= reference.limit as usize || !reference.waiting.is_empty());
                        reference.waiting.push((priority, ticket));
                        issued.push(ticket);
                    }
                    Entry::Full => prop_assert_eq!(reference.waiting.len(), QUEUE_SIZE),
                },
                Operation::Leave(back) => if let Some(ticket) = ago(&issued, back) {
                    prop_assert_eq!(bulkhead.leave(ticket), reference.leave(ticket));
                },
                Operation::Cancel(back) => if let Some(ticket) = ago(&issued, back) {
                    prop_assert_eq!(bulkhead.cancel(ticket), reference.take(ticket));
                },
                Operation::StartNext => {
                    let has_room = reference.running.len() < reference.limit as usize;
                    let next = reference.first().filter(|_| has_room).map(|first| reference.waiting.remove(first).1);
                    prop_assert_eq!(bulkhead.start_next(), next);
                    reference.running.extend(next);
                }
                Operation::SetLimit(limit) => {
                    bulkhead.set_limit(limit);
                    reference.limit = limit.max(1);
                }
            }
            prop_assert_eq!(bulkhead.running() as usize, reference.running.len());
            prop_assert_eq!(bulkhead.waiting() as usize, reference.waiting.len());
            let totals = bulkhead.totals();
            let gone = totals.started + totals.cancelled;
            prop_assert_eq!(totals.queued, gone + u64::from(bulkhead.waiting()));
        }
    }
}
