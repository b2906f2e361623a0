//! Validation of settings.

use crate::backoff::OpenTime;
use crate::config::{Config, ConfigErrors, Problem};
use crate::half_open::{ProbeConfig, VerdictRule};
use crate::in_flight::InFlightConfig;
use crate::problems::{Check, MAX_COUNT, MAX_SPAN, MAX_TIMEOUT, Range};
use crate::ramp::Ramp;
use crate::rules::{Rules, SlowCalls};
use crate::settings::{
    DEFAULT_BUCKETS, DEFAULT_CONSECUTIVE_FAILURES, DEFAULT_FAILURE_RATE, DEFAULT_IN_FLIGHT_LIMIT,
    DEFAULT_INITIAL_SHARE, DEFAULT_MAX_CONCURRENT, DEFAULT_MINIMUM_CALLS, DEFAULT_OPEN_TIME,
    DEFAULT_OPEN_TIME_FACTOR, DEFAULT_OPEN_TIME_GROWTH, DEFAULT_SUCCESS_THRESHOLD, DEFAULT_TIMEOUT,
    DEFAULT_WINDOW, DEFAULT_WINDOW_SIZE, InFlightSettings, OpenTimeSettings, RecoverySettings,
    Settings, WindowSettings,
};
use crate::time::Span;
use crate::window::WindowConfig;

const MAX_PROBES: f64 = 10_000.0;
const MAX_BUCKETS: f64 = 1_000.0;
const MAX_FACTOR: f64 = 100.0;

const PROBES: &str = "a whole number from 1 to 10000";
const BUCKETS: &str = "a whole number from 1 to 1000";
const FACTOR: &str = "a number from 1 to 100";
const IN_FLIGHT_LIMIT: &str = "a whole number from 1 to 1000000, or 0 or false for none";
const TIMEOUT: &str = "a number of milliseconds from 1 to 2147483647, or 0 or false for none";

impl TryFrom<&Settings> for Config {
    type Error = ConfigErrors;

    fn try_from(settings: &Settings) -> Result<Self, ConfigErrors> {
        let mut check = Check::default();
        let mut config = Self {
            window: check.window(&settings.window),
            rules: check.rules(settings),
            probes: check.probes(settings),
            open_time: check.open_time(&settings.open_time),
            ramp: check.ramp(settings.recovery.as_ref()),
            in_flight: None,
            timeout: check.timeout(settings.timeout),
            response_times: settings.response_times.unwrap_or(true),
        };
        config.in_flight = check.in_flight(settings.in_flight.as_ref(), &config);
        check.seed(settings.seed);
        if config.rules.slow_calls.is_some() && !config.response_times {
            check.report(
                "responseTimes",
                Problem::Conflict,
                "true when slowCallRateThreshold is set",
            );
        }
        check.finish(config)
    }
}

impl Check {
    fn window(&mut self, window: &WindowSettings) -> WindowConfig {
        match *window {
            WindowSettings::Count { size } => WindowConfig::Count {
                size: self.count("window.size", size.unwrap_or(DEFAULT_WINDOW_SIZE)),
            },
            WindowSettings::Time { duration, buckets } => {
                let buckets = buckets.unwrap_or(DEFAULT_BUCKETS);
                WindowConfig::Time {
                    duration: self.span("window.duration", duration.unwrap_or(DEFAULT_WINDOW)),
                    buckets: self.number(
                        "window.buckets",
                        buckets,
                        Range::whole(1.0, MAX_BUCKETS),
                        BUCKETS,
                    ) as u32,
                }
            }
        }
    }

