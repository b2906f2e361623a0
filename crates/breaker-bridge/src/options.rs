//! Reader of the options from JavaScript. It checks names and types; `breaker_core` checks the values. All problems
//! are reported at once.

mod nested;

use crate::problem::{Kind, Problem};
use crate::value::Value;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use breaker_core::Config;
use breaker_core::settings::{OpenTimeSettings, Settings, WindowSettings};

const OPTIONS: &str = "an object with options";
const RESET_TIMEOUT: &str = "a number of milliseconds, or {initial, factor, max, jitter}";
const BOOLEAN: &str = "true or false";

/// Names in the core of options that have an alias.
const OPEN_TIME_PATH: &str = "resetTimeout.initial";
const WINDOW_PATH: &str = "window.duration";

/// Validated options.
#[derive(Clone, Debug)]
pub struct Options {
    /// Configuration that breakers with equal options share.
    pub config: Config,
    /// Start of the breaker's sequence of random numbers.
    pub seed: u64,
}

/// Reads options.
///
/// # Errors
/// Returns all problems.
pub fn parse(options: &Value) -> Result<Options, Vec<Problem>> {
    let mut reader = Reader::default();
    let mut settings = Settings::default();
    let Value::Object(properties) = options else {
        return Err(vec![Problem {
            option: String::new(),
            kind: Kind::Type,
            expected: OPTIONS,
        }]);
    };
    for (name, value) in properties {
        reader.read(name, value, &mut settings);
    }
    reader.finish(&settings)
}

/// Collects problems, and the aliases that the options use.
#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
    mistyped: Vec<String>,
    open_time: Option<&'static str>,
    window: Option<&'static str>,
}

impl Reader {
    fn read(&mut self, name: &str, value: &Value, settings: &mut Settings) {
        match name {
            "failureThreshold" => settings.failure_threshold = self.number(name, value),
            "consecutiveFailureThreshold" => {
                settings.consecutive_failure_threshold = self.number(name, value)
            }
            "failureRateThreshold" => settings.failure_rate_threshold = self.number(name, value),
            "slowCallRateThreshold" => settings.slow_call_rate_threshold = self.number(name, value),
            "slowCallDuration" => settings.slow_call_duration = self.number(name, value),
            "minimumCalls" => settings.minimum_calls = self.number(name, value),
            "successThreshold" => settings.success_threshold = self.number(name, value),
            "maxConcurrentRequests" => settings.max_concurrent_requests = self.number(name, value),
            "seed" => settings.seed = self.number(name, value),
            "timeout" if *value == Value::Bool(false) => settings.timeout = Some(0.0),
            "timeout" => settings.timeout = self.number(name, value),
            "responseTimes" => settings.response_times = self.boolean(name, value),
            "resetTimeout" => self.open_time("resetTimeout", value, settings),
            "retryDelay" => self.open_time("retryDelay", value, settings),
            "window" => self.window("window", |reader| reader.window_shape(value), settings),
            "monitoringWindow" => self.monitoring_window("monitoringWindow", value, settings),
            "monitoringPeriod" => self.monitoring_window("monitoringPeriod", value, settings),
            "halfOpen" => settings.half_open = self.half_open(value),
            "recovery" => settings.recovery = self.recovery(value),
            "inFlight" => settings.in_flight = self.in_flight(value),
            _ => self.report(name, Kind::Unknown, ""),
        }
    }

    /// Validates the values, and reports each problem under the name that the options use.
    fn finish(mut self, settings: &Settings) -> Result<Options, Vec<Problem>> {
        let config = Config::try_from(settings);
        for error in config
            .as_ref()
            .err()
            .into_iter()
            .flat_map(|errors| &errors.0)
        {
            let option = match (error.option, self.open_time, self.window) {
                (OPEN_TIME_PATH, Some(alias), _) => alias,
                (WINDOW_PATH, _, Some(alias)) if alias != "window" => alias,
                (option, _, _) => option,
            };
            let mistyped = self.mistyped.iter().any(|name| name == option);
            let kind = if mistyped {
                Kind::Type
            } else {
                error.problem.into()
            };
            self.report(option, kind, error.expected);
        }
        match config {
            Ok(config) if self.problems.is_empty() => {
                let seed = settings.seed.unwrap_or(0.0) as u64;
                Ok(Options { config, seed })
            }
            _ => Err(self.problems),
        }
    }

    fn report(&mut self, option: &str, kind: Kind, expected: &'static str) {
        self.problems.push(Problem {
            option: option.to_owned(),
            kind,
            expected,
        });
    }

    /// Reads a number. Any other type becomes NaN, which no range contains, so that the core reports the accepted
    /// values.
    fn number(&mut self, option: &str, value: &Value) -> Option<f64> {
        if let Value::Number(number) = value {
            return Some(*number);
        }
        self.mistyped.push(option.to_owned());
        Some(f64::NAN)
    }

    fn boolean(&mut self, option: &str, value: &Value) -> Option<bool> {
        if let Value::Bool(boolean) = value {
            return Some(*boolean);
        }
        self.report(option, Kind::Type, BOOLEAN);
        None
    }

