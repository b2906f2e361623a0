//! Properties that hold for any settings and any sequence of calls.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use breaker_core::rules::{Rules, SlowCalls};
use breaker_core::window::WindowConfig;
use breaker_core::{Instant, Span};
use proptest::prelude::*;
use thresholds_core::forecast::FixedRule;
use thresholds_core::schedule::{DAY, WEEK};
use thresholds_core::{EntrySettings, Forecast, ForecastConfig, ForecastSettings, Schedule};

fn entry() -> impl Strategy<Value = EntrySettings> {
    (1_u8..128, 0..DAY, 1..=DAY)
        .prop_filter("it ends elsewhere", |(_, from, to)| from != to)
        .prop_map(|(days, from, to)| EntrySettings {
            days,
            from: f64::from(from),
            to: f64::from(to),
        })
}

/// Whether the entry is active at this minute, computed the slow way.
fn holds(entry: &EntrySettings, minute: u32) -> bool {
    let (from, to) = (entry.from as u32, entry.to as u32);
    let (day, of_day) = (minute / DAY, minute % DAY);
    let begins_on = |day: u32| entry.days >> (day % 7) & 1 == 1;
    if to > from {
        begins_on(day) && (from..to).contains(&of_day)
    } else {
        (begins_on(day) && of_day >= from) || (begins_on(day + 6) && of_day < to)
    }
}

fn window() -> impl Strategy<Value = WindowConfig> {
    prop_oneof![
        (1_u32..2_000).prop_map(|size| WindowConfig::Count { size }),
        (1.0..1e9_f64, 1_u32..1_000).prop_map(|(duration, buckets)| WindowConfig::Time {
            duration: Span::from_millis(duration),
            buckets,
        }),
    ]
}

fn rule() -> impl Strategy<Value = FixedRule> {
    let rules = (
        prop::option::of(1_u32..100),
        prop::option::of(0.01..1.0_f64),
        prop::option::of((0.01..1.0_f64, 1.0..10_000.0_f64)),
        1_u32..50,
    )
        .prop_map(|(failures, failure_rate, slow, minimum_calls)| Rules {
            failures,
            consecutive_failures: None,
            failure_rate,
            slow_calls: slow.map(|(rate, duration)| SlowCalls {
                rate,
                duration: Span::from_millis(duration),
            }),
            minimum_calls,
        });
    (rules, window(), prop::option::of(1.0..1e6_f64)).prop_map(|(rules, window, timeout)| {
        FixedRule {
            rules,
            window,
            timeout: timeout.map(Span::from_millis),
        }
    })
}

proptest! {
    #![proptest_config(test_seed::config!())]

    #[test]
    fn the_schedule_matches_its_entries(
        entries in prop::collection::vec(entry(), 1..6),
        minutes in prop::collection::vec(0..WEEK, 1..50),
    ) {
        let schedule = Schedule::new(&entries).unwrap();
        let expected = |minute: u32| entries.iter().position(|entry| holds(entry, minute % WEEK));
        for minute in minutes {
            prop_assert_eq!(schedule.entry_at(minute), expected(minute));
            match schedule.next_change(minute) {
                None => prop_assert!((0..WEEK).all(|other| expected(other) == expected(minute))),
                Some(after) => {
                    prop_assert!(after > 0 && after <= WEEK);
                    prop_assert_ne!(expected(minute + after), expected(minute));
                    prop_assert!((1..after).all(|step| expected(minute + step) == expected(minute)));
                }
            }
        }
    }

    #[test]
    fn the_counts_of_a_forecast_are_consistent(
        rule in rule(),
        calls in prop::collection::vec(
            (any::<bool>(), prop_oneof![0_u64..10_000_000, any::<u64>()], 0_u64..5_000_000, 0_u8..40),
            1..600,
        ),
    ) {
        let config = ForecastConfig::new(&ForecastSettings::default(), rule).unwrap();
        let mut now = Instant::from_millis(0.0);
        let mut forecast = Forecast::new(config, now);
        let (mut predicted, mut opened) = (0, 0);
        for (failed, duration, later, also) in calls {
            now = now.after(Span::from_micros(later));
            let returned = forecast.record(failed, Some(Span::from_micros(duration)), now);
            if let Some(prediction) = returned {
                predicted += 1;
                prop_assert!(prediction.expected_in > Span::ZERO);
                prop_assert!(prediction.threshold > 0.0 && prediction.observed >= 0.0);
            }
            if also == 0 {
                forecast.opened(now);
                opened += 1;
            }
            let stats = forecast.stats(now);
            prop_assert!((0.0..=1.0).contains(&stats.failure_rate));
            prop_assert!((0.0..=1.0).contains(&stats.slow_rate));
            let score = stats.score;
            prop_assert_eq!(score.predicted, predicted);
            prop_assert_eq!(score.came_true + score.missed, opened);
            let standing = u64::from(stats.is_standing);
            prop_assert_eq!(score.came_true + score.were_false + standing, predicted);
        }
    }
}
