//! Exactness of the token bucket.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use breaker_core::{Instant, Span};
use limits_core::rate::Refused;
use limits_core::{RateConfig, RateSettings, TokenBucket};
use proptest::prelude::*;

fn bucket(limit: f64, per: f64, burst: f64, now: Instant) -> TokenBucket {
    let settings = RateSettings {
        limit: Some(limit),
        per: Some(per),
        burst: Some(burst),
    };
    TokenBucket::new(RateConfig::try_from(&settings).unwrap(), now)
}

/// 999 983 is a prime, so a token never arrives on a whole microsecond. A call comes each microsecond, slightly too
/// often.
#[test]
fn a_billion_takes_never_drift_by_one_token() {
    const CALLS: u64 = 1_000_000_000;
    const LIMIT: u64 = 999_983;
    const BURST: u64 = 2;
    let start = Instant::from_millis(0.0);
    let mut bucket = bucket(LIMIT as f64, 1_000.0, BURST as f64, start);
    let (mut taken, mut checkpoint) = (0, 1_000_000);
    for micros in 0..=CALLS {
        taken += u64::from(
            bucket
                .take(1, start.after(Span::from_micros(micros)))
                .is_ok(),
        );
        if micros == checkpoint {
            assert_eq!(
                taken,
                BURST + LIMIT * micros / 1_000_000,
                "after {micros} µs"
            );
            checkpoint *= 10;
        }
    }
    assert_eq!(checkpoint, 10 * CALLS);
}

proptest! {
    #![proptest_config(test_seed::config!(2_000))]

    /// The reference level is computed with 128-bit integers.
    #[test]
    fn never_admits_more_than_the_burst_and_the_arrived_tokens(
        limit in 1_u32..=1_000_000,
        interval in 1_u32..=86_400_000,
        burst in 1_u32..=1_000_000,
        calls in prop::collection::vec((0_u64..10_000_000, 0_u32..2_000_000), 1..100),
    ) {
        let mut now = Instant::from_millis(0.0);
        let mut bucket = bucket(f64::from(limit), f64::from(interval), f64::from(burst), now);
        let token = u128::from(interval) * 1_000;
        let capacity = u128::from(burst) * token;
        let mut level = capacity;
        for (later, tokens) in calls {
            now = now.after(Span::from_micros(later));
            level = (level + u128::from(later) * u128::from(limit)).min(capacity);
            let wanted = u128::from(tokens) * token;
            match bucket.take(tokens, now) {
                Ok(()) => {
                    prop_assert!(wanted <= level);
                    level -= wanted;
                }
                Err(Refused { wait: None }) => prop_assert!(tokens > burst),
                Err(Refused { wait: Some(wait) }) => {
                    let come = |micros: u64| level + u128::from(micros) * u128::from(limit);
                    prop_assert!(wanted > level && tokens <= burst);
                    prop_assert!(come(wait.as_micros()) >= wanted);
                    prop_assert!(come(wait.as_micros() - 1) < wanted);
                }
            }
            prop_assert_eq!(u128::from(bucket.stats(now).available), level / token);
        }
    }
}