    fn rules(&mut self, settings: &Settings) -> Rules {
        let or_default = |given: Option<f64>, default: f64| {
            given.or_else(|| (!settings.has_rule()).then_some(default))
        };
        let in_a_row = or_default(
            settings.consecutive_failure_threshold,
            DEFAULT_CONSECUTIVE_FAILURES,
        );
        let failure_rate = or_default(settings.failure_rate_threshold, DEFAULT_FAILURE_RATE);
        let rules = Rules {
            failures: settings
                .failure_threshold
                .map(|value| self.count("failureThreshold", value)),
            consecutive_failures: in_a_row
                .map(|value| self.count("consecutiveFailureThreshold", value)),
            failure_rate: failure_rate.map(|value| self.rate("failureRateThreshold", value)),
            slow_calls: self.slow_calls(settings),
            minimum_calls: self.minimum_calls(settings),
        };
        self.reachable(settings);
        rules
    }

    fn slow_calls(&mut self, settings: &Settings) -> Option<SlowCalls> {
        match (
            settings.slow_call_rate_threshold,
            settings.slow_call_duration,
        ) {
            (Some(rate), Some(duration)) => Some(SlowCalls {
                rate: self.rate("slowCallRateThreshold", rate),
                duration: self.span("slowCallDuration", duration),
            }),
            (Some(rate), None) => {
                self.rate("slowCallRateThreshold", rate);
                self.report(
                    "slowCallDuration",
                    Problem::Missing,
                    "set together with slowCallRateThreshold",
                );
                None
            }
            (None, Some(duration)) => {
                self.span("slowCallDuration", duration);
                self.report(
                    "slowCallRateThreshold",
                    Problem::Missing,
                    "set together with slowCallDuration",
                );
                None
            }
            (None, None) => None,
        }
    }

    fn minimum_calls(&mut self, settings: &Settings) -> u32 {
        let has_rate_rule = settings.failure_rate_threshold.is_some()
            || settings.slow_call_rate_threshold.is_some()
            || !settings.has_rule();
        match settings.minimum_calls {
            Some(calls) => {
                if !has_rate_rule {
                    let expected = "set only together with failureRateThreshold or slowCallRateThreshold, or without any threshold";
                    self.report("minimumCalls", Problem::Conflict, expected);
                }
                self.count("minimumCalls", calls)
            }
            None => DEFAULT_MINIMUM_CALLS.min(window_size(&settings.window)) as u32,
        }
    }

    /// Reports thresholds that exceed the size of a count window, and could never be reached.
    fn reachable(&mut self, settings: &Settings) {
        let size = window_size(&settings.window);
        for (option, wanted) in [
            ("failureThreshold", settings.failure_threshold),
            ("minimumCalls", settings.minimum_calls),
        ] {
            if wanted.is_some_and(|wanted| wanted > size) {
                let expected = "at most window.size, or it could never be reached";
                self.report(option, Problem::Range, expected);
            }
        }
    }

    fn probes(&mut self, settings: &Settings) -> ProbeConfig {
        let max_concurrent = settings
            .max_concurrent_requests
            .unwrap_or(DEFAULT_MAX_CONCURRENT);
        let max_concurrent = self.number(
            "maxConcurrentRequests",
            max_concurrent,
            Range::whole(1.0, MAX_PROBES),
            PROBES,
        ) as u16;
        ProbeConfig {
            max_concurrent,
            verdict: self.verdict(settings),
        }
    }

    fn verdict(&mut self, settings: &Settings) -> VerdictRule {
        let Some(half_open) = &settings.half_open else {
            let required = settings
                .success_threshold
                .unwrap_or(DEFAULT_SUCCESS_THRESHOLD);
            return VerdictRule::Successes {
                required: self.count("successThreshold", required),
            };
        };
        if let Some(required) = settings.success_threshold {
            self.count("successThreshold", required);
            self.report(
                "successThreshold",
                Problem::Conflict,
                "omitted when halfOpen is set",
            );
        }
        let calls = self.required(
            "halfOpen.calls",
            half_open.calls,
            "set: the number of probes that decide",
        );
        let threshold = self.required(
            "halfOpen.failureRateThreshold",
            half_open.failure_rate_threshold,
            "set: the failure rate of the probes that reopens the circuit",
        );
        VerdictRule::FailureRate {
            calls: calls.map_or(1, |calls| {
                self.number(
                    "halfOpen.calls",
                    calls,
                    Range::whole(1.0, MAX_PROBES),
                    PROBES,
                ) as u32
            }),
            threshold: threshold.map_or(1.0, |threshold| {
                self.rate("halfOpen.failureRateThreshold", threshold)
            }),
        }
    }

