//! Recorded traces: see tests/simulations/record.ts.

use crate::breakers;
use crate::scenario::{Bounds, Call, Scenario};
use std::fs;
use std::path::Path;

const TRACES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/simulations/traces"
);

pub fn scenarios() -> Vec<Scenario> {
    [
        ("demo: errors grow", "errors-grow", Bounds::of(1, 0, 800.0)),
        (
            "demo: slowness grows",
            "slowness-grows",
            Bounds::of(1, 0, 5_000.0),
        ),
        (
            "demo: the service hangs",
            "hangs",
            Bounds::of(1, 0, 2_500.0),
        ),
        (
            "demo: its port is closed",
            "port-closes",
            Bounds::of(1, 0, 2_500.0),
        ),
        (
            "demo: errors come and go",
            "errors-come-and-go",
            Bounds::quiet(0),
        ),
        ("demo: resets flap", "resets-flap", Bounds::quiet(0)),
    ]
    .into_iter()
    .map(|(name, file, bounds)| Scenario {
        name,
        breaker: breakers::for_the_demo(),
        traces: vec![read(file)],
        bounds,
    })
    .collect()
}

/// Reads a trace. Each line has the start of a call, its duration, and whether it failed.
fn read(name: &str) -> Vec<Call> {
    let file = Path::new(TRACES).join(name).with_extension("txt");
    let text = fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| {
            let mut numbers = line.split(' ').map(|number| number.parse::<f64>().unwrap());
            Call {
                start: numbers.next().unwrap(),
                duration: numbers.next().unwrap(),
                failed: numbers.next().unwrap() == 1.0,
            }
        })
        .collect()
}
