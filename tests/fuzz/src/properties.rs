//! Properties that hold for any input.

use breaker_bridge::{Configs, Problem, Value, codes, engine, layout};
use breaker_core::Breaker;

/// Readings of a breaker, by name.
pub struct Readings {
    stats: Vec<f64>,
}

const STATES: std::ops::RangeInclusive<f64> = 0.0..=2.0;
const TOTALS: [&str; 7] = [
    "totalSuccesses",
    "totalFailures",
    "totalTimeouts",
    "totalRejected",
    "totalIgnored",
    "shadowRejected",
    "stateChanges",
];
const COUNTS: [&str; 6] = [
    "failureCount",
    "successCount",
    "slowCallCount",
    "consecutiveFailures",
    "probesInFlight",
    "overdueCalls",
];
/// Times that are NaN if there is no value.
const AGES: [&str; 4] = ["lastFailureAge", "lastSuccessAge", "retryAfter", "age"];
const TIMES: [&str; 5] = ["p50", "p90", "p95", "p99", "max"];

/// Returns the readings, after checking each of them.
pub fn checked_readings(breaker: &mut Breaker, options: &Value, now: f64) -> Readings {
    let mut stats = vec![0.0; layout::STATS.len()];
    engine::stats(breaker, now, &mut stats);
    let read = |name: &str| stats[index_of(layout::STATS, name)];

    assert!(STATES.contains(&read("state")) && STATES.contains(&read("underlyingState")));
    assert!((0.0..=3.0).contains(&read("override")));
    for name in TOTALS.iter().chain(&COUNTS) {
        let count = read(name);
        assert!(count >= 0.0 && count.fract() == 0.0, "{name} is {count}");
    }
    for name in AGES.iter().chain(&TIMES).chain(&["averageResponseTime"]) {
        let span = read(name);
        assert!(span.is_nan() || span >= 0.0, "{name} is {span}");
    }
    for (rate, most) in [
        ("failureRate", 1.0),
        ("slowCallRate", 1.0),
        ("uptime", 100.0),
    ] {
        let value = read(rate);
        assert!((0.0..=most).contains(&value), "{rate} is {value}");
    }

    let mut explanation = vec![0.0; layout::EXPLAIN.len()];
    engine::explain(breaker, now, &mut explanation);
    let explained = |name: &str| explanation[index_of(layout::EXPLAIN, name)];
    // A slow call that its caller aborted is a slow call without an answer.
    assert!(explained("calls") >= explained("failures"));
    let share = explained("rampShare");
    assert!(
        share.is_nan() || (0.0..=1.0).contains(&share),
        "rampShare is {share}"
    );
    assert!(explained("probesInFlight") <= most_probes(options));
    for name in ["unansweredCalls", "overdueCalls", "badSigns"] {
        let count = explained(name);
        let is_watched = options.get("inFlight").is_some();
        assert!(
            count == 0.0 || is_watched && count > 0.0 && count.fract() == 0.0,
            "{name} is {count}"
        );
    }
    assert!(explained("capped") == 0.0 || explained("inFlightLimit") >= 1.0);

    let again = stats.clone();
    engine::stats(breaker, now, &mut stats);
    assert!(codes::word(breaker) >= 0);
    for ((name, before), after) in layout::STATS.iter().zip(&again).zip(&stats) {
        assert!(
            same(&[*before], &[*after]),
            "reading {name} changed it from {before} to {after}"
        );
    }
    Readings { stats }
}

fn most_probes(options: &Value) -> f64 {
    match options.get("maxConcurrentRequests") {
        Some(Value::Number(most)) => *most,
        _ => 1.0,
    }
}

/// Checks the readings against each other and against earlier ones. Totals never fall unless the breaker comes from a
/// corrupted snapshot.
pub fn check_consistency(before: &Readings, after: &Readings) {
    for name in TOTALS {
        let index = index_of(layout::STATS, name);
        assert!(after.stats[index] >= before.stats[index], "{name} fell");
    }
    let read = |name: &str| after.stats[index_of(layout::STATS, name)];
    for pair in TIMES.windows(2) {
        let (less, more) = (read(pair[0]), read(pair[1]));
        let ascending = less <= more || (less.is_nan() && more.is_nan());
        assert!(ascending, "{pair:?} are {less} and {more}");
    }
    assert!(read("totalTimeouts") <= read("totalFailures"));
}

/// Checks the number of an admission: a permit is a whole number that a double holds exactly, a rejection is a code.
pub fn check_admission(admission: f64) {
    assert!(admission.fract() == 0.0 && (-5.0..=9_007_199_254_740_991.0).contains(&admission));
}

/// Checks that each problem names the rejected option and what it accepts.
pub fn check_problems(problems: &[Problem]) {
    assert!(!problems.is_empty(), "rejected without a problem");
    for problem in problems {
        let is_unknown = problem.kind.name() == "unknown";
        assert_eq!(is_unknown, problem.expected.is_empty(), "{problem:?}");
    }
}

/// Checks that a snapshot can be restored, and that the restored breaker has the same snapshot.
pub fn check_restore(options: &Value, snapshot: &Value, configs: &mut Configs, now: f64) {
    let restored = engine::restore(options, snapshot, configs, now);
    let mut restored =
        restored.unwrap_or_else(|problems| panic!("cannot be restored: {problems:?}"));
    let again = engine::snapshot(&mut restored, now);
    assert!(
        same_value(snapshot, &again),
        "{snapshot:?} was restored as {again:?}"
    );
}

fn index_of(names: &[&str], name: &str) -> usize {
    let found = names.iter().position(|known| *known == name);
    found.unwrap_or_else(|| panic!("unknown reading {name}"))
}

/// Whether the numbers are equal; NaN equals NaN.
fn same(one: &[f64], other: &[f64]) -> bool {
    let mut pairs = one.iter().zip(other);
    pairs.all(|(one, other)| one == other || (one.is_nan() && other.is_nan()))
}

fn same_value(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => same(&[*one], &[*other]),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same_value(a, b))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|((name, a), (named, b))| name == named && same_value(a, b))
        }
        _ => one == other,
    }
}
