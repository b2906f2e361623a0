//! Comparison of core and model on generated programs, on the corpus and on the shared vectors.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod compare;
mod corpus;
mod generate;

use breaker_model::readings::Reading;
use breaker_model::{Case, Model, Options, Program};
use compare::{Observation, check};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use std::cell::Cell;
use std::env;

const OPERATIONS: u64 = 1_000_000;
const PROGRAMS_AT_A_TIME: u32 = 1_000;

/// Returns the number of operations to compare: `FUSEWIRE_OPERATIONS`, or a million.
fn wanted_operations() -> u64 {
    env::var("FUSEWIRE_OPERATIONS").map_or(OPERATIONS, |wanted| wanted.parse().unwrap())
}

#[test]
fn core_and_model_agree_on_generated_programs() {
    let wanted = wanted_operations();
    let seed = test_seed::seed();
    let repeat = format!(
        "FUSEWIRE_OPERATIONS={wanted} {}",
        test_seed::repeat_command(env!("CARGO_PKG_NAME"), env!("CARGO_CRATE_NAME"))
    );
    let compared = Cell::new(0);
    let agree = |program: Program| {
        let operations = check(&program.case(), Observation::Unobserved);
        compared.set(compared.get() + operations.map_err(TestCaseError::fail)?);
        Ok(())
    };
    for batch in 0.. {
        if compared.get() >= wanted {
            break;
        }
        let config = Config {
            cases: PROGRAMS_AT_A_TIME,
            failure_persistence: None,
            max_shrink_iters: 100_000,
            rng_seed: RngSeed::Fixed(test_seed::batch_seed(seed, batch)),
            ..Config::default()
        };
        match TestRunner::new(config).run(&generate::programs(), agree) {
            Ok(()) => {}
            Err(TestError::Fail(why, program)) => {
                let file = corpus::keep(program.case(), why.message());
                panic!(
                    "{why}\nkept as {}\nseed {seed}, batch {batch}; repeat with: {repeat}",
                    file.display()
                );
            }
            Err(error) => panic!("{error}\nseed {seed}, batch {batch}; repeat with: {repeat}"),
        }
    }
    println!(
        "{} operations, core and model agree (seed {seed})",
        compared.get()
    );
    assert!(compared.get() >= wanted);
}

#[test]
fn core_and_model_agree_on_the_corpus() {
    let cases = corpus::read();
    assert!(cases.len() >= 10, "only {} cases found", cases.len());
    all_hold(cases);
}

#[test]
fn core_and_model_agree_on_the_shared_vectors() {
    let cases = corpus::vectors();
    assert!(cases.len() >= 100, "only {} cases found", cases.len());
    all_hold(cases);
}

/// Compares each case twice: with and without reads between the steps.
fn all_hold(cases: Vec<(String, Case)>) {
    let mut failures = Vec::new();
    for (name, case) in cases {
        for observation in [Observation::Unobserved, Observation::Observed] {
            if let Err(why) = check(&case, observation) {
                failures.push(format!("{name}, {observation:?}: {why}"));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn the_model_has_every_reading() {
    let model = Model::new(Options::default(), 0.0);
    let names = |readings: Vec<(&'static str, Reading)>| -> Vec<_> {
        readings.into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(model.stats()), breaker_bridge::layout::STATS);
    assert_eq!(names(model.explanation()), breaker_bridge::layout::EXPLAIN);
}
