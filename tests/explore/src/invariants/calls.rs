//! Invariants of admissions and permits.

use super::{Check, ensure, ensure_same};
use crate::history::{Decision, Phase};
use crate::step::StepResult;
use breaker_core::{Admission, Override};

/// A request is decided by state, override, probes in flight and ramp, and its waiting time is right.
pub(super) fn admissions_follow_from_the_history(step: &StepResult<'_>) -> Check {
    let Some(admission) = step.after_read.response.admission else {
        return Ok(());
    };
    let decision = match admission {
        Admission::Rejected {
            rejection,
            retry_after,
        } => Decision::Rejected(rejection, retry_after),
        Admission::Admitted(permit) if is_probing(step) && permit.probe().is_some() => {
            Decision::Probe
        }
        Admission::Admitted(_) if step.decision == Some(Decision::OnlyByShadow) => {
            Decision::OnlyByShadow
        }
        Admission::Admitted(_) => Decision::Admitted,
    };
    ensure_same("the decision", &Some(decision), &step.decision)
}

/// The number of probes in flight is that of the history, and within the limit.
pub(super) fn probes_stay_within_their_limit(step: &StepResult<'_>) -> Check {
    let in_flight = step.after.probes().count() as u32;
    let most = u32::from(step.configuration.max_probes);
    ensure(in_flight <= most, || {
        format!("{in_flight} probes in flight, at most {most}")
    })?;
    let actual = u32::from(step.reading.stats.probes_in_flight);
    ensure_same("the number of probes in flight", &actual, &in_flight)
}

fn is_probing(step: &StepResult<'_>) -> bool {
    matches!(step.before.phase, Phase::HalfOpen { .. })
}

/// While the dependency is unproven, the number of unanswered calls stays within the limit.
pub(super) fn unanswered_calls_stay_within_their_limit(step: &StepResult<'_>) -> Check {
    let is_admitted = matches!(
        step.reading.response.admission,
        Some(Admission::Admitted(_))
    );
    let can_move = step.before.override_ == Override::None;
    let Some(cap) = step.before.cap(step.configuration) else {
        return Ok(());
    };
    let unanswered = step.reading.explanation.unanswered_calls;
    ensure(!is_admitted || !can_move || unanswered <= cap, || {
        format!("{unanswered} unanswered calls, at most {cap}")
    })
}

/// Calls in flight, bad signs and the cap are those of the history.
pub(super) fn each_call_in_flight_counts_once(step: &StepResult<'_>) -> Check {
    if step.configuration.in_flight.is_none() {
        return Ok(());
    }
    let (stats, explanation) = (&step.reading.stats, &step.reading.explanation);
    let actual = [
        explanation.unanswered_calls,
        explanation.overdue_calls,
        stats.overdue_calls,
        explanation.bad_signs,
    ];
    let ([unanswered, overdue], evidence) = (step.after.calls_in_flight(), step.after.evidence);
    let expected = [unanswered, overdue, overdue, evidence.bad_signs];
    ensure_same("calls in flight, and bad signs", &actual, &expected)?;
    let capped = step.after.cap(step.configuration).is_some();
    ensure_same("the cap", &explanation.capped, &capped)
}

/// A probe that succeeds, fails or expires counts towards the verdict once.
pub(super) fn each_probe_counts_once(step: &StepResult<'_>) -> Check {
    let explanation = &step.reading.explanation;
    let actual = [explanation.probe_successes, explanation.probe_failures];
    ensure_same(
        "successes and failures of probes",
        &actual,
        &step.after.probe_counts(),
    )
}

/// Each call that ended counts once in the totals of its kind.
pub(super) fn each_call_counts_once(step: &StepResult<'_>) -> Check {
    let (stats, totals) = (&step.reading.stats, &step.after.totals);
    let actual = [
        stats.total_successes,
        stats.total_failures,
        stats.total_timeouts,
        stats.total_ignored,
    ];
    let expected = [
        totals.successes,
        totals.failures,
        totals.timeouts,
        totals.ignored,
    ];
    ensure_same(
        "successes, failures, timeouts and ignored calls",
        &actual,
        &expected,
    )
}

/// A permit of an older generation, of an expired probe, or of shadow mode changes totals and nothing else.
pub(super) fn an_old_permit_changes_totals_only(step: &StepResult<'_>) -> Check {
    match &step.decision_state_before {
        Some(before) => ensure_same(
            "the decision state",
            &step.after_read.decision_state,
            before,
        ),
        None => Ok(()),
    }
}

/// While forced open, every call is rejected until the last holder releases.
pub(super) fn forced_open_admits_nothing(step: &StepResult<'_>) -> Check {
    let is_admitted = matches!(
        step.reading.response.admission,
        Some(Admission::Admitted(_))
    );
    let is_forced = matches!(step.before.override_, Override::ForcedOpen { .. });
    ensure(!(is_forced && is_admitted), || {
        "a call was admitted".to_owned()
    })
}

/// While forced closed or in shadow, no call is rejected.
pub(super) fn forced_closed_and_shadow_reject_nothing(step: &StepResult<'_>) -> Check {
    let is_rejected = matches!(
        step.reading.response.admission,
        Some(Admission::Rejected { .. })
    );
    let lets_all_in = matches!(
        step.before.override_,
        Override::ForcedClosed | Override::Shadow
    );
    ensure(!(lets_all_in && is_rejected), || {
        "a call was rejected".to_owned()
    })
}
