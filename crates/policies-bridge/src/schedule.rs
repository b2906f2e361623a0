//! A schedule: its entries as JavaScript gives them, and what it is asked.

use crate::Policy;
use adaptive_core::schedule::{EntryError, EntrySettings, Schedule, Wrong};
use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use breaker_bridge::problem::Kind;
use breaker_bridge::{Problem, Value};

const ENTRIES: &str = "an array of 1 to 100 entries";
const ENTRY: &str = "{days, from, to} and thresholds";
const DAYS: &str =
    "'weekdays', 'weekend', or an array of 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' and 'sun'";
const FROM: &str = "a time of day from '00:00' to '23:59'";
const TO: &str = "a time of day from '00:01' to '24:00'";
const ELSEWHERE: &str = "another time than from; a whole day is from '00:00' to '24:00'";

const DAY_NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const EVERY_DAY: u8 = 0b111_1111;
const WEEKDAYS: u8 = 0b001_1111;
const WEEKEND: u8 = 0b110_0000;
const MIDNIGHT: f64 = 0.0;
const END_OF_DAY: f64 = 1_440.0;
const MINUTES_OF_AN_HOUR: u32 = 60;
/// No entry holds, or none is there.
const NONE: i32 = -1;

/// Which entry holds at a minute of the week, counted from 0; -1 where none does.
pub fn schedule_entry(policy: &mut Policy, minute: u32) -> i32 {
    match policy {
        Policy::Schedule(schedule) => schedule
            .entry_at(minute)
            .and_then(|entry| i32::try_from(entry).ok())
            .unwrap_or(NONE),
        _ => NONE,
    }
}

/// In how many minutes that changes; infinite where it never does.
pub fn schedule_change(policy: &mut Policy, minute: u32) -> f64 {
    match policy {
        Policy::Schedule(schedule) => schedule
            .next_change(minute)
            .map_or(f64::INFINITY, f64::from),
        _ => f64::INFINITY,
    }
}

/// Reads the entries.
///
/// # Errors
/// Everything that is wrong with them.
pub(crate) fn parse(options: &Value) -> Result<Schedule, Vec<Problem>> {
    let Some(Value::Array(given)) = options.get("entries") else {
        let kind = if options.get("entries").is_some() {
            Kind::Type
        } else {
            Kind::Missing
        };
        return Err(vec![problem("entries", kind, ENTRIES)]);
    };
    let mut problems = Vec::new();
    let entries: Vec<EntrySettings> = given
        .iter()
        .enumerate()
        .map(|(index, entry)| read_entry(index, entry, &mut problems))
        .collect();
    match Schedule::new(&entries) {
        Ok(schedule) if problems.is_empty() => Ok(schedule),
        Ok(_) => Err(problems),
        Err(errors) => {
            for error in errors {
                let told = told(error);
                // What could not even be read has been told of.
                if !problems.iter().any(|known| known.option == told.option) {
                    problems.push(told);
                }
            }
            Err(problems)
        }
    }
}

fn read_entry(index: usize, entry: &Value, problems: &mut Vec<Problem>) -> EntrySettings {
    let mut settings = EntrySettings {
        days: EVERY_DAY,
        from: MIDNIGHT,
        to: END_OF_DAY,
    };
    let Value::Object(properties) = entry else {
        let path = ["entries.", &index.to_string()].concat();
        problems.push(problem(&path, Kind::Type, ENTRY));
        return settings;
    };
    for (name, value) in properties {
        let mut report = |kind, expected| {
            problems.push(problem(&path_of(index, name), kind, expected));
        };
        match name.as_str() {
            "days" => match days_of(value) {
                Ok(days) => settings.days = days,
                Err(kind) => report(kind, DAYS),
            },
            "from" => match minute_of(value) {
                Ok(minute) => settings.from = minute,
                Err(kind) => report(kind, FROM),
            },
            "to" => match minute_of(value) {
                Ok(minute) => settings.to = minute,
                Err(kind) => report(kind, TO),
            },
            _ => report(Kind::Unknown, ""),
        }
    }
    settings
}

/// A bit for each day.
fn days_of(value: &Value) -> Result<u8, Kind> {
    match value {
        Value::Text(text) if text == "weekdays" => Ok(WEEKDAYS),
        Value::Text(text) if text == "weekend" => Ok(WEEKEND),
        Value::Text(_) => Err(Kind::Range),
        Value::Array(names) => names.iter().try_fold(0, |days, name| {
            let Value::Text(name) = name else {
                return Err(Kind::Type);
            };
            let day = DAY_NAMES.iter().position(|known| known == name);
            let day = day.ok_or(Kind::Range)?;
            Ok(days | 1_u8.wrapping_shl(day as u32))
        }),
        _ => Err(Kind::Type),
    }
}

/// The minute of the day of a time such as `08:30`, whichever it is.
fn minute_of(value: &Value) -> Result<f64, Kind> {
    let Value::Text(text) = value else {
        return Err(Kind::Type);
    };
    let (hours, minutes) = text.split_once(':').ok_or(Kind::Range)?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    if minutes >= MINUTES_OF_AN_HOUR {
        return Err(Kind::Range);
    }
    let minute = hours
        .saturating_mul(MINUTES_OF_AN_HOUR)
        .saturating_add(minutes);
    Ok(f64::from(minute))
}

fn two_digits(text: &str) -> Result<u32, Kind> {
    let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_number { text.parse().ok() } else { None };
    number.ok_or(Kind::Range)
}

fn told(error: EntryError) -> Problem {
    let (name, expected) = match error.wrong {
        Wrong::Count => return problem("entries", Kind::Range, ENTRIES),
        Wrong::Days => ("days", DAYS),
        Wrong::From => ("from", FROM),
        Wrong::To => ("to", TO),
        Wrong::Empty => ("to", ELSEWHERE),
    };
    problem(&path_of(error.entry, name), Kind::Range, expected)
}

fn path_of(index: usize, name: &str) -> alloc::string::String {
    ["entries.", &index.to_string(), ".", name].concat()
}

fn problem(option: &str, kind: Kind, expected: &'static str) -> Problem {
    Problem {
        option: option.to_owned(),
        kind,
        expected,
    }
}
