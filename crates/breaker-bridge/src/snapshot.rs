//! Snapshots as plain data.

use crate::codes::{OVERRIDE, STATE, override_code, override_of, state_code};
use crate::problem::{Kind, Problem};
use crate::value::Value;
use breaker_core::snapshot::{LifetimeSnapshot, StateSnapshot, VERSION};
use breaker_core::window::{Counts, Sample, WindowSnapshot};
use breaker_core::{CircuitState, Override, Snapshot, Span};

const OBJECT: &str = "an object made by toJSON()";
const VERSION_1: &str = "1: this form of snapshot is not known here";
const NUMBER: &str = "a finite number of at least 0";
const WORD: &str = "one of the words that toJSON() writes";
const ARRAY: &str = "an array";

/// Writes a snapshot down.
#[must_use]
pub fn write(snapshot: &Snapshot) -> Value {
    let (state, progress) = write_state(snapshot.state);
    let holders = match snapshot.override_ {
        Override::ForcedOpen { holders } => holders,
        Override::None | Override::ForcedClosed | Override::Shadow => 0,
    };
    Value::object([
        ("version", VERSION.into()),
        ("state", name_of(STATE, state_code(state)).into()),
        ("progress", progress),
        (
            "override",
            name_of(OVERRIDE, override_code(snapshot.override_)).into(),
        ),
        ("holders", holders.into()),
        ("consecutiveFailures", snapshot.consecutive_failures.into()),
        ("failedRecoveries", snapshot.failed_recoveries.into()),
        ("nextOpenTime", span(snapshot.next_open_time)),
        ("window", write_window(&snapshot.window)),
        ("totals", write_totals(&snapshot.lifetime)),
        (
            "responseTimes",
            Value::Array(
                snapshot
                    .lifetime
                    .histogram
                    .iter()
                    .map(|bin| f64::from(*bin).into())
                    .collect(),
            ),
        ),
    ])
}

/// Reads a snapshot.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(saved: &Value) -> Result<Snapshot, Vec<Problem>> {
    let mut reader = Reader(Vec::new());
    let root = Place {
        value: saved,
        path: "snapshot".to_owned(),
    };
    if !matches!(saved, Value::Object(_)) {
        return Err(vec![Problem {
            option: root.path,
            kind: Kind::Type,
            expected: OBJECT,
        }]);
    }
    let version = root.at("version");
    if reader.number(&version) != f64::from(VERSION) {
        return Err(vec![Problem {
            option: version.path,
            kind: Kind::Range,
            expected: VERSION_1,
        }]);
    }
    let snapshot = reader.snapshot(&root);
    if reader.0.is_empty() {
        Ok(snapshot)
    } else {
        Err(reader.0)
    }
}

fn write_state(state: StateSnapshot) -> (CircuitState, Value) {
    match state {
        StateSnapshot::Closed { ramped } => {
            let ramped = ramped.map_or(Value::Null, span);
            (CircuitState::Closed, Value::object([("ramped", ramped)]))
        }
        StateSnapshot::Open { elapsed, remaining } => (
            CircuitState::Open,
            Value::object([("elapsed", span(elapsed)), ("remaining", span(remaining))]),
        ),
        StateSnapshot::HalfOpen {
            successes,
            failures,
        } => {
            let progress = Value::object([
                ("successes", successes.into()),
                ("failures", failures.into()),
            ]);
            (CircuitState::HalfOpen, progress)
        }
    }
}

fn write_window(window: &WindowSnapshot) -> Value {
    match window {
        WindowSnapshot::Count { size, calls } => Value::object([
            ("type", "count".into()),
            ("size", (*size).into()),
            (
                "calls",
                Value::Array(
                    calls
                        .iter()
                        .map(|call| f64::from(call_code(*call)).into())
                        .collect(),
                ),
            ),
        ]),
        WindowSnapshot::Time {
            width,
            remaining,
            buckets,
        } => Value::object([
            ("type", "time".into()),
            ("width", span(*width)),
            ("remaining", span(*remaining)),
            (
                "buckets",
                Value::Array(buckets.iter().map(write_counts).collect()),
            ),
        ]),
    }
}

