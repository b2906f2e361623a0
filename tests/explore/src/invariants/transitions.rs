//! Invariants of transitions: each one follows from the history, and none is missing.

use super::{Check, ensure, ensure_same};
use crate::step::{StepResult, TransitionPair};
use breaker_core::{Override, Reason, Transition};

/// Every opening follows from a rule that the history meets, with the same numbers.
pub(super) fn every_trip_is_justified(step: &StepResult<'_>) -> Check {
    each(step, |pair| match &pair.actual {
        Some(actual) if is_trip(actual) => ensure_same("the trip", &pair.actual, &pair.expected),
        _ => Ok(()),
    })
}

/// The circuit opens whenever the history meets a rule.
pub(super) fn no_trip_is_missed(step: &StepResult<'_>) -> Check {
    each(step, |pair| match &pair.expected {
        Some(expected) if is_trip(expected) => {
            ensure(pair.actual.is_some(), || format!("{expected:?} is missing"))
        }
        _ => Ok(()),
    })
}

/// The open time ends exactly on time, and has grown with each failed recovery since the last successful one.
pub(super) fn open_time_ends_on_time(step: &StepResult<'_>) -> Check {
    of_reason(step, |reason| reason == Reason::OpenTimeElapsed)?;
    let explanation = &step.reading.explanation;
    let actual = (explanation.failed_recoveries, explanation.open_time);
    ensure_same(
        "failed recoveries and open time",
        &actual,
        &step.after.open_time(step.configuration),
    )
}

/// The circuit closes exactly when the probes decide it.
pub(super) fn recovery_is_justified(step: &StepResult<'_>) -> Check {
    of_reason(step, |reason| reason == Reason::ProbesSucceeded)
}

/// An override or a reset applies at once, between states that callers experience. Holders are counted.
pub(super) fn overrides_apply_at_once(step: &StepResult<'_>) -> Check {
    of_reason(step, |reason| {
        matches!(reason, Reason::Override | Reason::Reset)
    })?;
    let stats = &step.reading.stats;
    ensure_same("the override", &stats.override_, &step.after.override_)?;
    ensure_same("the state", &stats.state, &step.after.visible())?;
    ensure_same(
        "the state beneath the override",
        &stats.underlying_state,
        &step.after.phase.state(),
    )
}

/// While forced open or closed, neither time nor a call moves the circuit.
pub(super) fn forced_states_absorb_time(step: &StepResult<'_>) -> Check {
    let is_forced = |override_| {
        matches!(
            override_,
            Override::ForcedOpen { .. } | Override::ForcedClosed
        )
    };
    let stays = is_forced(step.before.override_) && is_forced(step.after.override_);
    each(step, |pair| {
        let moves = pair
            .actual
            .is_some_and(|actual| !is_commanded(actual.reason));
        ensure(!(stays && moves), || {
            format!("the circuit made {:?}", pair.actual)
        })
    })
}

/// The generation advances with every transition, override and reset, and never otherwise.
pub(super) fn generation_advances_with_each_transition(step: &StepResult<'_>) -> Check {
    let actual = step.reading.explanation.generation;
    ensure_same("the generation", &actual, &step.after.generation)
}

fn is_trip(transition: &Transition) -> bool {
    matches!(
        transition.reason,
        Reason::FailureThreshold
            | Reason::ConsecutiveFailures
            | Reason::FailureRate
            | Reason::SlowCallRate
            | Reason::OpenFor
            | Reason::ProbeFailed
            | Reason::ProbeExpired
            | Reason::ProbeFailureRate
    )
}

fn is_commanded(reason: Reason) -> bool {
    matches!(reason, Reason::Override | Reason::Reset)
}

/// Transitions of these reasons are made exactly when they are expected, with the same numbers.
fn of_reason(step: &StepResult<'_>, selects: fn(Reason) -> bool) -> Check {
    each(step, |pair| {
        let selected = |side: Option<Transition>| side.filter(|side| selects(side.reason));
        ensure_same(
            "the transition",
            &selected(pair.actual),
            &selected(pair.expected),
        )
    })
}

fn each(step: &StepResult<'_>, holds: impl Fn(&TransitionPair) -> Check) -> Check {
    step.transitions.iter().try_for_each(holds)
}
