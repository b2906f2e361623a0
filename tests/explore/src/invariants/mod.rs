//! What must hold, each by its own name.

mod calls;
mod life;
mod moves;
mod time;

use crate::configuration::Configuration;
use crate::step::{Scene, World};
use std::fmt::Debug;

/// What does not hold, and why.
#[derive(Clone, Debug)]
pub struct Violation {
    pub invariant: &'static str,
    pub detail: String,
}

/// Nothing to say, or what is wrong.
type Finding = Result<(), String>;

macro_rules! by_name {
    ($($module:ident: $($invariant:ident),+;)+) => {
        [$($((stringify!($invariant), $module::$invariant)),+),+]
    };
}

/// What must hold of every step.
type OfStep = (&'static str, fn(&Scene<'_>) -> Finding);
const OF_STEPS: [OfStep; 21] = by_name![
    calls: admits_whom_it_should, never_more_probes_than_allowed, each_probe_counts_once,
        never_more_unanswered_than_allowed, each_call_under_way_counts_once, each_call_counts_once,
        an_old_permit_changes_totals_only, forced_open_admits_nothing, forced_closed_and_shadow_reject_nothing;
    moves: every_trip_is_justified, no_trip_is_missed, open_ends_when_it_should, recovery_is_justified,
        orders_move_as_they_should, forced_states_absorb_time, generation_moves_with_each_move;
    life: totals_add_up, the_window_holds_what_is_recent;
    time: reading_changes_nothing, a_clock_that_goes_back_stands_still, a_snapshot_goes_on;
];

/// What must hold of every place.
type OfPlace = (&'static str, fn(&Configuration, &World) -> Finding);
const OF_PLACES: [OfPlace; 1] = by_name![time: a_call_is_admitted_in_the_end;];

/// The names of all of them.
pub fn names() -> impl Iterator<Item = &'static str> {
    let of_steps = OF_STEPS.iter().map(|(name, _)| *name);
    of_steps.chain(OF_PLACES.iter().map(|(name, _)| *name))
}

/// What this step violates.
#[must_use]
pub fn violated_by(scene: &Scene<'_>) -> Vec<Violation> {
    let findings = OF_STEPS.iter().map(|(name, holds)| (*name, holds(scene)));
    violations(findings)
}

/// What this place violates.
#[must_use]
pub fn violated_at(configuration: &Configuration, world: &World) -> Vec<Violation> {
    let findings = OF_PLACES
        .iter()
        .map(|(name, holds)| (*name, holds(configuration, world)));
    violations(findings)
}

fn violations(findings: impl Iterator<Item = (&'static str, Finding)>) -> Vec<Violation> {
    findings
        .filter_map(|(invariant, finding)| {
            Some(Violation {
                invariant,
                detail: finding.err()?,
            })
        })
        .collect()
}

fn same<T: PartialEq + Debug>(what: &str, is: &T, should_be: &T) -> Finding {
    if is == should_be {
        return Ok(());
    }
    Err(format!("{what} is {is:?} and should be {should_be:?}"))
}

fn must(holds: bool, otherwise: impl FnOnce() -> String) -> Finding {
    if holds { Ok(()) } else { Err(otherwise()) }
}
