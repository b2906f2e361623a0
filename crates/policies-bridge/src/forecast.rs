//! Forecasts: the reader of their options, and their functions for JavaScript.

use crate::Policy;
use crate::reader::Reader;
use alloc::vec::Vec;
use breaker_bridge::{Problem, Value};
use breaker_core::rules::{Rules, SlowCalls};
use breaker_core::time::{Instant, Span};
use breaker_core::window::WindowConfig;
use thresholds_core::forecast::{FixedRule, ForecastConfig, ForecastSettings, ForecastStats, Sign};

const RULE_LENGTH: usize = 9;

/// Codes of the signs that a circuit would open.
pub const SIGN: &[(&str, u32)] = &[
    ("NONE", 0),
    ("FAILURES", 1),
    ("FAILURE_RATE", 2),
    ("SLOW_CALL_RATE", 3),
    ("RESPONSE_TIME", 4),
];

/// Names of the stats of a forecast, in order. Times are in milliseconds, NaN for no value.
pub const FORECAST_STATS: &[&str] = &[
    "sign",
    "expectedIn",
    "observed",
    "threshold",
    "isStanding",
    "failureRate",
    "slowCallRate",
    "responseTime",
    "baseline",
    "predicted",
    "cameTrue",
    "wereFalse",
    "missed",
    "gained",
];

/// Records a call that the breaker counted. Returns 1 if it completes a prediction.
pub fn forecast_call(policy: &mut Policy, failed: u32, duration: f64, now: f64) -> u32 {
    let Policy::Forecast(forecast) = policy else {
        return 0;
    };
    let duration = (duration >= 0.0).then(|| Span::from_millis(duration));
    let prediction = forecast.record(failed != 0, duration, Instant::from_millis(now));
    u32::from(prediction.is_some())
}

/// Restarts the forecast with its breaker. `opened` is 1 if the breaker's own rule has opened the circuit.
pub fn forecast_restart(policy: &mut Policy, opened: u32, now: f64) {
    if let Policy::Forecast(forecast) = policy {
        let now = Instant::from_millis(now);
        if opened != 0 {
            forecast.opened(now);
        } else {
            forecast.restart(now);
        }
    }
}

/// Sets the thresholds of the breaker; NaN for a rule that is off. The duration of a slow call stays.
pub fn forecast_rules(
    policy: &mut Policy,
    failures: f64,
    failure_rate: f64,
    slow_call_rate: f64,
    minimum_calls: f64,
) {
    if let Policy::Forecast(forecast) = policy {
        let slow = forecast.rules().slow_calls;
        forecast.set_rules(Rules {
            slow_calls: slow
                .zip(positive(slow_call_rate))
                .map(|(slow, rate)| SlowCalls { rate, ..slow }),
            ..rules(failures, failure_rate, minimum_calls)
        });
    }
}

pub(crate) fn parse(options: &Value) -> Result<ForecastConfig, Vec<Problem>> {
    let mut reader = Reader::new(options)?;
    let settings = ForecastSettings {
        horizon: reader.number("horizon"),
        interval: reader.number("interval"),
        confirmations: reader.number("confirmations"),
        margin: reader.number("margin"),
    };
    let rule = reader
        .nested("rule")
        .map_or_else(FixedRule::default, rule_of);
    reader.finish(ForecastConfig::new(&settings, rule))
}

/// Reads the rule of a breaker, in the order of [`breaker_bridge::layout::RULES`].
fn rule_of(numbers: &Value) -> FixedRule {
    let mut row = [f64::NAN; RULE_LENGTH];
    if let Value::Array(numbers) = numbers {
        for (slot, number) in row.iter_mut().zip(numbers) {
            if let Value::Number(number) = number {
                *slot = *number;
            }
        }
    }
    let [
        failures,
        failure_rate,
        slow_call_rate,
        slow_call_duration,
        minimum_calls,
        window_duration,
        window_buckets,
        window_size,
        timeout,
    ] = row;
    let slow = positive(slow_call_rate).zip(positive(slow_call_duration));
    FixedRule {
        rules: Rules {
            slow_calls: slow.map(|(rate, duration)| SlowCalls {
                rate,
                duration: Span::from_millis(duration),
            }),
            ..rules(failures, failure_rate, minimum_calls)
        },
        window: match positive(window_size) {
            Some(size) => WindowConfig::Count { size: size as u32 },
            None => WindowConfig::Time {
                duration: Span::from_millis(window_duration),
                buckets: window_buckets as u32,
            },
        },
        timeout: positive(timeout).map(Span::from_millis),
    }
}

fn rules(failures: f64, failure_rate: f64, minimum_calls: f64) -> Rules {
    Rules {
        failures: positive(failures).map(|failures| failures as u32),
        consecutive_failures: None,
        failure_rate: positive(failure_rate),
        slow_calls: None,
        minimum_calls: minimum_calls as u32,
    }
}

fn positive(number: f64) -> Option<f64> {
    (number > 0.0).then_some(number)
}

pub(crate) fn row(stats: &ForecastStats) -> [f64; FORECAST_STATS.len()] {
    let foreseen = stats.foreseen;
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let millis = |span: Option<Span>| number(span.map(Span::as_millis));
    [
        f64::from(foreseen.map_or(0, |foreseen| sign_code(foreseen.sign))),
        millis(foreseen.map(|foreseen| foreseen.expected_in)),
        number(foreseen.map(|foreseen| foreseen.observed)),
        number(foreseen.map(|foreseen| foreseen.threshold)),
        f64::from(u8::from(stats.is_standing)),
        stats.failure_rate,
        stats.slow_rate,
        millis(stats.response_time),
        millis(stats.baseline),
        stats.score.predicted as f64,
        stats.score.came_true as f64,
        stats.score.were_false as f64,
        stats.score.missed as f64,
        stats.score.gained.as_millis(),
    ]
}

/// Returns the code of a sign (see [`SIGN`]).
fn sign_code(sign: Sign) -> u8 {
    match sign {
        Sign::Failures => 1,
        Sign::FailureRate => 2,
        Sign::SlowCallRate => 3,
        Sign::ResponseTime => 4,
    }
}
