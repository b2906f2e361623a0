//! Invariants of time and of reading.

use super::{Check, ensure, ensure_same};
use crate::configuration::Configuration;
use crate::step::{StepResult, SystemState};
use breaker_core::{Admission, Breaker, Instant, Override, Span};

/// An earlier read changes no later result.
pub(super) fn reading_changes_nothing(step: &StepResult<'_>) -> Check {
    ensure_same("the result after a read", &step.after_read, &step.reading)
}

/// An earlier time counts as the latest one. Transitions lie in order, and never in the future.
pub(super) fn an_earlier_time_is_ignored(step: &StepResult<'_>) -> Check {
    if let Some(at_latest_time) = &step.at_latest_time {
        ensure_same(
            "the result at an earlier time",
            &step.reading,
            at_latest_time,
        )?;
    }
    let transitions = step.transitions.iter().filter_map(|pair| pair.actual);
    let instants: Vec<_> = transitions.map(|transition| transition.at).collect();
    let now = Instant::from_micros(step.after.now);
    ensure(
        instants.is_sorted() && instants.iter().all(|at| *at <= now),
        || format!("transitions were made at {instants:?}, up to {now:?}"),
    )
}

/// A restored breaker has the snapshot it was restored from.
pub(super) fn a_restored_breaker_keeps_its_snapshot(step: &StepResult<'_>) -> Check {
    let Some([before, after]) = &step.reading.response.snapshots else {
        return Ok(());
    };
    ensure_same("the snapshot", after, before)
}

/// Unless forced open, every circuit eventually admits a call, even if probes hang. While open it does so exactly
/// when it said.
pub(super) fn a_call_is_eventually_admitted(
    configuration: &Configuration,
    state: &SystemState,
) -> Check {
    if let Override::ForcedOpen { .. } = state.history.override_ {
        return Ok(());
    }
    let mut breaker = state.breaker.clone();
    let mut now = Instant::from_micros(state.clock.max(state.history.now));
    let most = u32::from(configuration.max_probes) + 2;
    for _ in 0..most {
        let Some(wait) = wait_of(&mut breaker, now) else {
            return Ok(());
        };
        ensure(wait > Span::ZERO, || {
            "a call is rejected, with no time to wait".to_owned()
        })?;
        opens_on_time(&breaker, now, wait)?;
        now = now.after(wait);
    }
    Err(format!("no call is admitted after {most} waits"))
}

/// Returns the time to wait, if a call is rejected now.
fn wait_of(breaker: &mut Breaker, now: Instant) -> Option<Span> {
    match breaker.admit(now) {
        Admission::Admitted(_) => None,
        Admission::Rejected { retry_after, .. } => Some(retry_after.unwrap_or(Span::ZERO)),
    }
}

fn opens_on_time(breaker: &Breaker, now: Instant, wait: Span) -> Check {
    if breaker.effective_state() != breaker_core::CircuitState::Open {
        return Ok(());
    }
    let just_before = now.after(wait).before(Span::from_micros(1));
    let is_early = wait_of(&mut breaker.clone(), just_before).is_none();
    let is_late = wait_of(&mut breaker.clone(), now.after(wait)).is_some();
    ensure(!is_early && !is_late, || {
        format!(
            "retry after {wait:?}: admitted before: {is_early}, rejected at that time: {is_late}"
        )
    })
}
