//! Rejection of invalid snapshots, with all their problems.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use breaker_bridge::{Configs, Value, engine};

/// Returns a snapshot with the values at these paths replaced.
fn with_replaced(replacements: &[(&[&str], Value)]) -> Value {
    let mut breaker = engine::create(&Value::object(vec![]), &mut Configs::new(), 0.0).unwrap();
    let mut saved = engine::snapshot(&mut breaker, 1.0);
    for (path, value) in replacements {
        *value_at(&mut saved, path) = value.clone();
    }
    saved
}

fn value_at<'v>(value: &'v mut Value, path: &[&str]) -> &'v mut Value {
    let Some((name, rest)) = path.split_first() else {
        return value;
    };
    let Value::Object(properties) = value else {
        panic!("{name} is not in an object")
    };
    let property = properties.iter_mut().find(|(known, _)| known == name);
    value_at(&mut property.unwrap().1, rest)
}

/// Returns the problems of a snapshot, as `option kind`.
fn problems(saved: &Value) -> Vec<String> {
    let restored = engine::restore(&Value::object(vec![]), saved, &mut Configs::new(), 0.0);
    let problems = restored.err().unwrap_or_default();
    problems
        .iter()
        .map(|problem| format!("{} {}", problem.option, problem.kind.name()))
        .collect()
}

#[test]
fn accepts_an_unchanged_snapshot() {
    assert!(problems(&with_replaced(&[])).is_empty());
}

#[test]
fn rejects_other_types_and_versions() {
    assert_eq!(problems(&Value::Null), ["snapshot missing"]);
    assert_eq!(problems(&Value::Number(1.0)), ["snapshot range"]);
    let version = |value: Value| problems(&with_replaced(&[(&["version"], value)]));
    assert_eq!(version(Value::Number(2.0)), ["snapshot.version range"]);
    assert_eq!(version(Value::Null), ["snapshot.version missing"]);
}

#[test]
fn reports_all_problems_at_once() {
    let saved = with_replaced(&[
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
fn rejects_infinite_and_negative_numbers() {
    for number in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let saved = with_replaced(&[(&["totals", "failures"], number.into())]);
        assert_eq!(
            problems(&saved),
            ["snapshot.totals.failures range"],
            "{number}"
        );
    }
    let text = with_replaced(&[(&["totals", "failures"], "1".into())]);
    assert_eq!(problems(&text), ["snapshot.totals.failures range"]);
}

#[test]
fn rejects_null_where_a_number_is_required() {
    let null = |path: &[&str]| problems(&with_replaced(&[(path, Value::Null)]));
    assert_eq!(
        null(&["totals", "failures"]),
        ["snapshot.totals.failures missing"]
    );
    assert_eq!(
        null(&["backoff", "nextOpenTime"]),
        ["snapshot.backoff.nextOpenTime missing"]
    );
    assert!(null(&["totals", "lastFailureAge"]).is_empty());
    assert!(null(&["progress", "ramped"]).is_empty());
    let open = with_replaced(&[(&["state"], "OPEN".into())]);
    assert_eq!(
        problems(&open),
        [
            "snapshot.progress.elapsed missing",
            "snapshot.progress.remaining missing"
        ]
    );
    let half_open = with_replaced(&[(&["state"], "HALF_OPEN".into())]);
    assert_eq!(
        problems(&half_open),
        [
            "snapshot.progress.successes missing",
            "snapshot.progress.failures missing"
        ]
    );
    let rows = with_replaced(&[(&["responseTimes"], Value::Array(vec![Value::Null]))]);
    assert_eq!(problems(&rows), ["snapshot.responseTimes missing"]);
}

#[test]
fn rejects_numbers_that_no_breaker_writes() {
    let replaced = |path: &[&str], number: f64| problems(&with_replaced(&[(path, number.into())]));
    for path in [
        ["progress", "ramped"],
        ["progress", "remaining"],
        ["backoff", "nextOpenTime"],
        ["totals", "successes"],
        ["totals", "age"],
        ["window", "width"],
    ] {
        let problem = format!("snapshot.{} range", path.join("."));
        assert_eq!(replaced(&path, 1e308), [problem]);
        assert!(replaced(&path, 0.5).is_empty(), "{path:?}");
    }
    for path in [
        ["backoff", "consecutiveFailures"],
        ["backoff", "failedRecoveries"],
        ["progress", "successes"],
    ] {
        let problem = format!("snapshot.{} range", path.join("."));
        for number in [0.5, 4_294_967_296.0, 1e308] {
            assert_eq!(replaced(&path, number).join(" "), problem, "{number}");
        }
        assert!(replaced(&path, 4_294_967_295.0).is_empty());
    }
}