fn write_counts(counts: &Counts) -> Value {
    Value::Array(vec![
        counts.successes.into(),
        counts.failures.into(),
        counts.slow.into(),
    ])
}

fn write_totals(totals: &LifetimeSnapshot) -> Value {
    let age = |age: Option<Span>| age.map_or(Value::Null, span);
    Value::object([
        ("successes", count(totals.successes)),
        ("failures", count(totals.failures)),
        ("timeouts", count(totals.timeouts)),
        ("rejected", count(totals.rejected)),
        ("ignored", count(totals.ignored)),
        ("shadowRejected", count(totals.shadow_rejected)),
        ("stateChanges", count(totals.state_changes)),
        ("lastSuccessAge", age(totals.last_success_age)),
        ("lastFailureAge", age(totals.last_failure_age)),
        ("measured", count(totals.measured)),
        ("responseTime", span(totals.response_time)),
        ("longest", span(totals.longest)),
        ("age", span(totals.age)),
        ("open", span(totals.open)),
    ])
}

fn count(number: u64) -> Value {
    Value::Number(number as f64)
}

fn span(span: Span) -> Value {
    Value::Number(span.as_millis())
}

fn name_of(table: &'static [(&'static str, i32)], code: i32) -> &'static str {
    table
        .iter()
        .find(|(_, known)| *known == code)
        .map_or("", |(name, _)| name)
}

/// 1 is a failure, 2 a slow call, 3 both.
fn call_code(call: Sample) -> u8 {
    u8::from(call.failed) | u8::from(call.slow).wrapping_shl(1)
}

fn call_of(code: u32) -> Sample {
    Sample {
        failed: code & 1 != 0,
        slow: code & 2 != 0,
    }
}

/// A value and the way to it.
struct Place<'v> {
    value: &'v Value,
    path: String,
}

const MISSING: &Value = &Value::Null;

impl<'v> Place<'v> {
    fn at(&self, name: &str) -> Place<'v> {
        Place {
            value: self.value.get(name).unwrap_or(MISSING),
            path: format!("{}.{name}", self.path),
        }
    }
}

struct Reader(Vec<Problem>);

impl Reader {
    fn snapshot(&mut self, root: &Place<'_>) -> Snapshot {
        Snapshot {
            state: self.state(root),
            override_: self.standing_override(root),
            consecutive_failures: self.count(&root.at("consecutiveFailures")) as u32,
            failed_recoveries: self.count(&root.at("failedRecoveries")) as u32,
            next_open_time: self.span(&root.at("nextOpenTime")),
            window: self.window(&root.at("window")),
            lifetime: self.lifetime(root),
        }
    }

    fn report(&mut self, place: &Place<'_>, expected: &'static str) {
        let kind = if *place.value == Value::Null {
            Kind::Missing
        } else {
            Kind::Range
        };
        self.0.push(Problem {
            option: place.path.clone(),
            kind,
            expected,
        });
    }

    fn number(&mut self, place: &Place<'_>) -> f64 {
        match place.value {
            Value::Number(number) if number.is_finite() && *number >= 0.0 => *number,
            _ => {
                self.report(place, NUMBER);
                0.0
            }
        }
    }

    fn count(&mut self, place: &Place<'_>) -> u64 {
        self.number(place) as u64
    }

    fn span(&mut self, place: &Place<'_>) -> Span {
        Span::from_millis(self.number(place))
    }

    fn span_if_any(&mut self, place: &Place<'_>) -> Option<Span> {
        (*place.value != Value::Null).then(|| self.span(place))
    }

    fn code(&mut self, place: &Place<'_>, table: &[(&str, i32)]) -> i32 {
        if let Value::Text(name) = place.value
            && let Some((_, code)) = table.iter().find(|(known, _)| known == name)
        {
            return *code;
        }
        self.report(place, WORD);
        0
    }

