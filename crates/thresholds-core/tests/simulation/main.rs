//! Simulation of forecasts on synthetic and recorded traces, beside the real engine with its fixed rule. The table is
//! in tests/simulations/README.md: `UPDATE_SIMULATIONS=1 cargo test -p thresholds-core` rewrites it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

mod breakers;
mod recorded;
mod run;
mod scenario;
mod synthetic;
mod table;

use run::Outcome;
use scenario::Scenario;

#[test]
fn predictions_stay_within_their_bounds() {
    let mut scenarios: Vec<Scenario> = synthetic::scenarios();
    scenarios.extend(recorded::scenarios());
    let outcomes: Vec<Outcome> = scenarios.iter().map(Scenario::run).collect();
    let table = table::of(&scenarios, &outcomes);
    println!("{table}");
    let worse: Vec<String> = scenarios
        .iter()
        .zip(&outcomes)
        .filter_map(|(scenario, outcome)| {
            let exceeded = scenario.bounds.first_exceeded_by(outcome)?;
            Some(format!("{}: {exceeded}", scenario.name))
        })
        .collect();
    assert!(worse.is_empty(), "{}", worse.join("\n"));
    table::check_readme(&table);
}