    fn open_time(&mut self, settings: &OpenTimeSettings) -> OpenTime {
        let initial_millis = settings.initial.unwrap_or(DEFAULT_OPEN_TIME);
        let initial = self.span("resetTimeout.initial", initial_millis);
        let default_factor = if settings.grows {
            DEFAULT_OPEN_TIME_FACTOR
        } else {
            1.0
        };
        let factor = settings.factor.unwrap_or(default_factor);
        let max = match settings.max {
            Some(max) => {
                let span = self.span("resetTimeout.max", max);
                if max < initial_millis {
                    self.report(
                        "resetTimeout.max",
                        Problem::Range,
                        "at least resetTimeout.initial",
                    );
                }
                span
            }
            None => initial
                .scaled(DEFAULT_OPEN_TIME_GROWTH)
                .min(Span::from_millis(MAX_SPAN)),
        };
        OpenTime {
            initial,
            factor: self.number(
                "resetTimeout.factor",
                factor,
                Range::any(1.0, MAX_FACTOR),
                FACTOR,
            ),
            max,
            jitter: self.share("resetTimeout.jitter", settings.jitter.unwrap_or(0.0)),
        }
    }

    fn ramp(&mut self, settings: Option<&RecoverySettings>) -> Option<Ramp> {
        let settings = settings?;
        let initial_share = settings.initial_share.unwrap_or(DEFAULT_INITIAL_SHARE);
        let initial_share = self.rate("recovery.initialShare", initial_share);
        let duration = self.required(
            "recovery.ramp",
            settings.ramp,
            "set: the milliseconds until all calls are admitted",
        )?;
        Some(Ramp {
            duration: self.span("recovery.ramp", duration),
            initial_share,
        })
    }

    /// Reads the watching of calls in flight. Without a limit it serves the slow-call rule alone.
    fn in_flight(
        &mut self,
        settings: Option<&InFlightSettings>,
        config: &Config,
    ) -> Option<InFlightConfig> {
        let limit = settings?.limit.unwrap_or(DEFAULT_IN_FLIGHT_LIMIT);
        let slow_calls = config.rules.slow_calls;
        let limit = if limit == 0.0 {
            if slow_calls.is_none() {
                let expected = "a number when slowCallRateThreshold is omitted";
                self.report("inFlight.limit", Problem::Conflict, expected);
            }
            None
        } else {
            let range = Range::whole(1.0, MAX_COUNT);
            Some(self.number("inFlight.limit", limit, range, IN_FLIGHT_LIMIT) as u32)
        };
        let patience = slow_calls.map(|rule| rule.duration).or(config.timeout);
        Some(InFlightConfig {
            limit,
            overdue_after: patience.unwrap_or(config.open_time.initial),
        })
    }

    fn timeout(&mut self, timeout: Option<f64>) -> Option<Span> {
        let timeout = timeout.unwrap_or(DEFAULT_TIMEOUT);
        if timeout == 0.0 {
            return None;
        }
        Some(self.time("timeout", timeout, Range::any(1.0, MAX_TIMEOUT), TIMEOUT))
    }
}

/// Returns the number of calls that the window can hold; infinite for a time window, or if the size itself is
/// invalid.
fn window_size(window: &WindowSettings) -> f64 {
    match *window {
        WindowSettings::Time { .. } => f64::INFINITY,
        WindowSettings::Count { size } => {
            let size = size.unwrap_or(DEFAULT_WINDOW_SIZE);
            if Range::whole(1.0, MAX_COUNT).holds(size) {
                size
            } else {
                f64::INFINITY
            }
        }
    }
}
