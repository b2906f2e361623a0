//! What a forecast can be told.

use breaker_core::ConfigErrors;
use breaker_core::config::Problem;
use breaker_core::problems::{Check, MAX_SPAN, Range};
use breaker_core::rules::Rules;
use breaker_core::time::Span;
use breaker_core::window::WindowConfig;

/// Intervals that a window is seen in.
pub const DEFAULT_INTERVALS: f64 = 30.0;
/// How long an interval is where the window is one of calls, in milliseconds.
pub const DEFAULT_INTERVAL: f64 = 1_000.0;
/// How many intervals ahead is looked.
pub const DEFAULT_HORIZON_INTERVALS: f64 = 10.0;
/// How many intervals in a row must foresee the same.
pub const DEFAULT_CONFIRMATIONS: f64 = 3.0;
/// By how many standard deviations of its own errors a forecast has to be beyond the threshold.
pub const DEFAULT_MARGIN: f64 = 0.5;
/// The most intervals that are remembered, or looked ahead.
pub const MOST_INTERVALS: u32 = 128;

const TO_NEAREST: f64 = 0.5;
const SHORTEST_INTERVAL: f64 = 100.0;
const INTERVAL_RANGE: Range = Range::any(1.0, MAX_SPAN);
const MARGIN: &str = "a number from 0 to 10";
const MARGIN_RANGE: Range = Range::any(0.0, 10.0);
const OF_THE_WINDOW: &str = "at least a 128th of the breaker's window";
const OF_THE_INTERVAL: &str = "from once to 128 times the interval";

/// A forecast as given; `None` takes the default. Times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct ForecastSettings {
    /// How far ahead it looks. Default: ten intervals.
    pub horizon: Option<f64>,
    /// How long the intervals are that it sees calls in. Default: a 30th of a window of time, but at least 100; 1 000 for a
    /// window of calls.
    pub interval: Option<f64>,
    /// How many intervals in a row must foresee it.
    pub confirmations: Option<f64>,
    /// By how many standard deviations of its own errors a forecast has to be beyond the threshold.
    pub margin: Option<f64>,
}

/// The rule of the breaker that is to be foreseen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedRule {
    /// What opens its circuit. Failures in a row are not foreseen: they are over before there is a trend.
    pub rules: Rules,
    /// What the rules count.
    pub window: WindowConfig,
    /// How long a call may take.
    pub timeout: Option<Span>,
}

/// Nothing that opens a circuit.
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

/// A forecast that has been proven sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastConfig {
    pub(super) interval: Span,
    /// How many intervals ahead it looks.
    pub(super) horizon: u32,
    /// How many intervals it remembers.
    pub(super) remembered: u32,
    pub(super) confirmations: u32,
    pub(super) margin: f64,
    pub(super) rule: FixedRule,
}

impl ForecastConfig {
    /// The configuration of a forecast beside this rule.
    ///
    /// # Errors
    /// Everything that is wrong with the settings.
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
    fn interval(&mut self, given: Option<f64>, window: WindowConfig) -> f64;
    fn horizon(&mut self, given: Option<f64>, interval: f64) -> u32;
}

impl CheckForecast for Check {
    fn interval(&mut self, given: Option<f64>, window: WindowConfig) -> f64 {
        let WindowConfig::Time { duration, .. } = window else {
            let interval = given.unwrap_or(DEFAULT_INTERVAL);
            return self.span("interval", interval).as_millis();
        };
        let duration = duration.as_millis();
        let Some(interval) = given else {
            return (duration / DEFAULT_INTERVALS).max(SHORTEST_INTERVAL);
        };
        if INTERVAL_RANGE.holds(interval) && interval * f64::from(MOST_INTERVALS) < duration {
            self.report("interval", Problem::Range, OF_THE_WINDOW);
        }
        self.span("interval", interval).as_millis()
    }

    fn horizon(&mut self, given: Option<f64>, interval: f64) -> u32 {
        let intervals = given.map_or(DEFAULT_HORIZON_INTERVALS, |horizon| horizon / interval);
        let most = f64::from(MOST_INTERVALS);
        // An interval that is wrong has been told of already.
        let is_judged = INTERVAL_RANGE.holds(interval)
            || given.is_some_and(|horizon| !INTERVAL_RANGE.holds(horizon));
        if is_judged && !Range::any(1.0, most).holds(intervals) {
            self.report("horizon", Problem::Range, OF_THE_INTERVAL);
        }
        intervals as u32
    }
}

/// As many intervals as the window is long where it is shortest: just when its oldest bucket has gone. That is when it opens.
fn remembered(interval: f64, window: WindowConfig) -> u32 {
    match window {
        WindowConfig::Count { .. } => MOST_INTERVALS,
        WindowConfig::Time { duration, buckets } => {
            let shortest = duration.as_millis() * (1.0 - 1.0 / f64::from(buckets.max(2)));
            ((shortest / interval + TO_NEAREST) as u32).clamp(1, MOST_INTERVALS)
        }
    }
}
