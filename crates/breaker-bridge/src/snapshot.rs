//! Snapshots as plain data. Times are milliseconds, as remaining or elapsed durations, never as instants.

use crate::codes::{OVERRIDE, STATE, override_code, override_of, state_code};
use crate::problem::{Kind, Problem};
use crate::snapshot_calls::{call_code, call_of};
use crate::snapshot_fields::{
    AGES, ALL, BACKOFF, BACKOFF_COUNTS, COUNT_WINDOW, NONE, NOT_OF_HALF_OPEN, NOT_OF_OPEN,
    PROGRESS, PROGRESS_COUNTS, TIME_WINDOW, TOTALS,
};
use crate::value::Value;
use alloc::borrow::ToOwned;
use alloc::vec;
use alloc::vec::Vec;
use breaker_core::lifetime::Totals;
use breaker_core::snapshot::{LifetimeSnapshot, StateSnapshot, VERSION};
use breaker_core::window::{Counts, WindowSnapshot};
use breaker_core::{CircuitState, Override, Snapshot, Span};

const WINDOW_TYPE: &[(&str, i32)] = &[("time", 0), ("count", 1)];

const OBJECT: &str = "an object returned by toJSON()";
const KNOWN_VERSION: &str = "1, the only supported version of a snapshot";
const NUMBER: &str = "a number from 0 to 1e17";
const COUNT: &str = "a whole number from 0 to 4294967295";
const NAME: &str = "one of the names that toJSON() writes";
const NUMBERS: &str = "an array of numbers";

/// Number without a value.
const NO_VALUE: f64 = f64::NAN;
/// Largest total or time. All that the engine can count are smaller.
const MAX_NUMBER: f64 = 1e17;
/// Largest count.
const MAX_COUNT: f64 = 4_294_967_295.0;

/// Converts a snapshot to data.
#[must_use]
pub fn write(snapshot: &Snapshot) -> Value {
    let (state, progress) = write_state(snapshot.state);
    let holders = match snapshot.override_ {
        Override::ForcedOpen { holders } => f64::from(holders),
        Override::None | Override::ForcedClosed | Override::Shadow => 0.0,
    };
    let backoff = [
        holders,
        f64::from(snapshot.consecutive_failures),
        f64::from(snapshot.failed_recoveries),
        snapshot.next_open_time.as_millis(),
    ];
    let bins = snapshot.lifetime.histogram.iter().copied().map(f64::from);
    Value::object(vec![
        ("version", VERSION.into()),
        ("state", name_of(STATE, state).into()),
        ("progress", Value::numbers(&PROGRESS, &progress)),
        (
            "override",
            name_of(OVERRIDE, override_code(snapshot.override_)).into(),
        ),
        ("backoff", Value::numbers(&BACKOFF, &backoff)),
        ("window", write_window(&snapshot.window)),
        (
            "totals",
            Value::numbers(&TOTALS, &write_totals(&snapshot.lifetime)),
        ),
        ("responseTimes", Value::row(bins)),
    ])
}

/// Reads a snapshot.
///
/// # Errors
/// Returns all problems.
pub fn read(saved: &Value) -> Result<Snapshot, Vec<Problem>> {
    let mut reader = Reader {
        saved,
        problems: Vec::new(),
    };
    if !matches!(saved, Value::Object(_)) {
        reader.report(&[], saved, OBJECT);
    } else if saved.get("version") != Some(&Value::from(VERSION)) {
        reader.report(
            &["version"],
            saved.get("version").unwrap_or(&Value::Null),
            KNOWN_VERSION,
        );
    } else {
        let snapshot = reader.snapshot();
        if reader.problems.is_empty() {
            return Ok(snapshot);
        }
    }
    Err(reader.problems)
}

fn write_state(state: StateSnapshot) -> (i32, [f64; PROGRESS.len()]) {
    match state {
        StateSnapshot::Closed { ramped } => {
            let ramped = millis_if_any(ramped);
            (
                state_code(CircuitState::Closed),
                [ramped, NO_VALUE, NO_VALUE, NO_VALUE, NO_VALUE],
            )
        }
        StateSnapshot::Open { elapsed, remaining } => {
            let (elapsed, remaining) = (elapsed.as_millis(), remaining.as_millis());
            (
                state_code(CircuitState::Open),
                [NO_VALUE, elapsed, remaining, NO_VALUE, NO_VALUE],
            )
        }
        StateSnapshot::HalfOpen {
            successes,
            failures,
        } => {
            let (successes, failures) = (f64::from(successes), f64::from(failures));
            (
                state_code(CircuitState::HalfOpen),
                [NO_VALUE, NO_VALUE, NO_VALUE, successes, failures],
            )
        }
    }
}

