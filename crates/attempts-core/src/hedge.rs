//! Hedging: the delay before a second copy of a slow call.

use breaker_core::ConfigErrors;
use breaker_core::config::Problem;
use breaker_core::histogram::Histogram;
use breaker_core::problems::{Check, MAX_TIMEOUT, Range};
use breaker_core::time::{Instant, Span};

/// Share of calls that are faster than the delay.
pub const DEFAULT_QUANTILE: f64 = 0.95;
/// Delay while too few response times are known, in milliseconds.
pub const DEFAULT_DELAY: f64 = 1_000.0;
/// Number of response times from which the quantile applies.
pub const DEFAULT_MINIMUM_CALLS: f64 = 20.0;
/// Length of the window of response times, in milliseconds.
pub const DEFAULT_WINDOW: f64 = 60_000.0;
/// Number of hedges per call.
pub const DEFAULT_MAX_HEDGES: f64 = 1.0;

const DELAY: &str = "a number of milliseconds from 0 to 2147483647";
const QUANTILE: &str = "a number above 0 and below 1";
const MAX_QUANTILE: f64 = 1.0 - f64::EPSILON;
const HEDGES: &str = "a whole number from 1 to 10";
const MAX_HEDGES: f64 = 10.0;
const ONLY_WITH_QUANTILE: &str = "set only when the delay is a quantile";
/// The quantile is recomputed when the number of response times has grown by one in this many.
const RENEWAL: u32 = 16;

/// Settings of hedging; `None` takes the default. Times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct HedgeSettings {
    /// Delay before a hedge: always, or until the quantile is known if `quantile` is set too.
    pub delay: Option<f64>,
    /// Share of the recent calls that are faster than the delay.
    pub quantile: Option<f64>,
    /// Number of response times from which the quantile applies.
    pub minimum_calls: Option<f64>,
    /// Length of the window of response times.
    pub window: Option<f64>,
    /// Number of hedges per call.
    pub max_hedges: Option<f64>,
}

/// Validated settings of hedging.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HedgeConfig {
    delay: Span,
    quantile: Option<Quantile>,
    max_hedges: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Quantile {
    share: f64,
    minimum_calls: u32,
    window: Span,
}

/// Delay before a hedge, after Dean and Barroso, *The Tail at Scale* (2013): the call has taken longer than 95 % of
/// the recent ones. That shortens the tail and adds about 5 % of load. A [`Budget`](crate::budget::Budget) bounds the
/// load when everything is slow.
#[derive(Clone, Debug)]
pub struct Hedge {
    config: HedgeConfig,
    /// Response times of the present and of the previous half of the window.
    halves: [Half; 2],
    half_ends: Instant,
    cached: CachedDelay,
}

#[derive(Clone, Debug, Default)]
struct Half {
    times: Histogram,
    samples: u32,
}

/// Cached quantile.
#[derive(Clone, Copy, Debug)]
struct CachedDelay {
    delay: Span,
    /// Number of samples at which it is recomputed.
    until: u32,
}

impl Hedge {
    /// Creates a hedge without response times.
    #[must_use]
    pub fn new(config: HedgeConfig, now: Instant) -> Self {
        Self {
            config,
            halves: [Half::default(), Half::default()],
            half_ends: now.after(config.half()),
            cached: config.initial_delay(),
        }
    }

    /// Records the duration of a call.
    pub fn record(&mut self, duration: Span, now: Instant) {
        if self.config.quantile.is_none() {
            return;
        }
        self.rotate(now);
        let [half, _] = &mut self.halves;
        half.times.record(duration);
        half.samples = half.samples.saturating_add(1);
    }

    /// Returns the time from the start of a call, or of its last hedge, until the next hedge may start.
    pub fn delay(&mut self, now: Instant) -> Span {
        let Some(quantile) = self.config.quantile else {
            return self.config.delay;
        };
        self.rotate(now);
        let samples = self.samples();
        if samples >= self.cached.until {
            let [newer, older] = &self.halves;
            let taken = newer.times.quantile_with(&older.times, quantile.share);
            self.cached = CachedDelay {
                delay: taken.unwrap_or(self.config.delay),
                until: samples.saturating_add(samples / RENEWAL).saturating_add(1),
            };
        }
        self.cached.delay
    }

    /// Returns the number of hedges per call.
    #[must_use]
    pub fn max_hedges(&self) -> u32 {
        self.config.max_hedges
    }

    /// Returns the number of recorded response times.
    #[must_use]
    pub fn samples(&self) -> u32 {
        let [newer, older] = &self.halves;
        newer.samples.saturating_add(older.samples)
    }

    /// Drops the expired half of the window.
    fn rotate(&mut self, now: Instant) {
        if now < self.half_ends {
            return;
        }
        let half = self.config.half();
        let missed = now.since(self.half_ends).divided_by(half);
        self.half_ends = self.half_ends.after(half.times(missed.saturating_add(1)));
        let [newer, older] = &mut self.halves;
        *older = core::mem::take(newer);
        if missed > 0 {
            *older = Half::default();
        }
        self.cached = self.config.initial_delay();
    }
}

impl HedgeConfig {
    fn half(&self) -> Span {
        self.quantile
            .map_or(Span::LONGEST, |quantile| quantile.window.scaled(0.5))
    }

    fn initial_delay(&self) -> CachedDelay {
        CachedDelay {
            delay: self.delay,
            until: self
                .quantile
                .map_or(u32::MAX, |quantile| quantile.minimum_calls),
        }
    }
}

impl TryFrom<&HedgeSettings> for HedgeConfig {
    type Error = ConfigErrors;

