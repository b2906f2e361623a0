//! Generated options and snapshots, valid and invalid.

use crate::bytes::Bytes;
use breaker_bridge::Value;

const NAMES: [&str; 32] = [
    "failureThreshold",
    "consecutiveFailureThreshold",
    "failureRateThreshold",
    "slowCallRateThreshold",
    "slowCallDuration",
    "minimumCalls",
    "successThreshold",
    "maxConcurrentRequests",
    "resetTimeout",
    "window",
    "halfOpen",
    "recovery",
    "timeout",
    "seed",
    "responseTimes",
    "monitoringWindow",
    "monitoringPeriod",
    "retryDelay",
    "inFlight",
    "type",
    "duration",
    "buckets",
    "size",
    "initial",
    "factor",
    "max",
    "jitter",
    "calls",
    "ramp",
    "initialShare",
    "limit",
    "__proto__",
];
/// Number of names of options at the top of [`NAMES`]. The rest are members of an option.
const OPTIONS: usize = 19;
const TEXTS: [&str; 5] = ["time", "count", "", "1", "päckchen"];
const MOST: usize = 7;
const DEEPEST: usize = 4;

/// Returns options: an object, except one time in sixteen.
pub fn options(bytes: &mut Bytes) -> Value {
    if bytes.choice(16) == 15 {
        return any(bytes, 0);
    }
    object_of(bytes, |bytes| {
        let name = NAMES[bytes.choice(OPTIONS)];
        (name, likely_valid(name, bytes))
    })
}

/// Returns an object without duplicate names, like every object of JavaScript.
fn object_of(bytes: &mut Bytes, property: impl Fn(&mut Bytes) -> (&'static str, Value)) -> Value {
    let mut properties: Vec<(String, Value)> = Vec::new();
    for _ in 0..bytes.choice(MOST) {
        let (name, value) = property(bytes);
        if properties.iter().all(|(known, _)| known != name) {
            properties.push((name.to_owned(), value));
        }
    }
    Value::Object(properties)
}

/// Returns a value for the option, more often than not a valid one.
fn likely_valid(name: &str, bytes: &mut Bytes) -> Value {
    if bytes.choice(8) == 7 {
        return any(bytes, 0);
    }
    let members: &[&str] = match name {
        "failureRateThreshold" | "slowCallRateThreshold" => {
            return Value::Number(f64::from(bytes.byte()) / 255.0);
        }
        "responseTimes" => return Value::Bool(bytes.choice(2) == 1),
        "window" if bytes.choice(2) == 0 => return window("time", &["duration", "buckets"], bytes),
        "window" => return window("count", &["size"], bytes),
        "resetTimeout" if bytes.choice(2) == 0 => &["initial", "factor", "max", "jitter"],
        "halfOpen" => &["calls", "failureRateThreshold"],
        "recovery" => &["ramp", "initialShare"],
        "inFlight" => &["limit"],
        _ => return Value::Number(f64::from(bytes.byte()) + 1.0),
    };
    object(members, bytes)
}

fn window(kind: &str, members: &[&str], bytes: &mut Bytes) -> Value {
    let Value::Object(mut properties) = object(members, bytes) else {
        return Value::Null;
    };
    properties.push(("type".to_owned(), Value::Text(kind.to_owned())));
    Value::Object(properties)
}

fn object(members: &[&str], bytes: &mut Bytes) -> Value {
    let properties = members.iter().filter_map(|member| {
        let value = match (bytes.choice(4), *member) {
            (0, _) => return None,
            (_, "jitter" | "failureRateThreshold" | "initialShare") => {
                Value::Number(f64::from(bytes.byte()) / 255.0)
            }
            (3, _) => Value::Number(bytes.number()),
            _ => Value::Number(f64::from(bytes.byte()) + 1.0),
        };
        Some(((*member).to_owned(), value))
    });
    Value::Object(properties.collect())
}

/// Returns any value.
pub fn any(bytes: &mut Bytes, depth: usize) -> Value {
    match bytes.choice(if depth < DEEPEST { 8 } else { 6 }) {
        0 => Value::Null,
        1 => Value::Bool(bytes.choice(2) == 1),
        2 => Value::Text(bytes.one_of(&TEXTS).to_owned()),
        3..=5 => Value::Number(bytes.number()),
        6 => Value::Array(
            (0..bytes.choice(MOST))
                .map(|_| any(bytes, depth + 1))
                .collect(),
        ),
        _ => object_of(bytes, |bytes| (bytes.one_of(&NAMES), any(bytes, depth + 1))),
    }
}

/// Returns a corrupted copy of a snapshot: one value replaced, or one property removed.
pub fn corrupted(value: Value, bytes: &mut Bytes) -> Value {
    match value {
        Value::Object(mut properties) if !properties.is_empty() => {
            let index = bytes.choice(properties.len());
            if bytes.choice(4) == 3 {
                properties.remove(index);
            } else {
                let (name, inner) = properties.remove(index);
                properties.push((name, corrupted(inner, bytes)));
            }
            Value::Object(properties)
        }
        Value::Array(mut items) if !items.is_empty() => {
            let index = bytes.choice(items.len());
            let inner = items.remove(index);
            items.insert(index, corrupted(inner, bytes));
            Value::Array(items)
        }
        _ => any(bytes, 0),
    }
}