    fn object<'v>(
        &mut self,
        option: &str,
        value: &'v Value,
        expected: &'static str,
    ) -> Option<&'v [(String, Value)]> {
        if let Value::Object(properties) = value {
            return Some(properties);
        }
        self.report(option, Kind::Type, expected);
        None
    }

    fn unknown(&mut self, parent: &str, name: &str) {
        self.report(&[parent, ".", name].concat(), Kind::Unknown, "");
    }

    fn open_time(&mut self, name: &'static str, value: &Value, settings: &mut Settings) {
        if let Some(other) = self.open_time.replace(name) {
            self.report(name, Kind::Conflict, omitted_with(other));
            return;
        }
        let Value::Object(properties) = value else {
            let Value::Number(initial) = value else {
                self.report(name, Kind::Type, RESET_TIMEOUT);
                return;
            };
            settings.open_time = OpenTimeSettings {
                initial: Some(*initial),
                ..OpenTimeSettings::default()
            };
            return;
        };
        if name != "resetTimeout" {
            self.report(
                name,
                Kind::Type,
                "a number of milliseconds; use resetTimeout for a growing open time",
            );
            return;
        }
        self.open_time = Some(OPEN_TIME_PATH);
        let mut open_time = OpenTimeSettings {
            grows: true,
            ..OpenTimeSettings::default()
        };
        for (name, value) in properties {
            match name.as_str() {
                "initial" => open_time.initial = self.number(OPEN_TIME_PATH, value),
                "factor" => open_time.factor = self.number("resetTimeout.factor", value),
                "max" => open_time.max = self.number("resetTimeout.max", value),
                "jitter" => open_time.jitter = self.number("resetTimeout.jitter", value),
                _ => self.unknown("resetTimeout", name),
            }
        }
        settings.open_time = open_time;
    }

    fn monitoring_window(&mut self, name: &'static str, value: &Value, settings: &mut Settings) {
        let shape = |reader: &mut Self| {
            Some(WindowSettings::Time {
                duration: reader.number(name, value),
                buckets: None,
            })
        };
        self.window(name, shape, settings);
    }

    fn window(
        &mut self,
        name: &'static str,
        shape: impl FnOnce(&mut Self) -> Option<WindowSettings>,
        settings: &mut Settings,
    ) {
        if let Some(other) = self.window.replace(name) {
            self.report(name, Kind::Conflict, omitted_with(other));
            return;
        }
        if let Some(window) = shape(self) {
            settings.window = window;
        }
    }
}

fn omitted_with(other: &str) -> &'static str {
    match other {
        "resetTimeout" | OPEN_TIME_PATH => "omitted when resetTimeout is set",
        "retryDelay" => "omitted when retryDelay is set",
        "monitoringWindow" => "omitted when monitoringWindow is set",
        "monitoringPeriod" => "omitted when monitoringPeriod is set",
        _ => "omitted when window is set",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(json: &str) -> Vec<(String, Kind)> {
        let options: Value = serde_json::from_str(json).unwrap();
        let problems = parse(&options).err().unwrap_or_default();
        problems
            .into_iter()
            .map(|problem| (problem.option, problem.kind))
            .collect()
    }

    fn only(option: &str, kind: Kind) -> Vec<(String, Kind)> {
        vec![(option.to_owned(), kind)]
    }

    #[test]
    fn a_problem_is_reported_under_the_alias_in_use() {
        assert_eq!(
            problems(r#"{"retryDelay": -1}"#),
            only("retryDelay", Kind::Range)
        );
        assert_eq!(
            problems(r#"{"resetTimeout": "1s"}"#),
            only("resetTimeout", Kind::Type)
        );
        assert_eq!(
            problems(r#"{"resetTimeout": {"initial": 0}}"#),
            only("resetTimeout.initial", Kind::Range)
        );
        assert_eq!(
            problems(r#"{"monitoringPeriod": "x"}"#),
            only("monitoringPeriod", Kind::Type)
        );
        assert_eq!(
            problems(r#"{"window": {"type": "time", "duration": 0}}"#),
            only("window.duration", Kind::Range)
        );
    }

    #[test]
    fn an_option_and_its_alias_exclude_each_other() {
        assert_eq!(
            problems(r#"{"resetTimeout": 1, "retryDelay": 1}"#),
            only("retryDelay", Kind::Conflict)
        );
        let both = r#"{"monitoringPeriod": 1, "window": {"type": "count"}}"#;
        assert_eq!(problems(both), only("window", Kind::Conflict));
    }

    #[test]
    fn a_conflict_names_the_other_option() {
        for (option, value, excluded) in [
            ("resetTimeout", "1", "retryDelay"),
            ("resetTimeout", "{}", "retryDelay"),
            ("retryDelay", "1", "resetTimeout"),
            ("monitoringWindow", "1", "monitoringPeriod"),
            ("monitoringPeriod", "1", "monitoringWindow"),
            ("window", r#"{"type": "count"}"#, "monitoringWindow"),
        ] {
            let json = std::format!(r#"{{"{option}": {value}, "{excluded}": 1}}"#);
            let problems = parse(&serde_json::from_str(&json).unwrap()).unwrap_err();
            let expected: Vec<_> = problems.iter().map(|problem| problem.expected).collect();
            assert_eq!(
                expected,
                [std::format!("omitted when {option} is set")],
                "{json}"
            );
        }
    }

    #[test]
    fn unknown_options_are_rejected_at_every_depth() {
        assert_eq!(
            problems(r#"{"__proto__": {}}"#),
            only("__proto__", Kind::Unknown)
        );
        assert_eq!(
            problems(r#"{"window": {"type": "count", "buckets": 3}}"#),
            only("window.buckets", Kind::Unknown)
        );
        assert_eq!(problems(r#"[]"#), only("", Kind::Type));
    }
}
