//! Properties that hold for any settings and any sequence of calls.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use attempts_core::delay::{GrowthSettings, Jitter};
use attempts_core::{
    Budget, BudgetConfig, BudgetSettings, DelayConfig, DelaySettings, Delays, Hedge, HedgeConfig,
    HedgeSettings,
};
use breaker_core::backoff::Random;
use breaker_core::{Instant, Span};
use proptest::prelude::*;

fn growth() -> impl Strategy<Value = GrowthSettings> {
    let time = || prop::option::of(prop_oneof![1.0..5_000.0, any::<f64>()]);
    let jitter = prop::option::of(prop_oneof![
        Just(Jitter::None),
        Just(Jitter::Full),
        Just(Jitter::Equal)
    ]);
    prop_oneof![
        time().prop_map(|delay| GrowthSettings::Constant { delay }),
        (time(), time(), time()).prop_map(|(initial, increment, max)| GrowthSettings::Linear {
            initial,
            increment,
            max
        }),
        (time(), prop::option::of(1.0..10.0), time(), jitter).prop_map(
            |(initial, factor, max, jitter)| GrowthSettings::Exponential {
                initial,
                factor,
                max,
                jitter
            }
        ),
        (time(), time()).prop_map(|(initial, max)| GrowthSettings::Decorrelated { initial, max }),
    ]
}

/// Returns the longest allowed delay: the configured limit, or the first delay if that is longer than the default
/// limit.
fn longest(growth: &GrowthSettings) -> f64 {
    match *growth {
        GrowthSettings::Constant { delay } => delay.unwrap_or(200.0),
        GrowthSettings::Linear { initial, max, .. }
        | GrowthSettings::Exponential { initial, max, .. }
        | GrowthSettings::Decorrelated { initial, max } => {
            max.unwrap_or(30_000.0).max(initial.unwrap_or(0.0))
        }
    }
}

proptest! {
    #![proptest_config(test_seed::config!())]

    #[test]
    fn no_delay_exceeds_its_limit(
        growth in growth(),
        seed in any::<u64>(),
        attempts in prop::collection::vec(any::<u32>(), 1..50),
        previous in 0_u64..=u64::MAX,
    ) {
        let settings = DelaySettings { growth: growth.clone(), seed: None };
        let Ok(config) = DelayConfig::try_from(&settings) else { return Ok(()) };
        let (delays, mut random) = (Delays::new(config), Random::seeded(seed));
        let mut previous = Span::from_micros(previous);
        for attempt in attempts {
            previous = delays.next(attempt, previous, &mut random);
            prop_assert!(previous <= Span::from_millis(longest(&growth)), "{growth:?}: {previous:?}");
        }
    }

    #[test]
    fn without_jitter_delays_never_shrink(
        initial in 1.0..5_000.0, factor in 1.0..10.0, attempt in 1_u32..100,
    ) {
        let growth = GrowthSettings::Exponential {
            initial: Some(initial),
            factor: Some(factor),
            max: None,
            jitter: Some(Jitter::None),
        };
        let config = DelayConfig::try_from(&DelaySettings { growth, seed: None }).unwrap();
        let (delays, mut random) = (Delays::new(config), Random::seeded(1));
        let mut next = |attempt| delays.next(attempt, Span::ZERO, &mut random);
        prop_assert!(next(attempt) <= next(attempt + 1));
    }

    #[test]
    fn a_budget_grants_attempts_within_share_and_reserve_only(
        share in 0.0..=1.0,
        minimum in 0.0..10.0,
        steps in prop::collection::vec((0_u64..2_000, any::<bool>()), 1..500),
    ) {
        let settings = BudgetSettings {
            share: Some(share),
            minimum_per_second: Some(minimum),
            window: None,
        };
        let mut now = Instant::from_millis(0.0);
        let mut budget = Budget::new(BudgetConfig::try_from(&settings).unwrap(), now);
        for (millis, is_call) in steps {
            now = now.after(Span::from_micros(millis * 1_000));
            if is_call {
                budget.deposit(now);
                continue;
            }
            let before = budget.stats(now);
            let granted = budget.withdraw(now);
            prop_assert_eq!(granted, before.balance > 0);
            let after = budget.stats(now);
            let allowed = share * f64::from(after.calls) + minimum * 10.0;
            prop_assert!(!granted || f64::from(after.added) <= allowed + 1e-3);
            prop_assert_eq!(after.granted - before.granted, u64::from(granted));
            prop_assert_eq!(after.refused - before.refused, u64::from(!granted));
        }
    }

    #[test]
    fn a_hedge_delay_is_configured_or_observed(
        delay in 1.0..1_000.0,
        times in prop::collection::vec((1_u64..5_000, 0_u64..20_000), 1..300),
    ) {
        let settings = HedgeSettings { delay: Some(delay), quantile: Some(0.9), ..HedgeSettings::default() };
        let mut now = Instant::from_millis(0.0);
        let mut hedge = Hedge::new(HedgeConfig::try_from(&settings).unwrap(), now);
        for (millis, later) in times {
            now = now.after(Span::from_micros(later * 1_000));
            hedge.record(Span::from_micros(millis * 1_000), now);
            let actual = hedge.delay(now);
            let is_configured = actual == Span::from_millis(delay);
            prop_assert!(is_configured || hedge.samples() >= 20);
            prop_assert!(is_configured || actual.as_millis() <= 5_000.0 * 1.125);
        }
    }
}
