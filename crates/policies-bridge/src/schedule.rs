//! Schedules: the reader of their entries, and their functions for JavaScript.

use crate::Policy;
use alloc::borrow::ToOwned;
use alloc::vec;
use alloc::vec::Vec;
use breaker_bridge::problem::Kind;
use breaker_bridge::{Problem, Value};
use thresholds_core::schedule::{EntrySettings, Schedule};

const ENTRIES: &str = "1 to 100 times [days, from, to]";
/// Result if no entry is active.
const NONE: i32 = -1;

/// Returns the index of the entry that is active at a minute of the week, or -1.
pub fn schedule_entry(policy: &mut Policy, minute: u32) -> i32 {
    let entry = match policy {
        Policy::Schedule(schedule) => schedule.entry_at(minute),
        _ => None,
    };
    entry.map_or(NONE, |entry| entry as i32)
}

/// Returns the number of minutes until the active entry changes; infinite if it never does.
pub fn schedule_change(policy: &mut Policy, minute: u32) -> f64 {
    let change = match policy {
        Policy::Schedule(schedule) => schedule.next_change(minute),
        _ => None,
    };
    change.map_or(f64::INFINITY, f64::from)
}

/// Reads the entries, each as `[days, from, to]`: one bit for each day from Monday on, and minutes of the day.
/// TypeScript has already reported the problems of their text form.
///
/// # Errors
/// The number of entries is out of range, or one of them is invalid.
pub(crate) fn parse(options: &Value) -> Result<Schedule, Vec<Problem>> {
    let entry = match options.get("entries") {
        Some(Value::Array(entries)) => entries.as_slice(),
        _ => &[],
    };
    let entries: Vec<EntrySettings> = entry.iter().map(entry_of).collect();
    Schedule::new(&entries).map_err(|_| {
        vec![Problem {
            option: "entries".to_owned(),
            kind: Kind::Range,
            expected: ENTRIES,
        }]
    })
}

fn entry_of(entry: &Value) -> EntrySettings {
    let number = |index: usize| match entry {
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