    fn items<'v>(&mut self, place: &Place<'v>) -> &'v [Value] {
        if let Value::Array(items) = place.value {
            return items;
        }
        self.report(place, ARRAY);
        &[]
    }

    fn counts(&mut self, place: &Place<'_>) -> Vec<u32> {
        let items = self.items(place);
        items
            .iter()
            .map(|value| {
                self.count(&Place {
                    value,
                    path: place.path.clone(),
                }) as u32
            })
            .collect()
    }

    fn state(&mut self, root: &Place<'_>) -> StateSnapshot {
        let progress = root.at("progress");
        match self.code(&root.at("state"), STATE) {
            1 => StateSnapshot::Open {
                elapsed: self.span(&progress.at("elapsed")),
                remaining: self.span(&progress.at("remaining")),
            },
            2 => StateSnapshot::HalfOpen {
                successes: self.count(&progress.at("successes")) as u32,
                failures: self.count(&progress.at("failures")) as u32,
            },
            _ => StateSnapshot::Closed {
                ramped: self.span_if_any(&progress.at("ramped")),
            },
        }
    }

    fn standing_override(&mut self, root: &Place<'_>) -> Override {
        match override_of(self.code(&root.at("override"), OVERRIDE).cast_unsigned()) {
            Override::ForcedOpen { .. } => Override::ForcedOpen {
                holders: (self.count(&root.at("holders")) as u32).max(1),
            },
            other => other,
        }
    }

    fn window(&mut self, place: &Place<'_>) -> WindowSnapshot {
        const TYPES: &[(&str, i32)] = &[("time", 0), ("count", 1)];
        if self.code(&place.at("type"), TYPES) == 1 {
            let calls = self
                .counts(&place.at("calls"))
                .into_iter()
                .map(call_of)
                .collect();
            return WindowSnapshot::Count {
                size: self.count(&place.at("size")) as u32,
                calls,
            };
        }
        let buckets = place.at("buckets");
        WindowSnapshot::Time {
            width: self.span(&place.at("width")),
            remaining: self.span(&place.at("remaining")),
            buckets: self
                .items(&buckets)
                .iter()
                .map(|value| self.bucket(value, &buckets))
                .collect(),
        }
    }

    fn bucket(&mut self, value: &Value, buckets: &Place<'_>) -> Counts {
        let counts = self.counts(&Place {
            value,
            path: buckets.path.clone(),
        });
        let count = |index: usize| counts.get(index).copied().unwrap_or(0);
        Counts {
            successes: count(0),
            failures: count(1),
            slow: count(2),
        }
    }

    fn lifetime(&mut self, root: &Place<'_>) -> LifetimeSnapshot {
        let totals = root.at("totals");
        LifetimeSnapshot {
            successes: self.count(&totals.at("successes")),
            failures: self.count(&totals.at("failures")),
            timeouts: self.count(&totals.at("timeouts")),
            rejected: self.count(&totals.at("rejected")),
            ignored: self.count(&totals.at("ignored")),
            shadow_rejected: self.count(&totals.at("shadowRejected")),
            state_changes: self.count(&totals.at("stateChanges")),
            last_success_age: self.span_if_any(&totals.at("lastSuccessAge")),
            last_failure_age: self.span_if_any(&totals.at("lastFailureAge")),
            measured: self.count(&totals.at("measured")),
            response_time: self.span(&totals.at("responseTime")),
            longest: self.span(&totals.at("longest")),
            histogram: self.histogram(&root.at("responseTimes")),
            age: self.span(&totals.at("age")),
            open: self.span(&totals.at("open")),
        }
    }

    fn histogram(&mut self, place: &Place<'_>) -> Vec<u16> {
        self.counts(place)
            .into_iter()
            .map(|bin| u16::try_from(bin).unwrap_or(u16::MAX))
            .collect()
    }
}
