//! The seed of generated test cases.
//!
//! Every run generates the same cases. `FUSEWIRE_SEED=<whole number>` generates others. The tests print the seed and the
//! command that repeats them; `cargo test` shows that output when a test fails.

use proptest::test_runner::{Config, RngSeed};
use std::{env, thread};

/// Seed of a run that sets no other.
pub const DEFAULT: u64 = 1;

const VARIABLE: &str = "FUSEWIRE_SEED";

/// Returns the seed of this run: `FUSEWIRE_SEED`, or [`DEFAULT`].
///
/// # Panics
/// If the variable is not a whole number below 2⁶⁴.
#[must_use]
#[allow(clippy::panic, reason = "a test fails by panicking")]
pub fn seed() -> u64 {
    let Some(text) = env::var_os(VARIABLE) else {
        return DEFAULT;
    };
    text.to_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("{VARIABLE} is {text:?}; set it to a whole number below 2^64"))
}

/// Returns the seed of one batch of cases. Neighbouring seeds share no batch. (The finalizer of `SplitMix64`.)
#[must_use]
pub fn batch_seed(seed: u64, batch: u64) -> u64 {
    let mix = |value: u64| {
        let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    };
    mix(mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)).wrapping_add(batch))
}

/// Returns the command that repeats the current test with the same seed.
#[must_use]
pub fn repeat_command(package: &str, target: &str) -> String {
    let current = thread::current();
    let test = current.name().unwrap_or_default();
    format!(
        "{VARIABLE}={} cargo test --package {package} --test {target} {test}",
        seed()
    )
}

/// Returns the configuration behind [`config!`]; prints the seed and the command that repeats the current test.
#[must_use]
pub fn seeded(config: Config, package: &str, target: &str) -> Config {
    println!(
        "seed {}; repeat with: {}",
        seed(),
        repeat_command(package, target)
    );
    Config {
        rng_seed: RngSeed::Fixed(seed()),
        ..config
    }
}

/// Configuration of a `proptest!` block, with the seed of this run: `config!()`, or `config!(cases)`.
#[macro_export]
macro_rules! config {
    () => {
        $crate::seeded(
            ::proptest::test_runner::Config::default(),
            env!("CARGO_PKG_NAME"),
            env!("CARGO_CRATE_NAME"),
        )
    };
    ($cases:expr) => {
        $crate::seeded(
            ::proptest::test_runner::Config::with_cases($cases),
            env!("CARGO_PKG_NAME"),
            env!("CARGO_CRATE_NAME"),
        )
    };
}
