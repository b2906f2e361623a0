//! Settings of a forecast.

use breaker_core::ConfigErrors;
use breaker_core::config::Problem;
use breaker_core::problems::{Check, MAX_SPAN, Range};
use breaker_core::rules::Rules;
use breaker_core::time::Span;
use breaker_core::window::WindowConfig;

/// Number of intervals in a time window.
pub const DEFAULT_INTERVALS: f64 = 30.0;
/// Length of an interval for a count window, in milliseconds.
pub const DEFAULT_INTERVAL: f64 = 1_000.0;
/// Horizon, in intervals.
pub const DEFAULT_HORIZON_INTERVALS: f64 = 10.0;
/// Number of consecutive intervals that must foresee an opening.
pub const DEFAULT_CONFIRMATIONS: f64 = 3.0;
/// Margin beyond the threshold, in standard errors of the forecast.
pub const DEFAULT_MARGIN: f64 = 0.5;
/// Largest number of intervals in the history and in the horizon.
pub const MOST_INTERVALS: u32 = 128;

const TO_NEAREST: f64 = 0.5;
const SHORTEST_INTERVAL: f64 = 100.0;
const INTERVAL_RANGE: Range = Range::any(1.0, MAX_SPAN);
const MARGIN: &str = "a number from 0 to 10";
const MARGIN_RANGE: Range = Range::any(0.0, 10.0);
const OF_THE_WINDOW: &str = "at least a 128th of the breaker's window";
const OF_THE_INTERVAL: &str = "from 1 to 128 times the interval";

/// Settings of a forecast; `None` takes the default. Times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct ForecastSettings {
    /// Horizon. Default: ten intervals.
    pub horizon: Option<f64>,
    /// Length of an interval. Default: a 30th of a time window, but at least 100; 1 000 for a count window.
    pub interval: Option<f64>,
    /// Number of consecutive intervals that must foresee an opening.
    pub confirmations: Option<f64>,
    /// Margin beyond the threshold, in standard errors of the forecast.
    pub margin: Option<f64>,
}

/// Rule of the breaker that the forecast predicts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedRule {
    /// Rules that open the circuit. Consecutive failures are not predicted: they are over before there is a trend.
    pub rules: Rules,
    /// Window of the rules.
    pub window: WindowConfig,
    /// Timeout of a call.
    pub timeout: Option<Span>,
}

/// No rule.
impl Default for FixedRule {
    fn default() -> Self {
        Self {
            rules: Rules {
                failures: None,
                consecutive_failures: None,
                failure_rate: None,
                slow_calls: None,
                minimum_calls: 1,
            },
            window: WindowConfig::Count { size: 1 },
            timeout: None,
        }
    }
}

/// Validated settings of a forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastConfig {
    pub(super) interval: Span,
    /// Horizon, in intervals.
    pub(super) horizon: u32,
    /// Length of the history, in intervals.
    pub(super) remembered: u32,
    pub(super) confirmations: u32,
    pub(super) margin: f64,
    pub(super) rule: FixedRule,
}

impl ForecastConfig {
    /// Validates the settings beside the rule of the breaker.
    ///
    /// # Errors
    /// Returns all problems of the settings.
    pub fn new(settings: &ForecastSettings, rule: FixedRule) -> Result<Self, ConfigErrors> {
        let mut check = Check::default();
        let interval = check.interval(settings.interval, rule.window);
        let confirmations = settings.confirmations.unwrap_or(DEFAULT_CONFIRMATIONS);
        let margin = settings.margin.unwrap_or(DEFAULT_MARGIN);
        let config = Self {
            interval: Span::from_millis(interval),
            horizon: check.horizon(settings.horizon, interval),
            remembered: remembered(interval, rule.window),
            confirmations: check.count("confirmations", confirmations),
            margin: check.number("margin", margin, MARGIN_RANGE, MARGIN),
            rule,
        };
        check.finish(config)
    }
}

trait CheckForecast {
    fn interval(&mut self, value: Option<f64>, window: WindowConfig) -> f64;
    fn horizon(&mut self, value: Option<f64>, interval: f64) -> u32;
}

impl CheckForecast for Check {
    fn interval(&mut self, value: Option<f64>, window: WindowConfig) -> f64 {
        let WindowConfig::Time { duration, .. } = window else {
            let interval = value.unwrap_or(DEFAULT_INTERVAL);
            return self.span("interval", interval).as_millis();
        };
        let duration = duration.as_millis();
        let Some(interval) = value else {
            return (duration / DEFAULT_INTERVALS).max(SHORTEST_INTERVAL);
        };
        if INTERVAL_RANGE.holds(interval) && interval * f64::from(MOST_INTERVALS) < duration {
            self.report("interval", Problem::Range, OF_THE_WINDOW);
        }
        self.span("interval", interval).as_millis()
    }

    fn horizon(&mut self, value: Option<f64>, interval: f64) -> u32 {
        let intervals = value.map_or(DEFAULT_HORIZON_INTERVALS, |horizon| horizon / interval);
        let most = f64::from(MOST_INTERVALS);
        // An invalid interval has already been reported.
        let is_checked = INTERVAL_RANGE.holds(interval)
            || value.is_some_and(|horizon| !INTERVAL_RANGE.holds(horizon));
        if is_checked && !Range::any(1.0, most).holds(intervals) {
            self.report("horizon", Problem::Range, OF_THE_INTERVAL);
        }
        intervals as u32
    }
}

/// Returns the number of intervals in the window at its shortest: just after its oldest bucket expired. That is when
/// it opens the circuit.
fn remembered(interval: f64, window: WindowConfig) -> u32 {
    match window {
        WindowConfig::Count { .. } => MOST_INTERVALS,
        WindowConfig::Time { duration, buckets } => {
            let shortest = duration.as_millis() * (1.0 - 1.0 / f64::from(buckets.max(2)));
            ((shortest / interval + TO_NEAREST) as u32).clamp(1, MOST_INTERVALS)
        }
    }
}