    fn try_from(settings: &HedgeSettings) -> Result<Self, ConfigErrors> {
        let mut check = Check::default();
        let delay = settings.delay.unwrap_or(DEFAULT_DELAY);
        let max_hedges = settings.max_hedges.unwrap_or(DEFAULT_MAX_HEDGES);
        let config = Self {
            delay: check.time("delay", delay, Range::any(0.0, MAX_TIMEOUT), DELAY),
            quantile: quantile(&mut check, settings),
            max_hedges: check.number(
                "maxHedges",
                max_hedges,
                Range::whole(1.0, MAX_HEDGES),
                HEDGES,
            ) as u32,
        };
        check.finish(config)
    }
}

fn quantile(check: &mut Check, settings: &HedgeSettings) -> Option<Quantile> {
    let is_fixed = settings.delay.is_some() && settings.quantile.is_none();
    let quantile = Quantile {
        share: check.number(
            "quantile",
            settings.quantile.unwrap_or(DEFAULT_QUANTILE),
            Range::above(0.0, MAX_QUANTILE),
            QUANTILE,
        ),
        minimum_calls: check.count(
            "minimumCalls",
            settings.minimum_calls.unwrap_or(DEFAULT_MINIMUM_CALLS),
        ),
        window: check.span("window", settings.window.unwrap_or(DEFAULT_WINDOW)),
    };
    for (option, value) in [
        ("minimumCalls", settings.minimum_calls),
        ("window", settings.window),
    ] {
        if is_fixed && value.is_some() {
            check.report(option, Problem::Conflict, ONLY_WITH_QUANTILE);
        }
    }
    (!is_fixed).then_some(quantile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn at(millis: f64) -> Instant {
        Instant::from_millis(millis)
    }

    fn hedge(settings: &HedgeSettings) -> Hedge {
        Hedge::new(HedgeConfig::try_from(settings).unwrap(), at(0.0))
    }

    /// Whether a time is right within the error of a histogram.
    fn is_about(time: Span, millis: f64) -> bool {
        (time.as_millis() - millis).abs() <= millis * 0.125
    }

    #[test]
    fn a_fixed_delay_records_nothing() {
        let mut fixed = hedge(&HedgeSettings {
            delay: Some(80.0),
            ..HedgeSettings::default()
        });
        for _ in 0..100 {
            fixed.record(Span::from_millis(5.0), at(1.0));
        }
        assert_eq!(fixed.delay(at(1.0)).as_millis(), 80.0);
        assert_eq!(fixed.samples(), 0);
    }

    #[test]
    fn the_quantile_applies_from_the_minimum_of_samples() {
        let mut hedge = hedge(&HedgeSettings::default());
        for call in 1..=19 {
            hedge.record(Span::from_millis(10.0), at(f64::from(call)));
            assert_eq!(hedge.delay(at(f64::from(call))).as_millis(), 1_000.0);
        }
        hedge.record(Span::from_millis(10.0), at(20.0));
        assert!(is_about(hedge.delay(at(20.0)), 10.0));
    }

    #[test]
    fn hedges_the_slowest_twentieth() {
        let mut hedge = hedge(&HedgeSettings::default());
        for call in 0..10_000 {
            let millis = f64::from(call % 100) + 1.0;
            hedge.record(Span::from_millis(millis), at(f64::from(call)));
        }
        assert!(is_about(hedge.delay(at(10_000.0)), 95.0));
    }

    #[test]
    fn the_quantile_follows_new_samples() {
        let mut hedge = hedge(&HedgeSettings::default());
        for _ in 0..1_000 {
            hedge.record(Span::from_millis(10.0), at(1.0));
            let _ = hedge.delay(at(1.0));
        }
        for _ in 0..200 {
            hedge.record(Span::from_millis(500.0), at(2.0));
            let _ = hedge.delay(at(2.0));
        }
        assert!(is_about(hedge.delay(at(2.0)), 500.0));
    }

    #[test]
    fn old_response_times_expire() {
        let mut hedge = hedge(&HedgeSettings::default());
        for _ in 0..50 {
            hedge.record(Span::from_millis(400.0), at(1_000.0));
        }
        for _ in 0..50 {
            hedge.record(Span::from_millis(10.0), at(40_000.0));
        }
        assert!(is_about(hedge.delay(at(59_999.0)), 400.0));
        assert!(is_about(hedge.delay(at(60_000.0)), 10.0));
        assert_eq!(hedge.samples(), 50);
        assert_eq!(hedge.delay(at(1e9)).as_millis(), 1_000.0);
        assert_eq!(hedge.samples(), 0);
    }

    #[test]
    fn an_earlier_time_is_ignored() {
        let mut hedge = hedge(&HedgeSettings::default());
        for _ in 0..20 {
            hedge.record(Span::from_millis(10.0), at(-1e9));
        }
        assert!(is_about(hedge.delay(at(f64::NAN)), 10.0));
    }

    #[test]
    fn reports_all_problems_at_once() {
        let settings = HedgeSettings {
            delay: Some(-1.0),
            quantile: None,
            minimum_calls: Some(5.0),
            window: Some(0.0),
            max_hedges: Some(11.0),
        };
        assert_eq!(
            HedgeConfig::try_from(&settings).unwrap_err().to_string(),
            "delay must be a number of milliseconds from 0 to 2147483647; \
             window must be a number of milliseconds from 1 to 31536000000; \
             minimumCalls must be set only when the delay is a quantile; \
             window must be set only when the delay is a quantile; \
             maxHedges must be a whole number from 1 to 10"
        );
        for quantile in [0.0, 1.0] {
            let settings = HedgeSettings {
                quantile: Some(quantile),
                ..HedgeSettings::default()
            };
            assert_eq!(
                HedgeConfig::try_from(&settings).unwrap_err().to_string(),
                "quantile must be a number above 0 and below 1"
            );
        }
    }
}
