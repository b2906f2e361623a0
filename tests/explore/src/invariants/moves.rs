//! How the circuit moves: as the history demands it, and no other way.

use super::{Finding, must, same};
use crate::step::{Move, Scene};
use breaker_core::{Override, Reason, Transition};

/// Every opening names a rule that the history meets, with the numbers that the history gives.
pub(super) fn every_trip_is_justified(scene: &Scene<'_>) -> Finding {
    each(scene, |step| match &step.made {
        Some(made) if is_trip(made) => same("the trip", &step.made, &step.demanded),
        _ => Ok(()),
    })
}

/// Where the history meets a rule, the circuit opens.
pub(super) fn no_trip_is_missed(scene: &Scene<'_>) -> Finding {
    each(scene, |step| match &step.demanded {
        Some(demanded) if is_trip(demanded) => {
            must(step.made.is_some(), || format!("{demanded:?} is missing"))
        }
        _ => Ok(()),
    })
}

/// The open time ends when it is over and not before, and has grown with each failed recovery since the last that
/// succeeded.
pub(super) fn open_ends_when_it_should(scene: &Scene<'_>) -> Finding {
    of_reason(scene, |reason| reason == Reason::OpenTimeElapsed)?;
    let explanation = &scene.reading.explanation;
    let told = (explanation.failed_recoveries, explanation.open_time);
    same(
        "failed recoveries and open time",
        &told,
        &scene.after.open_time(scene.configuration),
    )
}

/// The circuit closes when the probes decide so, and then.
pub(super) fn recovery_is_justified(scene: &Scene<'_>) -> Finding {
    of_reason(scene, |reason| reason == Reason::ProbesSucceeded)
}

/// An order and a reset move at once, from what callers experienced to what they experience now; holders of a forced
/// open circuit are counted.
pub(super) fn orders_move_as_they_should(scene: &Scene<'_>) -> Finding {
    of_reason(scene, |reason| {
        matches!(reason, Reason::Override | Reason::Reset)
    })?;
    let stats = &scene.reading.stats;
    same("the order", &stats.override_, &scene.after.order)?;
    same("the state", &stats.state, &scene.after.visible())?;
    same(
        "the state below",
        &stats.underlying_state,
        &scene.after.phase.state(),
    )
}

/// Forced open or closed, neither time nor a call moves the circuit.
pub(super) fn forced_states_absorb_time(scene: &Scene<'_>) -> Finding {
    let is_forced = |order| matches!(order, Override::ForcedOpen { .. } | Override::ForcedClosed);
    let stays = is_forced(scene.before.order) && is_forced(scene.after.order);
    each(scene, |step| {
        let moves = step.made.is_some_and(|made| !is_ordered(made.reason));
        must(!(stays && moves), || {
            format!("the circuit made {:?}", step.made)
        })
    })
}

/// The generation moves at every transition, order and reset, and never otherwise.
pub(super) fn generation_moves_with_each_move(scene: &Scene<'_>) -> Finding {
    let told = scene.reading.explanation.generation;
    same("the generation", &told, &scene.after.generation)
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

fn is_ordered(reason: Reason) -> bool {
    matches!(reason, Reason::Override | Reason::Reset)
}

/// Moves of this kind are made where they are demanded, with the same numbers.
fn of_reason(scene: &Scene<'_>, is_meant: fn(Reason) -> bool) -> Finding {
    each(scene, |step| {
        let meant = |side: Option<Transition>| side.filter(|side| is_meant(side.reason));
        same("the move", &meant(step.made), &meant(step.demanded))
    })
}

fn each(scene: &Scene<'_>, holds: impl Fn(&Move) -> Finding) -> Finding {
    scene.moves.iter().try_for_each(holds)
}
