//! The table of tests/simulations/README.md.

use crate::run::Outcome;
use crate::scenario::Scenario;
use std::env;
use std::fmt::Write;
use std::fs;

const README: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/simulations/README.md"
);
const BEGIN: &str = "<!-- table -->\n";
const END: &str = "<!-- /table -->\n";
const SECOND: f64 = 1_000.0;

const HEAD: &str = "\
| Trace | Runs | The fixed rule | It opens | Predicted | False opens | Gained, mean | Bad calls saved |
|---|--:|---|--:|--:|--:|--:|--:|
";

pub fn of(scenarios: &[Scenario], outcomes: &[Outcome]) -> String {
    let mut table = HEAD.to_owned();
    for (scenario, outcome) in scenarios.iter().zip(outcomes) {
        let gained = if outcome.came_true == 0 {
            "–".to_owned()
        } else {
            format!("{:.1} s", outcome.mean_gained() / SECOND)
        };
        writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {gained} | {} |",
            scenario.name,
            scenario.traces.len(),
            scenario.breaker.name,
            outcome.openings,
            outcome.came_true,
            outcome.were_false,
            share(outcome.saved, outcome.bad_calls),
        )
        .unwrap();
    }
    table
}

/// Checks that the README has the measured table, or rewrites it.
pub fn check_readme(table: &str) {
    let readme = fs::read_to_string(README).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let written = format!("{before}{BEGIN}\n{table}\n{END}{after}");
    if env::var_os("UPDATE_SIMULATIONS").is_some() {
        fs::write(README, &written).unwrap();
    } else {
        assert_eq!(
            readme, written,
            "UPDATE_SIMULATIONS=1 writes the table anew"
        );
    }
}

fn share(part: u64, whole: u64) -> String {
    if part == 0 {
        return "–".to_owned();
    }
    format!("{part} of {whole}")
}
