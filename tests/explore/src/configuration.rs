//! The explored breakers: small, so that all of their behaviour shows within a few steps.

use breaker_core::settings::{
    HalfOpenSettings, InFlightSettings, OpenTimeSettings, RecoverySettings, Settings,
    WindowSettings,
};
use breaker_core::{Breaker, Config, Instant};
use std::sync::Arc;

pub const MILLI: u64 = 1_000;
/// Duration from which a call is slow, in milliseconds.
pub const SLOW: u64 = 2;
/// Time for which `openFor` leaves the dependency alone, in milliseconds.
pub const OPEN_FOR: u64 = 2;

/// Options of an explored breaker: counts, shares and whole milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Configuration {
    pub name: &'static str,
    pub failures: Option<u32>,
    pub failures_in_a_row: Option<u32>,
    pub failure_rate: Option<f64>,
    pub slow_rate: Option<f64>,
    pub minimum_calls: u32,
    pub window: Window,
    pub max_probes: u16,
    pub verdict: Verdict,
    pub timeout: Option<u64>,
    pub open_time: OpenTime,
    pub ramp: Option<Ramp>,
    /// Limit of unanswered calls while the dependency is unproven; 0 for no limit, `None` if calls in flight are not
    /// watched.
    pub in_flight: Option<u32>,
    /// Length of the longest explored path: with calls alone, and with overrides.
    pub depth: [usize; 2],
}

#[derive(Clone, Copy, Debug)]
pub enum Window {
    Count { size: u32 },
    Time { duration: u64, buckets: u64 },
}

#[derive(Clone, Copy, Debug)]
pub enum Verdict {
    Successes(u32),
    Rate { calls: u32, threshold: f64 },
}

#[derive(Clone, Copy, Debug)]
pub struct OpenTime {
    pub initial: u64,
    pub factor: u64,
    pub max: u64,
}

#[derive(Clone, Copy, Debug)]
pub struct Ramp {
    pub duration: u64,
    pub initial_share: f64,
}

const PLAIN: Configuration = Configuration {
    name: "",
    failures: None,
    failures_in_a_row: None,
    failure_rate: None,
    slow_rate: None,
    minimum_calls: 2,
    window: Window::Count { size: 3 },
    max_probes: 1,
    verdict: Verdict::Successes(1),
    timeout: None,
    open_time: OpenTime {
        initial: 3,
        factor: 1,
        max: 30,
    },
    ramp: None,
    in_flight: None,
    depth: [10, 8],
};

const TIME_WINDOW: Window = Window::Time {
    duration: 4,
    buckets: 2,
};

/// Each rule alone, rules together, both windows. The later ones open at the first failure, and show probes and
/// recovery.
pub const CONFIGURATIONS: [Configuration; 18] = [
    Configuration {
        name: "failures in a count window",
        failures: Some(2),
        ..PLAIN
    },
    Configuration {
        name: "failures in a time window",
        failures: Some(2),
        window: TIME_WINDOW,
        ..PLAIN
    },
    Configuration {
        name: "failures in a row",
        failures_in_a_row: Some(2),
        ..PLAIN
    },
    Configuration {
        name: "failure rate in a count window",
        failure_rate: Some(0.5),
        ..PLAIN
    },
    Configuration {
        name: "failure rate in a time window",
        failure_rate: Some(0.6),
        window: TIME_WINDOW,
        ..PLAIN
    },
    Configuration {
        name: "slow calls in a count window",
        slow_rate: Some(0.5),
        ..PLAIN
    },
    Configuration {
        name: "slow calls in a time window",
        slow_rate: Some(1.0),
        window: TIME_WINDOW,
        ..PLAIN
    },
    Configuration {
        name: "failures and failures in a row",
        failures: Some(3),
        failures_in_a_row: Some(2),
        window: TIME_WINDOW,
        ..PLAIN
    },
    Configuration {
        name: "failure rate and slow calls",
        failure_rate: Some(1.0),
        slow_rate: Some(0.5),
        ..PLAIN
    },
    Configuration {
        name: "failures in a row and failure rate",
        failures_in_a_row: Some(2),
        failure_rate: Some(0.5),
        ..PLAIN
    },
    Configuration {
        name: "one probe",
        failures: Some(1),
        verdict: Verdict::Successes(2),
        ..PLAIN
    },
    Configuration {
        name: "two probes",
        failures: Some(1),
        max_probes: 2,
        verdict: Verdict::Successes(2),
        timeout: Some(2),
        ..PLAIN
    },
    Configuration {
        name: "one probe, by failure rate",
        failures: Some(1),
        verdict: Verdict::Rate {
            calls: 3,
            threshold: 0.6,
        },
        timeout: Some(2),
        ..PLAIN
    },
    Configuration {
        name: "two probes, by failure rate",
        failures: Some(1),
        max_probes: 2,
        verdict: Verdict::Rate {
            calls: 2,
            threshold: 1.0,
        },
        timeout: Some(2),
        ..PLAIN
    },
    Configuration {
        name: "growing open time",
        failures: Some(1),
        open_time: OpenTime {
            initial: 2,
            factor: 2,
            max: 7,
        },
        ..PLAIN
    },
    Configuration {
        name: "ramp",
        failures: Some(1),
        timeout: Some(2),
        open_time: OpenTime {
            initial: 2,
            factor: 2,
            max: 7,
        },
        ramp: Some(Ramp {
            duration: 4,
            initial_share: 0.25,
        }),
        ..PLAIN
    },
    Configuration {
        name: "limited calls in flight",
        failures: Some(3),
        timeout: Some(2),
        in_flight: Some(2),
        depth: [8, 6],
        ..PLAIN
    },
    Configuration {
        name: "overdue calls in flight",
        slow_rate: Some(0.6),
        window: TIME_WINDOW,
        in_flight: Some(0),
        depth: [8, 6],
        ..PLAIN
    },
];

