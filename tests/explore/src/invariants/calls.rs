//! Who is admitted, and what becomes of a permit.

use super::{Finding, must, same};
use crate::ghost::{Answer, Phase};
use crate::step::Scene;
use breaker_core::{Admission, Override};

/// A request is answered as state, order, probes in flight and ramp demand, with the time to wait.
pub(super) fn admits_whom_it_should(scene: &Scene<'_>) -> Finding {
    let Some(admission) = scene.looked.reply.admission else {
        return Ok(());
    };
    let answer = match admission {
        Admission::Rejected {
            rejection,
            retry_after,
        } => Answer::Rejected(rejection, retry_after),
        Admission::Admitted(permit) if is_probing(scene) && permit.probe().is_some() => {
            Answer::Probe
        }
        Admission::Admitted(_) if scene.answer == Some(Answer::OnlyByShadow) => {
            Answer::OnlyByShadow
        }
        Admission::Admitted(_) => Answer::Admitted,
    };
    same("the answer", &Some(answer), &scene.answer)
}

/// As many probes are in flight as the history knows of, and never more than allowed.
pub(super) fn never_more_probes_than_allowed(scene: &Scene<'_>) -> Finding {
    let in_flight = scene.after.probes().count() as u32;
    let most = u32::from(scene.configuration.max_probes);
    must(in_flight <= most, || {
        format!("{in_flight} probes are in flight, of {most}")
    })?;
    let told = u32::from(scene.reading.stats.probes_in_flight);
    same("the number of probes in flight", &told, &in_flight)
}

fn is_probing(scene: &Scene<'_>) -> bool {
    matches!(scene.before.phase, Phase::HalfOpen { .. })
}

/// While the dependency is unproven, no call is admitted beyond those that may be without an answer.
pub(super) fn never_more_unanswered_than_allowed(scene: &Scene<'_>) -> Finding {
    let is_admitted = matches!(scene.reading.reply.admission, Some(Admission::Admitted(_)));
    let is_free = scene.before.order == Override::None;
    let Some(cap) = scene.before.cap(scene.configuration) else {
        return Ok(());
    };
    let unanswered = scene.reading.explanation.unanswered_calls;
    must(!is_admitted || !is_free || unanswered <= cap, || {
        format!("{unanswered} calls are without an answer, of {cap}")
    })
}

/// Calls under way are told as the history knows them, each once, with what they have shown.
pub(super) fn each_call_under_way_counts_once(scene: &Scene<'_>) -> Finding {
    if scene.configuration.in_flight.is_none() {
        return Ok(());
    }
    let (stats, explanation) = (&scene.reading.stats, &scene.reading.explanation);
    let told = [
        explanation.unanswered_calls,
        explanation.overdue_calls,
        stats.overdue_calls,
        explanation.bad_signs,
    ];
    let ([unanswered, overdue], evidence) = (scene.after.under_way(), scene.after.evidence);
    let should_be = [unanswered, overdue, overdue, evidence.bad_signs];
    same("calls under way, and bad signs", &told, &should_be)?;
    let capped = scene.after.cap(scene.configuration).is_some();
    same("the cap", &explanation.capped, &capped)
}

/// A probe that succeeds, fails or expires is counted towards the verdict, and once.
pub(super) fn each_probe_counts_once(scene: &Scene<'_>) -> Finding {
    let explanation = &scene.reading.explanation;
    let told = [explanation.probe_successes, explanation.probe_failures];
    same(
        "successes and failures of probes",
        &told,
        &scene.after.probe_counts(),
    )
}

/// Each call that ended is in the totals once, as what it was.
pub(super) fn each_call_counts_once(scene: &Scene<'_>) -> Finding {
    let (stats, totals) = (&scene.reading.stats, &scene.after.totals);
    let told = [
        stats.total_successes,
        stats.total_failures,
        stats.total_timeouts,
        stats.total_ignored,
    ];
    let should_be = [
        totals.successes,
        totals.failures,
        totals.timeouts,
        totals.ignored,
    ];
    same(
        "successes, failures, timeouts and ignored calls",
        &told,
        &should_be,
    )
}

/// The outcome of a call of an older generation, of a probe that is over, and of one that only shadow mode admitted
/// changes totals and nothing else.
pub(super) fn an_old_permit_changes_totals_only(scene: &Scene<'_>) -> Finding {
    match &scene.memory_before {
        Some(before) => same("the memory", &scene.looked.memory, before),
        None => Ok(()),
    }
}

/// Forced open, every call is rejected until the last holder releases.
pub(super) fn forced_open_admits_nothing(scene: &Scene<'_>) -> Finding {
    let is_admitted = matches!(scene.reading.reply.admission, Some(Admission::Admitted(_)));
    let is_forced = matches!(scene.before.order, Override::ForcedOpen { .. });
    must(!(is_forced && is_admitted), || {
        "a call was admitted".to_owned()
    })
}

/// Forced closed and in shadow no call is rejected.
pub(super) fn forced_closed_and_shadow_reject_nothing(scene: &Scene<'_>) -> Finding {
    let is_rejected = matches!(
        scene.reading.reply.admission,
        Some(Admission::Rejected { .. })
    );
    let lets_all_in = matches!(
        scene.before.order,
        Override::ForcedClosed | Override::Shadow
    );
    must(!(lets_all_in && is_rejected), || {
        "a call was rejected".to_owned()
    })
}
