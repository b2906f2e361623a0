//! Breakers of the simulation.

use breaker_core::rules::{Rules, SlowCalls};
use breaker_core::settings::{OpenTimeSettings, WindowSettings};
use breaker_core::window::{Answer, WindowConfig};
use breaker_core::{Config, Settings, Span};
use thresholds_core::forecast::FixedRule;

const BUCKETS: u32 = 10;

/// A breaker with a fixed rule, for engine and forecast.
#[derive(Clone, Copy)]
pub struct BreakerUnderTest {
    pub name: &'static str,
    rules: Rules,
    window: WindowConfig,
    /// Open time, in milliseconds.
    open_time: f64,
}

/// Opens if half of the calls of the last minute failed, or took a second.
pub fn by_rate() -> BreakerUnderTest {
    BreakerUnderTest {
        name: "half of 60 s",
        rules: Rules {
            failures: None,
            consecutive_failures: None,
            failure_rate: Some(0.5),
            slow_calls: slow(1_000.0),
            minimum_calls: 20,
        },
        window: minute(60_000.0),
        open_time: 600_000.0,
    }
}

/// Opens after fifty failures in the last minute.
pub fn by_count() -> BreakerUnderTest {
    BreakerUnderTest {
        name: "50 in 60 s",
        rules: Rules {
            failures: Some(50),
            failure_rate: None,
            slow_calls: None,
            ..by_rate().rules
        },
        ..by_rate()
    }
}

/// Opens if half of the last two hundred calls failed.
pub fn by_calls() -> BreakerUnderTest {
    BreakerUnderTest {
        name: "half of 200 calls",
        rules: Rules {
            slow_calls: None,
            ..by_rate().rules
        },
        window: WindowConfig::Count { size: 200 },
        ..by_rate()
    }
}

/// Opens if half of the calls of the last ten seconds failed, or took 200 ms. For the service of the demo.
pub fn for_the_demo() -> BreakerUnderTest {
    BreakerUnderTest {
        name: "half of 10 s",
        rules: Rules {
            slow_calls: slow(200.0),
            ..by_rate().rules
        },
        window: minute(10_000.0),
        ..by_rate()
    }
}

fn slow(duration: f64) -> Option<SlowCalls> {
    Some(SlowCalls {
        rate: 0.5,
        duration: Span::from_millis(duration),
    })
}

fn minute(duration: f64) -> WindowConfig {
    WindowConfig::Time {
        duration: Span::from_millis(duration),
        buckets: BUCKETS,
    }
}

impl BreakerUnderTest {
    /// Returns the options of the engine.
    pub fn config(&self) -> Config {
        let Rules {
            failures,
            failure_rate,
            slow_calls,
            minimum_calls,
            ..
        } = self.rules;
        let looks_at_rates = failure_rate.is_some() || slow_calls.is_some();
        let settings = Settings {
            failure_threshold: failures.map(f64::from),
            failure_rate_threshold: failure_rate,
            slow_call_rate_threshold: slow_calls.map(|rule| rule.rate),
            slow_call_duration: slow_calls.map(|rule| rule.duration.as_millis()),
            minimum_calls: looks_at_rates.then_some(f64::from(minimum_calls)),
            window: match self.window {
                WindowConfig::Count { size } => WindowSettings::Count {
                    size: Some(f64::from(size)),
                },
                WindowConfig::Time { duration, buckets } => WindowSettings::Time {
                    duration: Some(duration.as_millis()),
                    buckets: Some(f64::from(buckets)),
                },
            },
            open_time: OpenTimeSettings {
                initial: Some(self.open_time),
                ..OpenTimeSettings::default()
            },
            ..Settings::default()
        };
        Config::try_from(&settings).unwrap()
    }

    /// Returns the rule of the forecast.
    pub fn rule(&self) -> FixedRule {
        FixedRule {
            rules: self.rules,
            window: self.window,
            timeout: None,
        }
    }

    /// Whether the breaker counts a call against the dependency.
    pub fn is_bad(&self, failed: bool, duration: f64) -> bool {
        let answer = if failed {
            Answer::Failure
        } else {
            Answer::Success
        };
        let sample = self.rules.sample(answer, Some(Span::from_millis(duration)));
        failed || sample.slow
    }
}