impl Configuration {
    /// Creates the breaker at `now`, in microseconds.
    #[must_use]
    pub fn breaker(&self, now: u64) -> Breaker {
        Breaker::new(self.config(), 0, Instant::from_micros(now))
    }

    /// Returns the validated options.
    ///
    /// # Panics
    /// The options are invalid.
    #[must_use]
    pub fn config(&self) -> Arc<Config> {
        match Config::try_from(&self.settings()) {
            Ok(config) => Arc::new(config),
            Err(errors) => panic!("{}: {errors}", self.name),
        }
    }

    /// Returns the open time after this many failed recoveries, in microseconds.
    #[must_use]
    pub fn open_time(&self, failed_recoveries: u32) -> u64 {
        let grown = self.open_time.initial * self.open_time.factor.pow(failed_recoveries);
        grown.min(self.open_time.max) * MILLI
    }

    /// Returns the duration after which a call in flight is overdue, in microseconds.
    #[must_use]
    pub fn overdue_after(&self) -> u64 {
        let slow = self.slow_rate.map(|_| SLOW);
        slow.or(self.timeout).unwrap_or(self.open_time.initial) * MILLI
    }

    /// Returns the options in the form of the core's settings.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let millis = |millis: u64| Some(millis as f64);
        Settings {
            failure_threshold: self.failures.map(f64::from),
            consecutive_failure_threshold: self.failures_in_a_row.map(f64::from),
            failure_rate_threshold: self.failure_rate,
            slow_call_rate_threshold: self.slow_rate,
            slow_call_duration: self.slow_rate.and(millis(SLOW)),
            minimum_calls: self
                .failure_rate
                .or(self.slow_rate)
                .map(|_| f64::from(self.minimum_calls)),
            success_threshold: match self.verdict {
                Verdict::Successes(required) => Some(f64::from(required)),
                Verdict::Rate { .. } => None,
            },
            half_open: match self.verdict {
                Verdict::Successes(_) => None,
                Verdict::Rate { calls, threshold } => Some(HalfOpenSettings {
                    calls: Some(f64::from(calls)),
                    failure_rate_threshold: Some(threshold),
                }),
            },
            max_concurrent_requests: Some(f64::from(self.max_probes)),
            timeout: millis(self.timeout.unwrap_or(0)),
            open_time: OpenTimeSettings {
                initial: millis(self.open_time.initial),
                factor: millis(self.open_time.factor),
                max: millis(self.open_time.max),
                ..OpenTimeSettings::default()
            },
            window: match self.window {
                Window::Count { size } => WindowSettings::Count {
                    size: Some(f64::from(size)),
                },
                Window::Time { duration, buckets } => WindowSettings::Time {
                    duration: millis(duration),
                    buckets: millis(buckets),
                },
            },
            recovery: self.ramp.map(|ramp| RecoverySettings {
                ramp: millis(ramp.duration),
                initial_share: Some(ramp.initial_share),
            }),
            in_flight: self.in_flight.map(|limit| InFlightSettings {
                limit: Some(f64::from(limit)),
            }),
            response_times: Some(self.slow_rate.is_some()),
            ..Settings::default()
        }
    }
}
