//! Options as they are once proven sound, and what is told where they are not.

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

/// One thing that is wrong with the settings.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{option} must be {expected}")]
pub struct ConfigError {
    /// Which option, as a path such as `window.size`.
    pub option: &'static str,
    /// What kind of thing is wrong.
    pub problem: Problem,
    /// What it takes instead.
    pub expected: &'static str,
}

/// What kind of thing is wrong with an option.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Problem {
    /// It excludes another option that was given too.
    Conflict,
    /// It is needed by what was given.
    Missing,
    /// Its value is out of range.
    Range,
}

/// Everything that is wrong with the settings.
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

/// Settings that have been proven sound.
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
    fn all_problems_are_told_at_once() {
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
    fn the_default_rule_stands_alone() {
        let rules = |settings: &Settings| Config::try_from(settings).unwrap().rules;
        assert_eq!(rules(&Settings::default()).failures, Some(5));
        let rate = Settings {
            failure_rate_threshold: Some(0.5),
            ..Settings::default()
        };
        assert_eq!(rules(&rate).failures, None);
    }

    #[test]
    fn a_rule_that_could_never_trip_is_refused() {
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
