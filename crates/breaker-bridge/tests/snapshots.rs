//! What is no snapshot, or not any more, is refused, and everything that is wrong with it is told.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use breaker_bridge::{Configs, Value, engine};

/// A snapshot, with each of these places holding another value.
fn spoiled(places: &[(&[&str], Value)]) -> Value {
    let mut breaker = engine::create(&Value::object(vec![]), &mut Configs::new(), 0.0).unwrap();
    let mut saved = engine::snapshot(&mut breaker, 1.0);
    for (path, value) in places {
        *place(&mut saved, path) = value.clone();
    }
    saved
}

fn place<'v>(value: &'v mut Value, path: &[&str]) -> &'v mut Value {
    let Some((name, rest)) = path.split_first() else {
        return value;
    };
    let Value::Object(properties) = value else {
        panic!("{name} is in no object")
    };
    let property = properties.iter_mut().find(|(known, _)| known == name);
    place(&mut property.unwrap().1, rest)
}

/// What is told of a snapshot, as `option kind`.
fn problems(saved: &Value) -> Vec<String> {
    let restored = engine::restore(&Value::object(vec![]), saved, &mut Configs::new(), 0.0);
    let problems = restored.err().unwrap_or_default();
    problems
        .iter()
        .map(|problem| format!("{} {}", problem.option, problem.kind.name()))
        .collect()
}

#[test]
fn one_that_is_as_it_was_written_is_taken() {
    assert!(problems(&spoiled(&[])).is_empty());
}

#[test]
fn what_is_no_snapshot_of_this_version_is_told_at_once() {
    assert_eq!(problems(&Value::Null), ["snapshot missing"]);
    assert_eq!(problems(&Value::Number(1.0)), ["snapshot range"]);
    let version = |value: Value| problems(&spoiled(&[(&["version"], value)]));
    assert_eq!(version(Value::Number(2.0)), ["snapshot.version range"]);
    assert_eq!(version(Value::Null), ["snapshot.version missing"]);
}

#[test]
fn everything_that_is_wrong_with_one_is_told() {
    let saved = spoiled(&[
        (&["state"], "AJAR".into()),
        (&["override"], Value::Null),
        (&["window", "buckets"], Value::Bool(true)),
        (&["responseTimes"], Value::Null),
    ]);
    assert_eq!(
        problems(&saved),
        [
            "snapshot.state range",
            "snapshot.override missing",
            "snapshot.window.buckets range",
            "snapshot.responseTimes missing",
        ]
    );
}

#[test]
fn a_number_is_finite_and_not_below_nought() {
    for number in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let saved = spoiled(&[(&["totals", "failures"], number.into())]);
        assert_eq!(
            problems(&saved),
            ["snapshot.totals.failures range"],
            "{number}"
        );
    }
    let text = spoiled(&[(&["totals", "failures"], "1".into())]);
    assert_eq!(problems(&text), ["snapshot.totals.failures range"]);
    let nothing = spoiled(&[(&["totals", "failures"], Value::Null)]);
    assert!(problems(&nothing).is_empty());
}
