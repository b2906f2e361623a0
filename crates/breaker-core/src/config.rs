//! Validated options, and the errors of invalid ones.

use crate::backoff::OpenTime;
use crate::half_open::ProbeConfig;
use crate::in_flight::InFlightConfig;
use crate::ramp::Ramp;
use crate::rules::Rules;
use crate::time::Span;
use crate::window::WindowConfig;
use alloc::vec::Vec;
use core::fmt;
use thiserror::Error;

/// One invalid option.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{option} must be {expected}")]
pub struct ConfigError {
    /// Path of the option, such as `window.size`.
    pub option: &'static str,
    /// Kind of the problem.
    pub problem: Problem,
    /// Accepted values.
    pub expected: &'static str,
}

/// Kind of a problem with an option.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Problem {
    /// Another option excludes it.
    Conflict,
    /// Another option requires it.
    Missing,
    /// The value is out of range.
    Range,
}

/// All invalid options.
#[derive(Clone, Debug, Error, PartialEq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(formatter, "{separator}{error}")?;
        }
        Ok(())
    }
}

/// Validated settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub(crate) rules: Rules,
    pub(crate) window: WindowConfig,
    pub(crate) probes: ProbeConfig,
    pub(crate) open_time: OpenTime,
    pub(crate) ramp: Option<Ramp>,
    pub(crate) in_flight: Option<InFlightConfig>,
    pub(crate) timeout: Option<Span>,
    pub(crate) response_times: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Settings, WindowSettings};
    use std::string::ToString;

    fn errors(settings: &Settings) -> std::string::String {
        Config::try_from(settings).map_or_else(|errors| errors.to_string(), |_| "none".to_string())
    }

    #[test]
    fn reports_all_problems_at_once() {
        let settings = Settings {
            failure_threshold: Some(0.5),
            timeout: Some(f64::NAN),
            success_threshold: Some(-1.0),
            ..Settings::default()
        };
        assert_eq!(
            errors(&settings),
            "failureThreshold must be a whole number from 1 to 1000000; \
             successThreshold must be a whole number from 1 to 1000000; \
             timeout must be a number of milliseconds from 1 to 2147483647, or 0 or false for none"
        );
    }

    #[test]
    fn the_default_rules_apply_without_any_other() {
        let rules = |settings: &Settings| {
            let rules = Config::try_from(settings).unwrap().rules;
            (
                rules.failures,
                rules.consecutive_failures,
                rules.failure_rate,
            )
        };
        assert_eq!(rules(&Settings::default()), (None, Some(5), Some(0.5)));
        let rate = Settings {
            failure_rate_threshold: Some(0.3),
            ..Settings::default()
        };
        assert_eq!(rules(&rate), (None, None, Some(0.3)));
        let slow = Settings {
            slow_call_rate_threshold: Some(0.3),
            slow_call_duration: Some(1.0),
            ..Settings::default()
        };
        assert_eq!(rules(&slow), (None, None, None));
    }

    #[test]
    fn rejects_a_rule_that_could_never_trip() {
        let settings = Settings {
            failure_threshold: Some(11.0),
            window: WindowSettings::Count { size: Some(10.0) },
            ..Settings::default()
        };
        assert_eq!(
            errors(&settings),
            "failureThreshold must be at most window.size, or it could never be reached"
        );
    }
}
