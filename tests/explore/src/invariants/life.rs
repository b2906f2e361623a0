//! What can be read.

use super::{Finding, same};
use crate::configuration::MILLI;
use crate::step::Scene;
use breaker_core::CircuitState;

/// Rejections, changes of state, uptime and ages are those of the history.
pub(super) fn totals_add_up(scene: &Scene<'_>) -> Finding {
    let (stats, ghost) = (&scene.reading.stats, &scene.after);
    let told = [
        stats.total_rejected,
        stats.shadow_rejected,
        stats.state_changes,
    ];
    let totals = &ghost.totals;
    let should_be = [
        totals.rejected,
        totals.shadow_rejected,
        totals.state_changes,
    ];
    same(
        "rejections, those in shadow, and changes of state",
        &told,
        &should_be,
    )?;
    let ago = |at: u64| (ghost.now - at) as f64 / MILLI as f64;
    let told = [
        stats.last_success_age,
        stats.last_failure_age,
        scene.reading.explanation.age,
    ];
    let should_be = [ghost.last_success, ghost.last_failure, ghost.last_move];
    same(
        "how long ago a call succeeded, failed, the circuit moved",
        &told,
        &should_be.map(|at| at.map(ago)),
    )?;
    same("the age", &stats.age, &ago(ghost.made))?;
    same(
        "the uptime",
        &rounded(stats.uptime),
        &rounded(ghost.uptime()),
    )
}

/// While the circuit is closed the window holds each recent call, none that is too old, and the row of failures.
pub(super) fn the_window_holds_what_is_recent(scene: &Scene<'_>) -> Finding {
    if scene.after.phase.state() == CircuitState::Open {
        return Ok(());
    }
    let explanation = &scene.reading.explanation;
    let window = scene.after.window(scene.configuration);
    let told = [
        explanation.calls,
        explanation.failures,
        explanation.slow_calls,
        explanation.consecutive_failures,
    ];
    let in_a_row = scene.after.failures_in_a_row();
    let should_be = [window.calls, window.failures, window.slow, in_a_row];
    same(
        "calls, failures, slow calls, failures in a row",
        &told,
        &should_be,
    )
}

/// A percentage to a millionth: two ways to divide may differ in the last bits.
fn rounded(percent: f64) -> f64 {
    (percent * 1e6).round() / 1e6
}
