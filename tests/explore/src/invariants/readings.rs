//! Invariants of the readings.

use super::{Check, ensure_same};
use crate::configuration::MILLI;
use crate::step::StepResult;
use breaker_core::CircuitState;

/// Rejections, state changes, uptime and ages are those of the history.
pub(super) fn totals_add_up(step: &StepResult<'_>) -> Check {
    let (stats, history) = (&step.reading.stats, &step.after);
    let actual = [
        stats.total_rejected,
        stats.shadow_rejected,
        stats.state_changes,
    ];
    let totals = &history.totals;
    let expected = [
        totals.rejected,
        totals.shadow_rejected,
        totals.state_changes,
    ];
    ensure_same(
        "rejections, those in shadow, and changes of state",
        &actual,
        &expected,
    )?;
    let ago = |at: u64| (history.now - at) as f64 / MILLI as f64;
    let actual = [
        stats.last_success_age,
        stats.last_failure_age,
        step.reading.explanation.age,
    ];
    let expected = [
        history.last_success,
        history.last_failure,
        history.last_move,
    ];
    ensure_same(
        "how long ago a call succeeded, failed, the circuit moved",
        &actual,
        &expected.map(|at| at.map(ago)),
    )?;
    ensure_same("the age", &stats.age, &ago(history.created_at))?;
    ensure_same(
        "the uptime",
        &rounded(stats.uptime),
        &rounded(history.uptime()),
    )
}

/// Unless the circuit is open, the window holds each recent call and no older one.
pub(super) fn the_window_holds_the_recent_calls(step: &StepResult<'_>) -> Check {
    if step.after.phase.state() == CircuitState::Open {
        return Ok(());
    }
    let explanation = &step.reading.explanation;
    let window = step.after.window(step.configuration);
    let actual = [
        explanation.calls,
        explanation.failures,
        explanation.slow_calls,
        explanation.consecutive_failures,
    ];
    let in_a_row = step.after.failures_in_a_row();
    let expected = [window.calls, window.failures, window.slow, in_a_row];
    ensure_same(
        "calls, failures, slow calls, failures in a row",
        &actual,
        &expected,
    )
}

/// Rounds a percentage to a millionth, because two ways to divide may differ in the last bits.
fn rounded(percent: f64) -> f64 {
    (percent * 1e6).round() / 1e6
}
