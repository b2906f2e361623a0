//! Time, and those who only look.

use super::{Finding, must, same};
use crate::configuration::Configuration;
use crate::step::{Scene, World};
use breaker_core::{Admission, Breaker, Instant, Override, Span};

/// Whoever looks first finds and leaves everything as if nobody had.
pub(super) fn reading_changes_nothing(scene: &Scene<'_>) -> Finding {
    same("what comes of it", &scene.looked, &scene.reading)
}

/// A clock that shows less than before is taken for one that stands still, and moves are never made in the future or
/// before one that was made already.
pub(super) fn a_clock_that_goes_back_stands_still(scene: &Scene<'_>) -> Finding {
    if let Some(standing) = &scene.standing {
        same("what comes of it", &scene.reading, standing)?;
    }
    let made = scene.moves.iter().filter_map(|step| step.made);
    let instants: Vec<_> = made.map(|made| made.at).collect();
    let now = Instant::from_micros(scene.after.now);
    must(
        instants.is_sorted() && instants.iter().all(|at| *at <= now),
        || format!("moves were made at {instants:?}, up to {now:?}"),
    )
}

/// A breaker that is made from a snapshot gives the same snapshot.
pub(super) fn a_snapshot_goes_on(scene: &Scene<'_>) -> Finding {
    let Some([before, after]) = &scene.reading.reply.snapshots else {
        return Ok(());
    };
    same("the snapshot", after, before)
}

/// Where no operator holds it open, every circuit admits a call in the end, whatever probes hang; and while it is open
/// it does so at the time that it tells and not a microsecond before.
pub(super) fn a_call_is_admitted_in_the_end(
    configuration: &Configuration,
    world: &World,
) -> Finding {
    if let Override::ForcedOpen { .. } = world.ghost.order {
        return Ok(());
    }
    let mut breaker = world.breaker.clone();
    let mut now = Instant::from_micros(world.clock.max(world.ghost.now));
    let most = u32::from(configuration.max_probes) + 2;
    for _ in 0..most {
        let Some(wait) = wait_of(&mut breaker, now) else {
            return Ok(());
        };
        must(wait > Span::ZERO, || {
            "a call is rejected, with no time to wait".to_owned()
        })?;
        is_truly_open(&breaker, now, wait)?;
        now = now.after(wait);
    }
    Err(format!("no call is admitted after {most} waits"))
}

/// How long to wait, where a call is not admitted now.
fn wait_of(breaker: &mut Breaker, now: Instant) -> Option<Span> {
    match breaker.admit(now) {
        Admission::Admitted(_) => None,
        Admission::Rejected { retry_after, .. } => Some(retry_after.unwrap_or(Span::ZERO)),
    }
}

fn is_truly_open(breaker: &Breaker, now: Instant, wait: Span) -> Finding {
    if breaker.effective_state() != breaker_core::CircuitState::Open {
        return Ok(());
    }
    let just_before = now.after(wait).before(Span::from_micros(1));
    let is_early = wait_of(&mut breaker.clone(), just_before).is_none();
    let is_late = wait_of(&mut breaker.clone(), now.after(wait)).is_some();
    must(!is_early && !is_late, || {
        format!("{wait:?} was told; admitted before: {is_early}, not even then: {is_late}")
    })
}