fn write_window(window: &WindowSnapshot) -> Value {
    let (kind, mut properties) = match window {
        WindowSnapshot::Count { size, calls } => {
            let calls = Value::row(calls.iter().map(|call| call_code(*call)));
            ("count", vec![("size", (*size).into()), ("calls", calls)])
        }
        WindowSnapshot::Time {
            width,
            remaining,
            idle,
            buckets,
        } => {
            let buckets = buckets.iter().map(|bucket| {
                let counts = [
                    bucket.successes,
                    bucket.failures,
                    bucket.slow,
                    bucket.missing,
                ];
                Value::row(counts.into_iter().map(f64::from))
            });
            let buckets = Value::Array(buckets.collect());
            let millis = |span: &Span| span.as_millis().into();
            (
                "time",
                vec![
                    ("width", millis(width)),
                    ("remaining", millis(remaining)),
                    ("idle", millis(idle)),
                    ("buckets", buckets),
                ],
            )
        }
    };
    properties.insert(0, ("type", kind.into()));
    Value::object(properties)
}

fn write_totals(lifetime: &LifetimeSnapshot) -> [f64; TOTALS.len()] {
    let totals = &lifetime.totals;
    [
        totals.successes as f64,
        totals.failures as f64,
        totals.timeouts as f64,
        totals.rejected as f64,
        totals.ignored as f64,
        totals.shadow_rejected as f64,
        totals.state_changes as f64,
        millis_if_any(lifetime.last_success_age),
        millis_if_any(lifetime.last_failure_age),
        lifetime.measured as f64,
        lifetime.response_time.as_millis(),
        lifetime.longest.as_millis(),
        lifetime.age.as_millis(),
        lifetime.open.as_millis(),
    ]
}

fn millis_if_any(span: Option<Span>) -> f64 {
    span.map_or(NO_VALUE, Span::as_millis)
}

fn span_if_any(millis: f64) -> Option<Span> {
    (!millis.is_nan()).then(|| Span::from_millis(millis))
}

fn name_of(table: &'static [(&'static str, i32)], code: i32) -> &'static str {
    table
        .iter()
        .find(|(_, known)| *known == code)
        .map_or("", |(name, _)| name)
}

/// Reads a snapshot and collects its problems. A number that is missing or invalid has no value.
struct Reader<'v> {
    saved: &'v Value,
    problems: Vec<Problem>,
}

impl<'v> Reader<'v> {
    fn snapshot(&mut self) -> Snapshot {
        let [
            holders,
            consecutive_failures,
            failed_recoveries,
            next_open_time,
        ] = self.numbers("backoff", BACKOFF, BACKOFF_COUNTS, NONE);
        Snapshot {
            state: self.state(),
            override_: match override_of(self.code(&["override"], OVERRIDE).cast_unsigned()) {
                Override::ForcedOpen { .. } => Override::ForcedOpen {
                    holders: (holders as u32).max(1),
                },
                other => other,
            },
            consecutive_failures: consecutive_failures as u32,
            failed_recoveries: failed_recoveries as u32,
            next_open_time: Span::from_millis(next_open_time),
            window: self.window(),
            lifetime: self.lifetime(),
        }
    }

    fn state(&mut self) -> StateSnapshot {
        let state = self.code(&["state"], STATE);
        let optional = match state {
            1 => NOT_OF_OPEN,
            2 => NOT_OF_HALF_OPEN,
            _ => ALL,
        };
        let [ramped, elapsed, remaining, successes, failures] =
            self.numbers("progress", PROGRESS, PROGRESS_COUNTS, optional);
        match state {
            1 => StateSnapshot::Open {
                elapsed: Span::from_millis(elapsed),
                remaining: Span::from_millis(remaining),
            },
            2 => StateSnapshot::HalfOpen {
                successes: successes as u32,
                failures: failures as u32,
            },
            _ => StateSnapshot::Closed {
                ramped: span_if_any(ramped),
            },
        }
    }

