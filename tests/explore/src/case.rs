//! Export of a path of operations as a case of `tests/vectors`.

use crate::configuration::{Configuration, MILLI, OPEN_FOR};
use crate::operation::{CallResult, Operation};
use crate::step::{START, SystemState};
use breaker_core::Hold;
use breaker_core::settings::{Settings, WindowSettings};

/// Returns the case of these operations, as JSON.
#[must_use]
pub fn case(configuration: &Configuration, operations: &[Operation]) -> String {
    let mut state = SystemState::new(configuration);
    let mut steps = Vec::new();
    for &operation in operations {
        match operation {
            Operation::Clock(step) => {
                state = state.at(state.clock_after(configuration, step));
            }
            _ => {
                let next = state.step(configuration, operation).0;
                steps.push(step(configuration, &state, &next, operation));
                state = next;
            }
        }
    }
    let (options, steps) = (options(&configuration.settings()), steps.join(",\n  "));
    format!("\"options\": {{{options}}},\n\"steps\": [\n  {steps}\n]")
}

fn step(
    configuration: &Configuration,
    state: &SystemState,
    next: &SystemState,
    operation: Operation,
) -> String {
    let (before, after) = (state.history.holds, next.history.holds);
    let at = (state.clock as f64 - START as f64) / MILLI as f64;
    let what = match operation {
        Operation::Clock(_) => unreachable!("the clock is in the time of the next step"),
        Operation::Admit => format!(
            r#""admit", "as": "{}""#,
            name(state.history.totals.admitted)
        ),
        Operation::Settle(index, result) => {
            let permit = name(state.history.permits[index].number);
            format!(
                r#""settle", "permit": "{permit}", {}"#,
                outcome(configuration, result)
            )
        }
        Operation::Poll => r#""poll""#.to_owned(),
        Operation::ForceOpen => format!(r#""forceOpen", "as": "{}""#, hold(after.latest)),
        Operation::ForceClosed => format!(r#""forceClosed", "as": "{}""#, hold(after.latest)),
        Operation::Shadow => format!(r#""shadow", "as": "{}""#, hold(after.latest)),
        Operation::Release => format!(r#""release", "hold": "{}""#, hold(before.latest)),
        Operation::ReleaseEarlier => format!(r#""release", "hold": "{}""#, hold(before.earlier)),
        Operation::ReleaseOverride => r#""releaseOverride""#.to_owned(),
        Operation::Reset => r#""reset""#.to_owned(),
        Operation::Restore => r#""restore""#.to_owned(),
    };
    format!(r#"{{"at": {at}, "do": {what}}}"#)
}

fn outcome(configuration: &Configuration, result: CallResult) -> String {
    let mut outcome = match result {
        CallResult::Success | CallResult::SlowSuccess => r#""outcome": "success""#.to_owned(),
        CallResult::Failure | CallResult::SlowFailure => r#""outcome": "failure""#.to_owned(),
        CallResult::Timeout => r#""outcome": "timeout""#.to_owned(),
        CallResult::Ignored => r#""outcome": "ignored""#.to_owned(),
        CallResult::SlowAborted => r#""outcome": "aborted""#.to_owned(),
        CallResult::OpenFor => format!(r#""outcome": "failure", "openFor": {OPEN_FOR}"#),
    };
    if let Some(duration) = result.duration(configuration) {
        outcome += &format!(r#", "duration": {}"#, duration.as_millis());
    }
    outcome
}

/// Returns the name of a permit: a, b, c, …
fn name(number: u32) -> char {
    char::from_u32('a' as u32 + number).unwrap_or('?')
}

/// Returns the name of an override: o1, o2, o3, …
fn hold(hold: Option<Hold>) -> String {
    format!("o{}", hold.map_or(0, Hold::number))
}

fn options(settings: &Settings) -> String {
    let numbers = members(&[
        ("failureThreshold", settings.failure_threshold),
        (
            "consecutiveFailureThreshold",
            settings.consecutive_failure_threshold,
        ),
        ("failureRateThreshold", settings.failure_rate_threshold),
        ("slowCallRateThreshold", settings.slow_call_rate_threshold),
        ("slowCallDuration", settings.slow_call_duration),
        ("minimumCalls", settings.minimum_calls),
        ("successThreshold", settings.success_threshold),
        ("maxConcurrentRequests", settings.max_concurrent_requests),
        ("timeout", settings.timeout),
    ]);
    let window = match settings.window {
        WindowSettings::Count { size } => {
            format!(r#""type": "count", {}"#, members(&[("size", size)]))
        }
        WindowSettings::Time { duration, buckets } => {
            let numbers = members(&[("duration", duration), ("buckets", buckets)]);
            format!(r#""type": "time", {numbers}"#)
        }
    };
    let open_time = &settings.open_time;
    let open_time = members(&[
        ("initial", open_time.initial),
        ("factor", open_time.factor),
        ("max", open_time.max),
    ]);
    let mut options =
        format!(r#"{numbers}, "window": {{{window}}}, "resetTimeout": {{{open_time}}}"#);
    if let Some(half_open) = &settings.half_open {
        let numbers = members(&[
            ("calls", half_open.calls),
            ("failureRateThreshold", half_open.failure_rate_threshold),
        ]);
        options += &format!(r#", "halfOpen": {{{numbers}}}"#);
    }
    if let Some(in_flight) = &settings.in_flight {
        let numbers = members(&[("limit", in_flight.limit)]);
        options += &format!(r#", "inFlight": {{{numbers}}}"#);
    }
    if let Some(recovery) = &settings.recovery {
        let numbers = members(&[
            ("ramp", recovery.ramp),
            ("initialShare", recovery.initial_share),
        ]);
        options += &format!(r#", "recovery": {{{numbers}}}"#);
    }
    options
}

/// Formats the numbers that are set as members of a JSON object.
fn members(numbers: &[(&str, Option<f64>)]) -> String {
    let members = numbers
        .iter()
        .filter_map(|(name, number)| Some(format!(r#""{name}": {}"#, (*number)?)));
    members.collect::<Vec<_>>().join(", ")
}
