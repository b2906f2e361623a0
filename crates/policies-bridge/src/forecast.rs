//! A forecast: its options as JavaScript gives them, and what it is told and asked.

use crate::Policy;
use crate::reader::Reader;
use adaptive_core::forecast::{FixedRule, ForecastConfig, ForecastSettings, ForecastStats, Sign};
use alloc::vec::Vec;
use breaker_bridge::{Problem, Value};
use breaker_core::rules::{Rules, SlowCalls};
use breaker_core::time::{Instant, Span};
use breaker_core::window::WindowConfig;

/// What tells that a circuit would open, as it crosses.
pub const SIGN: &[(&str, u32)] = &[
    ("NONE", 0),
    ("FAILURES", 1),
    ("FAILURE_RATE", 2),
    ("SLOW_CALL_RATE", 3),
    ("RESPONSE_TIME", 4),
];

/// What a forecast sees. Times are in milliseconds, NaN where there is none.
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

/// Adds a call that the breaker counted; 1 where a prediction is made in this moment.
pub fn forecast_call(policy: &mut Policy, failed: u32, duration: f64, now: f64) -> u32 {
    let Policy::Forecast(forecast) = policy else {
        return 0;
    };
    let duration = (duration >= 0.0).then(|| Span::from_millis(duration));
    let told = forecast.record(failed != 0, duration, Instant::from_millis(now));
    u32::from(told.is_some())
}

/// The breaker's own rule has opened its circuit.
pub fn forecast_opened(policy: &mut Policy, now: f64) {
    if let Policy::Forecast(forecast) = policy {
        forecast.opened(Instant::from_millis(now));
    }
}

/// The breaker begins anew.
pub fn forecast_restart(policy: &mut Policy, now: f64) {
    if let Policy::Forecast(forecast) = policy {
        forecast.restart(Instant::from_millis(now));
    }
}

/// The breaker's thresholds from now on; NaN for a rule that is off. How long a slow call takes does not change.
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
                .zip(given(slow_call_rate))
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
    let rule = reader.part("rule").map_or_else(FixedRule::default, rule_of);
    reader.finish(ForecastConfig::new(&settings, rule))
}

/// The rule of a breaker, which its own engine has told.
fn rule_of(told: &Value) -> FixedRule {
    let number = |name| match told.get(name) {
        Some(Value::Number(number)) => *number,
        _ => f64::NAN,
    };
    let slow = given(number("slowCallRateThreshold"))
        .zip(given(number("slowCallDuration")))
        .map(|(rate, duration)| SlowCalls {
            rate,
            duration: Span::from_millis(duration),
        });
    let window = match given(number("windowSize")) {
        Some(size) => WindowConfig::Count { size: size as u32 },
        None => WindowConfig::Time {
            duration: Span::from_millis(number("windowDuration")),
            buckets: number("windowBuckets") as u32,
        },
    };
    FixedRule {
        rules: Rules {
            slow_calls: slow,
            ..rules(
                number("failureThreshold"),
                number("failureRateThreshold"),
                number("minimumCalls"),
            )
        },
        window,
        timeout: given(number("timeout")).map(Span::from_millis),
    }
}

fn rules(failures: f64, failure_rate: f64, minimum_calls: f64) -> Rules {
    Rules {
        failures: given(failures).map(|failures| failures as u32),
        consecutive_failures: None,
        failure_rate: given(failure_rate),
        slow_calls: None,
        minimum_calls: minimum_calls as u32,
    }
}

fn given(number: f64) -> Option<f64> {
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

/// See [`SIGN`].
fn sign_code(sign: Sign) -> u8 {
    match sign {
        Sign::Failures => 1,
        Sign::FailureRate => 2,
        Sign::SlowCallRate => 3,
        Sign::ResponseTime => 4,
    }
}