    fn window(&mut self) -> WindowSnapshot {
        if self.code(&["window", "type"], WINDOW_TYPE) == 1 {
            let [size] = self.numbers("window", COUNT_WINDOW, ALL, NONE);
            let calls = self.row(&["window", "calls"], self.at(&["window", "calls"]));
            return WindowSnapshot::Count {
                size: size as u32,
                calls: calls.into_iter().map(call_of).collect(),
            };
        }
        let [width, remaining, idle] = self.numbers("window", TIME_WINDOW, NONE, NONE);
        let mut counts = Vec::new();
        for bucket in self.items(&["window", "buckets"], self.at(&["window", "buckets"])) {
            let bucket = self.row(&["window", "buckets"], bucket);
            let count = |index: usize| bucket.get(index).copied().unwrap_or(0.0) as u32;
            counts.push(Counts {
                successes: count(0),
                failures: count(1),
                slow: count(2),
                missing: count(3),
            });
        }
        WindowSnapshot::Time {
            width: Span::from_millis(width),
            remaining: Span::from_millis(remaining),
            idle: Span::from_millis(idle),
            buckets: counts,
        }
    }

    fn lifetime(&mut self) -> LifetimeSnapshot {
        let bins = self.row(&["responseTimes"], self.at(&["responseTimes"]));
        let [
            successes,
            failures,
            timeouts,
            rejected,
            ignored,
            shadow_rejected,
            state_changes,
            last_success_age,
            last_failure_age,
            measured,
            response_time,
            longest,
            age,
            open,
        ] = self.numbers("totals", TOTALS, NONE, AGES);
        LifetimeSnapshot {
            totals: Totals {
                successes: successes as u64,
                failures: failures as u64,
                timeouts: timeouts as u64,
                rejected: rejected as u64,
                ignored: ignored as u64,
                shadow_rejected: shadow_rejected as u64,
                state_changes: state_changes as u64,
            },
            last_success_age: span_if_any(last_success_age),
            last_failure_age: span_if_any(last_failure_age),
            measured: measured as u64,
            response_time: Span::from_millis(response_time),
            longest: Span::from_millis(longest),
            histogram: bins.into_iter().map(|bin| bin as u16).collect(),
            age: Span::from_millis(age),
            open: Span::from_millis(open),
        }
    }

    fn at(&self, path: &[&str]) -> &'v Value {
        path.iter().fold(self.saved, |value, name| {
            value.get(name).unwrap_or(&Value::Null)
        })
    }

    fn report(&mut self, path: &[&str], value: &Value, expected: &'static str) {
        let mut option = "snapshot".to_owned();
        for name in path {
            option.push('.');
            option.push_str(name);
        }
        let kind = if *value == Value::Null {
            Kind::Missing
        } else {
            Kind::Range
        };
        self.problems.push(Problem {
            option,
            kind,
            expected,
        });
    }

    fn numbers<const N: usize>(
        &mut self,
        parent: &str,
        names: [&str; N],
        counts: u32,
        optional: u32,
    ) -> [f64; N] {
        let mut numbers = [NO_VALUE; N];
        self.read_numbers(parent, &names, counts, optional, &mut numbers);
        numbers
    }

    fn read_numbers(
        &mut self,
        parent: &str,
        names: &[&str],
        mut counts: u32,
        mut optional: u32,
        numbers: &mut [f64],
    ) {
        for (number, name) in numbers.iter_mut().zip(names) {
            let path = [parent, name];
            *number = self.number(&path, self.at(&path), counts & 1 != 0, optional & 1 != 0);
            counts >>= 1;
            optional >>= 1;
        }
    }

    fn number(&mut self, path: &[&str], value: &Value, is_count: bool, is_optional: bool) -> f64 {
        let (max, expected) = if is_count {
            (MAX_COUNT, COUNT)
        } else {
            (MAX_NUMBER, NUMBER)
        };
        match value {
            Value::Number(number)
                if (0.0..=max).contains(number)
                    && (!is_count || f64::from(*number as u32) == *number) =>
            {
                return *number;
            }
            Value::Null if is_optional => {}
            _ => self.report(path, value, expected),
        }
        NO_VALUE
    }

    fn code(&mut self, path: &[&str], table: &[(&str, i32)]) -> i32 {
        let value = self.at(path);
        if let Value::Text(text) = value
            && let Some((_, code)) = table.iter().find(|(known, _)| known == text)
        {
            return *code;
        }
        self.report(path, value, NAME);
        0
    }

    fn items(&mut self, path: &[&str], value: &'v Value) -> &'v [Value] {
        if let Value::Array(items) = value {
            return items;
        }
        self.report(path, value, NUMBERS);
        &[]
    }

    fn row(&mut self, path: &[&str], value: &'v Value) -> Vec<f64> {
        self.items(path, value)
            .iter()
            .map(|item| self.number(path, item, true, false))
            .collect()
    }
}
