//! Absence of allocations after construction.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use breaker_core::settings::{
    HalfOpenSettings, InFlightSettings, OpenTimeSettings, RecoverySettings, WindowSettings,
};
use breaker_core::{
    Admission, Breaker, Config, Instant, Outcome, Override, Permit, Settings, Span,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn settings() -> [Settings; 4] {
    let eager = Settings {
        failure_threshold: Some(3.0),
        ..Settings::default()
    };
    let by_rate = Settings {
        failure_rate_threshold: Some(0.5),
        minimum_calls: Some(4.0),
        max_concurrent_requests: Some(3.0),
        window: WindowSettings::Count { size: Some(50.0) },
        half_open: Some(HalfOpenSettings {
            calls: Some(4.0),
            failure_rate_threshold: Some(0.5),
        }),
        ..Settings::default()
    };
    let gentle = Settings {
        open_time: OpenTimeSettings {
            jitter: Some(1.0),
            grows: true,
            ..OpenTimeSettings::default()
        },
        recovery: Some(RecoverySettings {
            ramp: Some(90_000.0),
            initial_share: None,
        }),
        ..Settings::default()
    };
    let watchful = Settings {
        slow_call_rate_threshold: Some(0.5),
        slow_call_duration: Some(3_000.0),
        minimum_calls: Some(4.0),
        in_flight: Some(InFlightSettings { limit: Some(3.0) }),
        ..Settings::default()
    };
    [eager, by_rate, gentle, watchful]
}

/// Runs a busy life: ten thousand calls of every outcome, some never settled, with overrides.
fn live(breaker: &mut Breaker) {
    let mut permits: [Option<Permit>; 8] = [None; 8];
    let mut millis = 0.0;
    for step in 0_usize..10_000 {
        millis += (step % 7) as f64 * 900.0;
        let now = Instant::from_millis(millis);
        let held = permits.get_mut(step % 8).unwrap();
        if let Some(permit) = held.take() {
            let outcome = match step % 11 {
                0..4 => Outcome::Success,
                4..8 => Outcome::Failure,
                8 => Outcome::Timeout,
                9 => Outcome::Ignored,
                _ => Outcome::OpenFor(Span::from_millis(50.0)),
            };
            breaker.settle(permit, outcome, Some(Span::from_millis(12.5)), now);
        }
        if let Admission::Admitted(permit) = breaker.admit(now) {
            *held = Some(permit);
        }
        match step % 997 {
            0 => drop(breaker.set_override(Override::ForcedOpen { holders: 1 }, now)),
            10 => drop(breaker.release(breaker.hold(), now)),
            100 => drop(breaker.set_override(Override::Shadow, now)),
            150 => drop(breaker.set_override(Override::ForcedClosed, now)),
            200 => drop(breaker.set_override(Override::None, now)),
            500 => drop(breaker.reset(now)),
            _ => {}
        }
        if step % 100 == 0 {
            breaker.stats(now);
            breaker.explain(now);
        }
    }
}

/// Returns the bytes allocated or moved in one life, and by other threads meanwhile.
fn allocated(settings: &Settings) -> usize {
    let config = Config::try_from(settings).unwrap();
    let mut breaker = Breaker::new(config.into(), 7, Instant::from_millis(0.0));
    let region = Region::new(ALLOCATOR);
    live(&mut breaker);
    let change = region.change();
    let stats = breaker.stats(Instant::from_millis(0.0));
    assert!(
        stats.state_changes > 100 && stats.total_rejected > 100,
        "too quiet a life: {stats:?}"
    );
    change.allocations + change.reallocations
}

/// The test harness allocates occasionally in another thread; a breaker that did would do so in every life.
#[test]
fn nothing_is_allocated_after_construction() {
    for settings in settings() {
        let least = (0..10).map(|_| allocated(&settings)).min();
        assert_eq!(least, Some(0));
    }
}
