//! Tests of the forecast with sequences of calls.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use breaker_core::rules::{Rules, SlowCalls};
use breaker_core::window::WindowConfig;
use breaker_core::{Instant, Span};
use thresholds_core::forecast::{FixedRule, Sign};
use thresholds_core::{Forecast, ForecastConfig, ForecastSettings, Prediction};

fn at(millis: f64) -> Instant {
    Instant::from_millis(millis)
}

/// Half of the calls of the last minute failed, or took a second.
fn rule() -> FixedRule {
    FixedRule {
        rules: Rules {
            failures: None,
            consecutive_failures: None,
            failure_rate: Some(0.5),
            slow_calls: Some(SlowCalls {
                rate: 0.5,
                duration: Span::from_millis(1_000.0),
            }),
            minimum_calls: 20,
        },
        window: WindowConfig::Time {
            duration: Span::from_millis(60_000.0),
            buckets: 10,
        },
        timeout: None,
    }
}

fn forecast(rule: FixedRule) -> Forecast {
    let config = ForecastConfig::new(&ForecastSettings::default(), rule).unwrap();
    Forecast::new(config, at(0.0))
}

/// Runs ten calls per second, and returns the first prediction and its time.
fn play(
    forecast: &mut Forecast,
    seconds: std::ops::Range<u32>,
    call: impl Fn(f64, u32) -> (bool, f64),
) -> Option<(f64, Prediction)> {
    let mut first = None;
    for tenth in seconds.start * 10..seconds.end * 10 {
        let now = f64::from(tenth) * 100.0;
        let (failed, duration) = call(now / 1_000.0, tenth);
        let prediction = forecast.record(failed, Some(Span::from_millis(duration)), at(now));
        first = first.or(prediction.map(|prediction| (now, prediction)));
    }
    first
}

#[test]
fn predicts_nothing_for_a_healthy_dependency() {
    let mut forecast = forecast(rule());
    assert_eq!(play(&mut forecast, 0..600, |_, _| (false, 100.0)), None);
    let stats = forecast.stats(at(600_000.0));
    assert_eq!((stats.foreseen, stats.failure_rate), (None, 0.0));
    let baseline = stats.baseline.unwrap().as_millis();
    assert!((87.5..112.5).contains(&baseline), "{baseline}");
}

#[test]
fn predicts_an_outage_before_half_of_the_window_has_failed() {
    let mut forecast = forecast(rule());
    play(&mut forecast, 0..120, |_, _| (false, 100.0));
    let (when, prediction) = play(&mut forecast, 120..180, |_, _| (true, 100.0)).unwrap();
    assert_eq!(prediction.sign, Sign::FailureRate);
    assert_eq!(prediction.threshold, 0.5);
    // The engine's window holds 54 s where it is shortest: half of it has failed after 27 s.
    assert!(when < 136_000.0, "{when}");
    let expected = when + prediction.expected_in.as_millis();
    assert!((143_000.0..152_000.0).contains(&expected), "{expected}");
}

#[test]
fn predicts_response_times_that_approach_the_limit() {
    let mut forecast = forecast(rule());
    let creeping = |second: f64, _| (false, 100.0 + 5.0 * (second - 120.0).max(0.0));
    let (when, prediction) = play(&mut forecast, 0..400, creeping).unwrap();
    assert_eq!(prediction.sign, Sign::ResponseTime);
    assert_eq!(prediction.threshold, 1_000.0);
    assert!(prediction.observed > 550.0 && prediction.observed < 1_000.0);
    // They reach it after 300 s.
    assert!(when > 270_000.0 && when < 300_000.0, "{when}");
}

#[test]
fn predicts_nothing_for_constantly_slow_calls() {
    let mut forecast = forecast(rule());
    assert_eq!(play(&mut forecast, 0..600, |_, _| (false, 800.0)), None);
}

#[test]
fn without_a_slow_call_rule_the_timeout_is_the_limit() {
    let mut rule = rule();
    rule.rules.slow_calls = None;
    rule.timeout = Some(Span::from_millis(2_000.0));
    let mut forecast = forecast(rule);
    let creeping = |second: f64, _| (false, 100.0 + 10.0 * (second - 120.0).max(0.0));
    let (_, prediction) = play(&mut forecast, 0..400, creeping).unwrap();
    assert_eq!(
        (prediction.sign, prediction.threshold),
        (Sign::ResponseTime, 2_000.0)
    );
}

#[test]
fn a_prediction_is_made_once_and_comes_true_or_not() {
    let mut forecast = forecast(rule());
    play(&mut forecast, 0..120, |_, _| (false, 100.0));
    let (when, _) = play(&mut forecast, 120..140, |_, _| (true, 100.0)).unwrap();
    assert!(forecast.stats(at(140_000.0)).is_standing);
    assert_eq!(play(&mut forecast, 140..145, |_, _| (true, 100.0)), None);
    forecast.opened(at(145_000.0));
    let score = forecast.stats(at(145_000.0)).score;
    assert_eq!(
        (score.predicted, score.came_true, score.were_false),
        (1, 1, 0)
    );
    assert_eq!(score.gained, Span::from_millis(145_000.0 - when));

    play(&mut forecast, 200..320, |_, _| (false, 100.0));
    play(&mut forecast, 320..335, |_, _| (true, 100.0)).unwrap();
    play(&mut forecast, 335..500, |_, _| (false, 100.0));
    let score = forecast.stats(at(500_000.0)).score;
    assert_eq!(
        (score.predicted, score.came_true, score.were_false),
        (2, 1, 1)
    );
}

#[test]
fn counts_an_opening_without_a_prediction() {
    let mut forecast = forecast(rule());
    forecast.opened(at(1_000.0));
    assert_eq!(forecast.stats(at(1_000.0)).score.missed, 1);
}

#[test]
fn new_thresholds_apply_to_future_calls() {
    let half_fails = |_, tenth: u32| (tenth.is_multiple_of(3), 100.0);
    let mut lenient = forecast(rule());
    assert_eq!(play(&mut lenient, 0..120, half_fails), None);
    let strict = Rules {
        failure_rate: Some(0.2),
        ..rule().rules
    };
    lenient.set_rules(strict);
    let (_, prediction) = play(&mut lenient, 120..130, half_fails).unwrap();
    assert_eq!(prediction.threshold, 0.2);
}

#[test]
fn a_long_silence_clears_the_history() {
    let mut forecast = forecast(rule());
    play(&mut forecast, 0..120, |_, _| (false, 100.0));
    play(&mut forecast, 120..126, |_, _| (true, 100.0));
    assert!(forecast.stats(at(126_000.0)).failure_rate > 0.3);
    play(&mut forecast, 1_000..1_001, |_, _| (false, 100.0));
    let stats = forecast.stats(at(1_001_000.0));
    assert_eq!(stats.failure_rate, 0.0);
    assert!(stats.baseline.is_some(), "what is normal is still known");
}

#[test]
fn reports_all_problems_at_once() {
    let settings = ForecastSettings {
        horizon: Some(1.0),
        interval: Some(200.0),
        confirmations: Some(0.0),
        margin: Some(f64::NAN),
    };
    let errors = ForecastConfig::new(&settings, rule()).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "interval must be at least a 128th of the breaker's window; \
         horizon must be from 1 to 128 times the interval; \
         confirmations must be a whole number from 1 to 1000000; \
         margin must be a number from 0 to 10"
    );
}
