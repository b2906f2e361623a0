//! Invariants, each with a name.

mod calls;
mod readings;
mod time;
mod transitions;

use crate::configuration::Configuration;
use crate::step::{StepResult, SystemState};
use std::fmt::Debug;

/// A violated invariant, and the difference.
#[derive(Clone, Debug)]
pub struct Violation {
    pub invariant: &'static str,
    pub detail: String,
}

/// Result of a check: nothing, or a description of the difference.
type Check = Result<(), String>;

macro_rules! by_name {
    ($($module:ident: $($invariant:ident),+;)+) => {
        [$($((stringify!($invariant), $module::$invariant)),+),+]
    };
}

/// An invariant of every step.
type StepInvariant = (&'static str, fn(&StepResult<'_>) -> Check);
const STEP_INVARIANTS: [StepInvariant; 21] = by_name![
    calls: admissions_follow_from_the_history, probes_stay_within_their_limit, each_probe_counts_once,
        unanswered_calls_stay_within_their_limit, each_call_in_flight_counts_once, each_call_counts_once,
        an_old_permit_changes_totals_only, forced_open_admits_nothing, forced_closed_and_shadow_reject_nothing;
    transitions: every_trip_is_justified, no_trip_is_missed, open_time_ends_on_time, recovery_is_justified,
        overrides_apply_at_once, forced_states_absorb_time, generation_advances_with_each_transition;
    readings: totals_add_up, the_window_holds_the_recent_calls;
    time: reading_changes_nothing, an_earlier_time_is_ignored, a_restored_breaker_keeps_its_snapshot;
];

/// An invariant of every state.
type StateInvariant = (&'static str, fn(&Configuration, &SystemState) -> Check);
const STATE_INVARIANTS: [StateInvariant; 1] = by_name![time: a_call_is_eventually_admitted;];

/// Returns the names of all invariants.
pub fn names() -> impl Iterator<Item = &'static str> {
    let of_steps = STEP_INVARIANTS.iter().map(|(name, _)| *name);
    of_steps.chain(STATE_INVARIANTS.iter().map(|(name, _)| *name))
}

/// Returns the invariants that a step violates.
#[must_use]
pub fn violations_of_step(step: &StepResult<'_>) -> Vec<Violation> {
    let checks = STEP_INVARIANTS
        .iter()
        .map(|(name, holds)| (*name, holds(step)));
    violations(checks)
}

/// Returns the invariants that a state violates.
#[must_use]
pub fn violations_of_state(configuration: &Configuration, state: &SystemState) -> Vec<Violation> {
    let checks = STATE_INVARIANTS
        .iter()
        .map(|(name, holds)| (*name, holds(configuration, state)));
    violations(checks)
}

fn violations(checks: impl Iterator<Item = (&'static str, Check)>) -> Vec<Violation> {
    checks
        .filter_map(|(invariant, check)| {
            Some(Violation {
                invariant,
                detail: check.err()?,
            })
        })
        .collect()
}

fn ensure_same<T: PartialEq + Debug>(name: &str, actual: &T, expected: &T) -> Check {
    if actual == expected {
        return Ok(());
    }
    Err(format!("{name} is {actual:?}, expected {expected:?}"))
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err(otherwise()) }
}
