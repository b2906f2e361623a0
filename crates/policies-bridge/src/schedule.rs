//! A schedule: its entries as TypeScript has read them, and what it is asked.

use crate::Policy;
use alloc::borrow::ToOwned;
use alloc::vec;
use alloc::vec::Vec;
use breaker_bridge::problem::Kind;
use breaker_bridge::{Problem, Value};
use thresholds_core::schedule::{EntrySettings, Schedule};

const ENTRIES: &str = "1 to 100 times [days, from, to]";
/// No entry holds.
const NONE: i32 = -1;

/// Which entry holds at a minute of the week, counted from 0; -1 where none does.
pub fn schedule_entry(policy: &mut Policy, minute: u32) -> i32 {
    let entry = match policy {
        Policy::Schedule(schedule) => schedule.entry_at(minute),
        _ => None,
    };
    entry.map_or(NONE, |entry| entry as i32)
}

/// In how many minutes that changes; infinite where it never does.
pub fn schedule_change(policy: &mut Policy, minute: u32) -> f64 {
    let change = match policy {
        Policy::Schedule(schedule) => schedule.next_change(minute),
        _ => None,
    };
    change.map_or(f64::INFINITY, f64::from)
}

/// Reads the entries: `[days, from, to]` each, a bit for each day from Monday on, and minutes of the day. What was wrong
/// with their words, TypeScript has told.
///
/// # Errors
/// There are none, too many, or one of them is none.
pub(crate) fn parse(options: &Value) -> Result<Schedule, Vec<Problem>> {
    let given = match options.get("entries") {
        Some(Value::Array(entries)) => entries.as_slice(),
        _ => &[],
    };
    let entries: Vec<EntrySettings> = given.iter().map(entry_of).collect();
    Schedule::new(&entries).map_err(|_| {
        vec![Problem {
            option: "entries".to_owned(),
            kind: Kind::Range,
            expected: ENTRIES,
        }]
    })
}

fn entry_of(given: &Value) -> EntrySettings {
    let number = |index: usize| match given {
        Value::Array(numbers) => match numbers.get(index) {
            Some(Value::Number(number)) => *number,
            _ => f64::NAN,
        },
        _ => f64::NAN,
    };
    EntrySettings {
        days: number(0) as u8,
        from: number(1),
        to: number(2),
    }
}
