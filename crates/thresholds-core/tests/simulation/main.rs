//! What is foreseen of traces that were made up and of traces that were recorded, beside the real engine with its fixed
//! rule. The table is that of tests/simulations/README.md: `UPDATE_SIMULATIONS=1 cargo test -p thresholds-core` writes it anew.

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
fn predictions_are_as_good_as_they_were() {
    let mut scenarios: Vec<Scenario> = synthetic::scenarios();
    scenarios.extend(recorded::scenarios());
    let outcomes: Vec<Outcome> = scenarios.iter().map(Scenario::run).collect();
    let table = table::of(&scenarios, &outcomes);
    println!("{table}");
    let worse: Vec<String> = scenarios
        .iter()
        .zip(&outcomes)
        .filter_map(|(scenario, outcome)| {
            let told = scenario.bounds.broken_by(outcome)?;
            Some(format!("{}: {told}", scenario.name))
        })
        .collect();
    assert!(worse.is_empty(), "{}", worse.join("\n"));
    table::hold_against_the_readme(&table);
}
