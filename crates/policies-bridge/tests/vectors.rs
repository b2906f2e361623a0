//! Runs the vectors of tests/vectors/policies on the bridge.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

use breaker_bridge::Value;
use policies_bridge::policy::POLICY;
use policies_bridge::{Policy, engine};
use std::fs;
use std::path::Path;

#[test]
fn every_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/policies");
    let files = fs::read_dir(folder).unwrap();
    let vectors = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "json"));
    let mut cases = 0;
    for path in vectors {
        let vector: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let kind = text(&vector, "kind");
        let (_, code) = POLICY.iter().find(|(name, _)| *name == kind).unwrap();
        for case in items(&vector, "cases") {
            if let Err(actual) = run(*code, case) {
                panic!("{kind}, {}: {actual}", text(case, "name"));
            }
            cases += 1;
        }
    }
    println!("{cases} cases");
    assert!(cases > 20, "the vectors are not there");
}

fn run(kind: u32, case: &Value) -> Result<(), String> {
    let created = engine::create(kind, case.get("options").unwrap(), 0.0);
    if let Some(Value::Array(expected)) = case.get("problems") {
        let problems = created.err().unwrap_or_default();
        let actual: Vec<_> = problems
            .iter()
            .map(|problem| Value::Text(format!("{} {}", problem.option, problem.kind.name())))
            .collect();
        return same("problems", &actual, expected);
    }
    let mut policy = created.map_err(|problems| format!("rejected: {problems:?}"))?;
    for (index, step) in items(case, "steps").iter().enumerate() {
        for _ in 0..step.get("times").map_or(1, |times| number(times) as u32) {
            let actual = call(&mut policy, step);
            if let Some(expected) = step.get("expect") {
                same(&format!("step {}", index + 1), &actual, &number(expected))?;
            }
        }
    }
    Ok(())
}

/// Calls the function of a step; NaN if it returns nothing.
fn call(policy: &mut Policy, step: &Value) -> f64 {
    let arguments: Vec<f64> = items(step, "arguments").iter().map(number).collect();
    let whole = |index: usize| arguments[index] as u32;
    match text(step, "call") {
        "nextDelay" => return engine::next_delay(policy, whole(0), arguments[1]),
        "withdraw" => return f64::from(engine::withdraw(policy, arguments[0])),
        "hedgeDelay" => return engine::hedge_delay(policy, arguments[0]),
        "enter" => return engine::enter(policy, whole(0)),
        "cancel" => return f64::from(engine::cancel(policy, arguments[0])),
        "next" => return engine::next(policy),
        "displaced" => return engine::displaced(policy),
        "take" => return engine::take(policy, whole(0), arguments[1]),
        "tokenWait" => return engine::token_wait(policy, whole(0), arguments[1]),
        "sample" => {
            let limit = engine::sample(policy, arguments[0], whole(1), whole(2), arguments[3]);
            return f64::from(limit);
        }
        "shedLoadAdmit" => return f64::from(engine::shed_load_admit(policy, arguments[0])),
        "scheduleEntry" => return f64::from(engine::schedule_entry(policy, whole(0))),
        "scheduleChange" => return engine::schedule_change(policy, whole(0)),
        "forecastCall" => {
            return f64::from(engine::forecast_call(
                policy,
                whole(0),
                arguments[1],
                arguments[2],
            ));
        }
        "forecastRestart" => engine::forecast_restart(policy, whole(0), arguments[1]),
        "forecastRules" => {
            engine::forecast_rules(
                policy,
                arguments[0],
                arguments[1],
                arguments[2],
                arguments[3],
            );
        }
        "deposit" => engine::deposit(policy, arguments[0]),
        "recordDuration" => engine::record_duration(policy, arguments[0], arguments[1]),
        "leave" => engine::leave(policy, arguments[0]),
        "setLimit" => engine::set_limit(policy, whole(0)),
        "shedLoadAccept" => engine::shed_load_accept(policy, arguments[0]),
        other => panic!("there is no function {other}"),
    }
    f64::NAN
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    actual: &T,
    expected: &T,
) -> Result<(), String> {
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{what} is {actual:?}, not {expected:?}"))
    }
}

fn items<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    let Some(Value::Array(items)) = value.get(name) else {
        panic!("{name} is no array")
    };
    items
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    let Some(Value::Text(text)) = value.get(name) else {
        panic!("{name} is no text")
    };
    text
}

/// Decodes a number; infinity, which JSON lacks, is a text.
fn number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => *number,
        Value::Text(text) if text == "$Infinity" => f64::INFINITY,
        other => panic!("{other:?} is no number"),
    }
}
