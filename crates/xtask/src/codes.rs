//! Generator of the numeric codes in TypeScript.

use std::fmt::Write;
use std::fs;

use anyhow::{Result, bail};
use breaker_bridge::{codes, layout};
use policies_bridge::{forecast, policy, stats};

use crate::paths;

const DESTINATION: &str = "npm/fusewire/src/engine/codes.ts";

/// Writes `npm/fusewire/src/engine/codes.ts`.
pub fn write() -> Result<()> {
    let destination = paths::root()?.join(DESTINATION);
    let source = source()?;
    // An unchanged file keeps its time stamp, for watchers and incremental builds.
    if fs::read_to_string(&destination).is_ok_and(|written| written == source) {
        println!("{DESTINATION} is up to date");
        return Ok(());
    }
    fs::write(&destination, source)?;
    println!("{DESTINATION} written");
    Ok(())
}

/// Fails if `npm/fusewire/src/engine/codes.ts` differs from the output of [`write`].
pub fn check() -> Result<()> {
    let written = fs::read_to_string(paths::root()?.join(DESTINATION))?;
    if written != source()? {
        bail!("{DESTINATION} does not match the bridges: run `cargo run --package xtask -- codes`");
    }
    println!("{DESTINATION} matches the bridges");
    Ok(())
}

fn source() -> Result<String> {
    let mut out = String::from(
        "// Generated from crates/breaker-bridge and crates/policies-bridge by `cargo run --package xtask -- codes`. Do not edit.\n",
    );
    numbers(
        &mut out,
        "STATE",
        "Codes of the states of a circuit.",
        codes::STATE,
    )?;
    numbers(
        &mut out,
        "OVERRIDE",
        "Codes of the overrides that an operator can set.",
        codes::OVERRIDE,
    )?;
    numbers(
        &mut out,
        "OUTCOME",
        "Codes of the outcomes of a call.",
        codes::OUTCOME,
    )?;
    numbers(
        &mut out,
        "REJECTED",
        "Codes of the reasons of a rejection.",
        codes::REJECTED,
    )?;
    numbers(
        &mut out,
        "REASON",
        "Codes of the reasons of a transition.",
        codes::REASON,
    )?;
    numbers(
        &mut out,
        "WORD",
        "Layout of the state word: `generation << 5 | gated << 4 | override << 2 | state`.",
        codes::WORD,
    )?;
    number(
        &mut out,
        "NO_BREAKER",
        "State word of an unknown handle.",
        codes::NO_BREAKER,
    )?;
    positions(
        &mut out,
        "STATS",
        "Index of each number in the array that `stats` fills.",
        layout::STATS,
    )?;
    positions(
        &mut out,
        "EXPLAIN",
        "Index of each number in the array that `explain` fills.",
        layout::EXPLAIN,
    )?;
    positions(
        &mut out,
        "RULES",
        "Index of each number in the array that `rules` fills.",
        layout::RULES,
    )?;
    let kinds: Vec<(&str, i32)> = policy::POLICY
        .iter()
        .map(|(name, kind)| (*name, kind.cast_signed()))
        .collect();
    numbers(
        &mut out,
        "POLICY",
        "Codes of the kinds of policies.",
        &kinds,
    )?;
    let signs: Vec<(&str, i32)> = forecast::SIGN
        .iter()
        .map(|(name, sign)| (*name, sign.cast_signed()))
        .collect();
    numbers(
        &mut out,
        "SIGN",
        "Codes of the signs that a circuit would open.",
        &signs,
    )?;
    for (name, names) in stats::ROWS {
        let description = "Index of each number in the array that `policyStats` fills.";
        positions(&mut out, name, description, names)?;
    }
    Ok(out)
}

fn number(out: &mut String, name: &str, description: &str, value: i32) -> Result<()> {
    writeln!(
        out,
        "\n/** {description} */\nexport const {name} = {value};"
    )?;
    Ok(())
}

fn numbers(out: &mut String, name: &str, description: &str, table: &[(&str, i32)]) -> Result<()> {
    writeln!(out, "\n/** {description} */\nexport const {name} = {{")?;
    for (key, value) in table {
        writeln!(out, "  {key}: {value},")?;
    }
    writeln!(out, "}} as const;")?;
    Ok(())
}

fn positions(out: &mut String, name: &str, description: &str, names: &[&str]) -> Result<()> {
    let table: Vec<(&str, i32)> = names.iter().copied().zip(0..).collect();
    numbers(out, name, description, &table)?;
    let length = format!("Number of names in `{name}`.");
    number(
        out,
        &format!("{name}_LENGTH"),
        &length,
        i32::try_from(names.len())?,
    )
}
