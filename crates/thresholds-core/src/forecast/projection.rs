//! Projection of the breaker's window over future calls.

use super::Forecast;
use super::history::Calls;
use super::latency::Heading;
use crate::trend::Trend;
use breaker_core::rules::Rules;
use breaker_core::time::Span;
use breaker_core::window::WindowConfig;

/// Largest share of a count window that future calls may fill.
const MOST_TO_COME: f64 = 1.0 / 3.0;

/// Sign that the circuit would open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sign {
    /// Failures in the window reach `failureThreshold`.
    Failures,
    /// The failure rate in the window reaches `failureRateThreshold`.
    FailureRate,
    /// The slow-call rate in the window reaches `slowCallRateThreshold`.
    SlowCallRate,
    /// Response times reach the slow-call duration, or the timeout.
    ResponseTime,
}

/// A threshold that is expected to be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// Sign of the prediction.
    pub sign: Sign,
    /// Time until then.
    pub expected_in: Span,
    /// Present failures or rate in the window, or present response time in milliseconds.
    pub observed: f64,
    /// Threshold of the rule.
    pub threshold: f64,
}

/// Returns the first opening that is foreseen within the horizon.
pub(super) fn project(forecast: &Forecast) -> Option<Prediction> {
    let by_window = if forecast.failed.is_known() {
        project_window(forecast)
    } else {
        None
    };
    let by_time = forecast
        .latency
        .heading()
        .and_then(|heading| project_time(forecast, &heading));
    match (by_window, by_time) {
        (Some(window), Some(time)) if time.expected_in < window.expected_in => Some(time),
        (None, time) => time,
        (window, _) => window,
    }
}

fn project_window(forecast: &Forecast) -> Option<Prediction> {
    let config = &forecast.config;
    let size = match config.rule.window {
        WindowConfig::Count { size } => Some(f64::from(size)),
        WindowConfig::Time { .. } => None,
    };
    let mut window = forecast.history.window(size);
    let present = window.calls();
    let all = forecast.volume.level().max(0.0);
    let mut failed = Share::new(&forecast.failed, config.margin);
    let mut slow = Share::new(&forecast.slow, config.margin);
    for step in 1..=config.horizon {
        if size.is_some_and(|size| f64::from(step) * all > size * MOST_TO_COME) {
            return None;
        }
        window.advance(Calls {
            all,
            failed: all * failed.step(),
            slow: all * slow.step(),
        });
        if let Some((sign, threshold)) = reached(&config.rule.rules, &window.calls()) {
            return Some(Prediction {
                sign,
                expected_in: config.interval.times(u64::from(step)),
                observed: observed(sign, &present),
                threshold,
            });
        }
    }
    None
}

fn project_time(forecast: &Forecast, heading: &Heading) -> Option<Prediction> {
    let config = &forecast.config;
    let below = config.margin * heading.trend.standard_error();
    let mut ahead = heading.trend.ahead();
    let step = (1..=config.horizon).find(|_| ahead.step() - below >= heading.limit)?;
    Some(Prediction {
        sign: Sign::ResponseTime,
        expected_in: config.interval.times(u64::from(step)),
        observed: heading.trend.level(),
        threshold: heading.limit,
    })
}

/// Projected share of one kind of calls, less the margin.
struct Share {
    ahead: crate::trend::Ahead,
    below: f64,
}

impl Share {
    fn new(trend: &Trend, margin: f64) -> Self {
        Self {
            ahead: trend.ahead(),
            below: margin * trend.standard_error(),
        }
    }

    fn step(&mut self) -> f64 {
        (self.ahead.step() - self.below).clamp(0.0, 1.0)
    }
}

/// Returns the first rule that a window meets, and its threshold.
fn reached(rules: &Rules, calls: &Calls) -> Option<(Sign, f64)> {
    if let Some(threshold) = rules.failures.map(f64::from)
        && calls.failed >= threshold
    {
        return Some((Sign::Failures, threshold));
    }
    if calls.all < f64::from(rules.minimum_calls) {
        return None;
    }
    if let Some(threshold) = rules.failure_rate
        && calls.share(calls.failed) >= threshold
    {
        return Some((Sign::FailureRate, threshold));
    }
    let slow = rules.slow_calls?;
    (calls.share(calls.slow) >= slow.rate).then_some((Sign::SlowCallRate, slow.rate))
}

fn observed(sign: Sign, calls: &Calls) -> f64 {
    match sign {
        Sign::Failures => calls.failed,
        Sign::FailureRate => calls.share(calls.failed),
        Sign::SlowCallRate | Sign::ResponseTime => calls.share(calls.slow),
    }
}
