//! Settings of an adaptive limit.

use breaker_core::ConfigErrors;
use breaker_core::config::Problem;
use breaker_core::problems::{Check, MAX_COUNT, Range};
use breaker_core::time::Span;

/// Initial limit.
pub const DEFAULT_INITIAL: f64 = 20.0;
/// Smallest limit.
pub const DEFAULT_MIN: f64 = 1.0;
/// Largest limit.
pub const DEFAULT_MAX: f64 = 200.0;
/// Length of a sampling window, in milliseconds.
pub const DEFAULT_WINDOW: f64 = 1_000.0;
/// Smallest number of calls in a sampling window.
pub const DEFAULT_MINIMUM_CALLS: f64 = 20.0;

const INITIAL: &str = "a whole number from min to max";

/// Algorithm that adjusts the limit.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Algorithm {
    /// Ratio of the response times without load to those now.
    #[default]
    Gradient,
    /// Number of queued calls.
    Vegas,
}

/// Settings of an adaptive limit; `None` takes the default. Times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct AdaptiveSettings {
    /// Algorithm that adjusts the limit.
    pub algorithm: Option<Algorithm>,
    /// Initial limit.
    pub initial: Option<f64>,
    /// Smallest limit.
    pub min: Option<f64>,
    /// Largest limit.
    pub max: Option<f64>,
    /// Length of a sampling window.
    pub window: Option<f64>,
    /// Smallest number of calls in a sampling window.
    pub minimum_calls: Option<f64>,
}

/// Validated settings of an adaptive limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaptiveConfig {
    pub(super) algorithm: Algorithm,
    pub(super) initial: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) window: Span,
    pub(super) minimum_calls: u32,
}

impl TryFrom<&AdaptiveSettings> for AdaptiveConfig {
    type Error = ConfigErrors;

    fn try_from(settings: &AdaptiveSettings) -> Result<Self, ConfigErrors> {
        let mut check = Check::default();
        let min = check.count("min", settings.min.unwrap_or(DEFAULT_MIN));
        let max = settings.max.unwrap_or(DEFAULT_MAX.max(f64::from(min)));
        let max = check.count("max", max);
        let (min, max) = (f64::from(min), f64::from(max));
        if min > max {
            check.report("max", Problem::Range, "at least min");
        }
        let initial = match settings.initial {
            Some(value) => check.number("initial", value, Range::whole(min, max), INITIAL),
            None => DEFAULT_INITIAL.min(max).max(min),
        };
        let minimum_calls = settings.minimum_calls.unwrap_or(DEFAULT_MINIMUM_CALLS);
        let config = Self {
            algorithm: settings.algorithm.unwrap_or_default(),
            initial,
            min,
            max,
            window: check.span("window", settings.window.unwrap_or(DEFAULT_WINDOW)),
            minimum_calls: check.count("minimumCalls", minimum_calls),
        };
        check.finish(config)
    }
}

const _: () = assert!(MAX_COUNT < u32::MAX as f64, "a limit fits");

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn reports_all_problems_at_once() {
        let settings = AdaptiveSettings {
            initial: Some(500.0),
            min: Some(50.0),
            max: Some(49.0),
            window: Some(0.0),
            minimum_calls: Some(0.0),
            ..AdaptiveSettings::default()
        };
        assert_eq!(
            AdaptiveConfig::try_from(&settings).unwrap_err().to_string(),
            "max must be at least min; \
             initial must be a whole number from min to max; \
             window must be a number of milliseconds from 1 to 31536000000; \
             minimumCalls must be a whole number from 1 to 1000000"
        );
    }

    #[test]
    fn reports_each_invalid_option_once() {
        for initial in [0.0, 1.5, 201.0, f64::NAN] {
            let settings = AdaptiveSettings {
                initial: Some(initial),
                ..AdaptiveSettings::default()
            };
            assert_eq!(
                AdaptiveConfig::try_from(&settings).unwrap_err().to_string(),
                "initial must be a whole number from min to max"
            );
        }
        let backwards = AdaptiveSettings {
            min: Some(30.0),
            max: Some(10.0),
            ..AdaptiveSettings::default()
        };
        assert_eq!(
            AdaptiveConfig::try_from(&backwards)
                .unwrap_err()
                .to_string(),
            "max must be at least min"
        );
    }

    #[test]
    fn defaults_adapt_to_the_options_that_are_set() {
        let high = AdaptiveSettings {
            min: Some(300.0),
            ..AdaptiveSettings::default()
        };
        assert_eq!(AdaptiveConfig::try_from(&high).unwrap().initial, 300.0);
    }
}
