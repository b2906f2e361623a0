//! Properties that hold for any settings and any sequence of calls.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use breaker_core::backoff::Random;
use breaker_core::{Instant, Span};
use limits_core::{
    AdaptiveConfig, AdaptiveLimit, AdaptiveSettings, Algorithm, ShedLoad, ShedLoadConfig,
    ShedLoadSettings,
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(test_seed::config!())]

    #[test]
    fn a_limit_stays_between_its_minimum_and_its_maximum(
        is_vegas in any::<bool>(),
        (min, max) in (1_u32..100, 0_u32..1_000).prop_map(|(min, more)| (min, min + more)),
        calls in prop::collection::vec(
            (prop_oneof![0_u64..100_000, any::<u64>()], any::<u32>(), 0_u32..300, any::<bool>(), 0_u64..2_000_000),
            1..400,
        ),
    ) {
        let settings = AdaptiveSettings {
            algorithm: Some(if is_vegas { Algorithm::Vegas } else { Algorithm::Gradient }),
            min: Some(f64::from(min)),
            max: Some(f64::from(max)),
            minimum_calls: Some(2.0),
            ..AdaptiveSettings::default()
        };
        let mut now = Instant::from_millis(0.0);
        let mut limit = AdaptiveLimit::new(AdaptiveConfig::try_from(&settings).unwrap(), now);
        for (micros, anything, in_flight, dropped, later) in calls {
            now = now.after(Span::from_micros(later));
            let in_flight = if later % 7 == 0 { anything } else { in_flight };
            let returned = limit.sample(Span::from_micros(micros), in_flight, dropped, now);
            prop_assert!((min..=max).contains(&returned));
            prop_assert_eq!(returned, limit.stats().limit);
        }
    }

    #[test]
    fn shed_load_counts_every_request_once_and_stays_below_the_largest_rejection(
        multiplier in 1.0..5.0,
        most in 0.0..0.99,
        seed in any::<u64>(),
        calls in prop::collection::vec((any::<bool>(), 0_u64..1_000_000), 1..400),
    ) {
        let settings = ShedLoadSettings {
            multiplier: Some(multiplier),
            max_rejection: Some(most),
            ..ShedLoadSettings::default()
        };
        let mut now = Instant::from_millis(0.0);
        let mut shed_load = ShedLoad::new(ShedLoadConfig::try_from(&settings).unwrap(), now);
        let (mut random, mut requests) = (Random::seeded(seed), 0);
        for (is_accepted, later) in calls {
            now = now.after(Span::from_micros(later));
            let rejection = shed_load.stats(now).rejection;
            let admitted = shed_load.admit(now, &mut random);
            requests += 1;
            prop_assert!((0.0..=most).contains(&rejection));
            prop_assert!(admitted || rejection > 0.0);
            if admitted && is_accepted {
                shed_load.accept(now);
            }
            let stats = shed_load.stats(now);
            prop_assert_eq!(stats.admitted + stats.rejected, requests);
        }
    }
}
