//! Options in their JSON form, and their defaults. Written times are milliseconds.

use crate::clock::{Micros, micros, scaled};
use serde::{Deserialize, Serialize};

/// Options in their JSON form.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_threshold: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consecutive_failure_threshold: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_rate_threshold: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow_call_rate_threshold: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow_call_duration: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_calls: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<WrittenWindow>,
    #[serde(alias = "monitoringPeriod", skip_serializing_if = "Option::is_none")]
    pub monitoring_window: Option<f64>,
    #[serde(alias = "retryDelay", skip_serializing_if = "Option::is_none")]
    pub reset_timeout: Option<WrittenOpenTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_threshold: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_open: Option<HalfOpen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrent_requests: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<WrittenNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<InFlight>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_times: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// Window in its JSON form.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum WrittenWindow {
    Time {
        #[serde(skip_serializing_if = "Option::is_none")]
        duration: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        buckets: Option<u64>,
    },
    Count {
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<u64>,
    },
}

/// Open time in its JSON form: one number, or its growth.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
pub enum WrittenOpenTime {
    Fixed(f64),
    Growing {
        #[serde(skip_serializing_if = "Option::is_none")]
        initial: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        factor: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        jitter: Option<f64>,
    },
}

/// Verdict by the failure rate of a number of probes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HalfOpen {
    pub calls: u64,
    pub failure_rate_threshold: f64,
}

/// Timeout or limit in its JSON form: a number, or `false`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
pub enum WrittenNumber {
    Value(f64),
    Off(bool),
}

/// Ramp in its JSON form.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    pub ramp: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_share: Option<f64>,
}

/// Watching of calls in flight, in its JSON form.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct InFlight {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<WrittenNumber>,
}

/// Window that the rules read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Window {
    /// The calls of the last `duration`, in steps of one bucket.
    Time { duration: Micros, buckets: i64 },
    /// The last `size` calls.
    Count { size: u64 },
}

/// Open time of the circuit.
#[derive(Clone, Copy, Debug)]
pub struct OpenTime {
    pub initial: Micros,
    pub factor: f64,
    pub max: Micros,
    pub jitter: f64,
}

/// Rule that closes or reopens a half-open circuit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// This many successes close the circuit, one failure opens it.
    Successes { required: u64 },
    /// The failure rate of this many probes decides.
    FailureRate { calls: u64, threshold: f64 },
}

/// Ramp: its duration, and the share of calls admitted at its start.
#[derive(Clone, Copy, Debug)]
pub struct Ramp {
    pub duration: Micros,
    pub initial_share: f64,
}

impl Options {
    /// Returns the number of failures in a row that opens the circuit. Without any rule the default is 5.
    #[must_use]
    pub fn failures_in_a_row(&self) -> Option<u64> {
        self.consecutive_failure_threshold
            .or(self.has_no_rule().then_some(5))
    }

    /// Returns the failure rate that opens the circuit. Without any rule the default is 0.5.
    #[must_use]
    pub fn failure_rate(&self) -> Option<f64> {
        self.failure_rate_threshold
            .or(self.has_no_rule().then_some(0.5))
    }

    fn has_no_rule(&self) -> bool {
        self.failure_threshold.is_none()
            && self.consecutive_failure_threshold.is_none()
            && self.failure_rate_threshold.is_none()
            && self.slow_call_rate_threshold.is_none()
    }

    /// Returns the number of calls in the window before a rate applies: 20 by default, or the size of the window if
    /// that is smaller.
    #[must_use]
    pub fn minimum(&self) -> u64 {
        self.minimum_calls
            .unwrap_or_else(|| self.at_most_the_window(20))
    }

    /// Returns the duration from which a call is slow, if a rule counts slow calls.
    #[must_use]
    pub fn slow_from(&self) -> Option<Micros> {
        self.slow_call_rate_threshold?;
        self.slow_call_duration.map(micros)
    }

    /// Returns the window: 60 s in 10 buckets by default. A count window holds 100 calls by default.
    #[must_use]
    pub fn window(&self) -> Window {
        let time = |duration: Option<f64>, buckets: Option<u64>| Window::Time {
            duration: micros(duration.unwrap_or(60_000.0)),
            buckets: buckets.unwrap_or(10) as i64,
        };
        match self.window {
            Some(WrittenWindow::Time { duration, buckets }) => time(duration, buckets),
            Some(WrittenWindow::Count { size }) => Window::Count {
                size: size.unwrap_or(100),
            },
            None => time(self.monitoring_window, None),
        }
    }

    /// Returns the open time: 60 s by default. As an object it doubles by default, up to ten times the first.
    #[must_use]
    pub fn open_time(&self) -> OpenTime {
        let (initial, factor, max, jitter) = match self.reset_timeout {
            None => (None, 1.0, None, None),
            Some(WrittenOpenTime::Fixed(initial)) => (Some(initial), 1.0, None, None),
            Some(WrittenOpenTime::Growing {
                initial,
                factor,
                max,
                jitter,
            }) => (initial, factor.unwrap_or(2.0), max, jitter),
        };
        let initial = micros(initial.unwrap_or(60_000.0));
        OpenTime {
            initial,
            factor,
            max: max.map_or(scaled(initial, 10.0), micros),
            jitter: jitter.unwrap_or(0.0),
        }
    }

    /// Returns the verdict rule: two successes by default.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.half_open {
            Some(HalfOpen {
                calls,
                failure_rate_threshold,
            }) => Verdict::FailureRate {
                calls,
                threshold: failure_rate_threshold,
            },
            None => Verdict::Successes {
                required: self.success_threshold.unwrap_or(2),
            },
        }
    }

    /// Returns the number of concurrent probes: 1 by default.
    #[must_use]
    pub fn probes_at_once(&self) -> usize {
        self.max_concurrent_requests.unwrap_or(1) as usize
    }

    /// Returns the timeout of a call: 30 s by default; `None` for 0 or `false`.
    #[must_use]
    pub fn call_timeout(&self) -> Option<Micros> {
        match self.timeout {
            None => Some(micros(30_000.0)),
            Some(WrittenNumber::Value(value)) => (value != 0.0).then(|| micros(value)),
            Some(WrittenNumber::Off(_)) => None,
        }
    }

    /// Returns the ramp: none by default. A ramp starts with a tenth of the calls by default.
    #[must_use]
    pub fn ramp(&self) -> Option<Ramp> {
        self.recovery.map(|recovery| Ramp {
            duration: micros(recovery.ramp),
            initial_share: recovery.initial_share.unwrap_or(0.1),
        })
    }

    /// Returns the limit of unanswered calls while the dependency is unproven: 10 by default; `None` if calls in
    /// flight are not watched.
    #[must_use]
    pub fn in_flight_limit(&self) -> Option<u64> {
        match self.in_flight?.limit {
            None => Some(10),
            Some(WrittenNumber::Value(value)) => (value != 0.0).then_some(value as u64),
            Some(WrittenNumber::Off(_)) => None,
        }
    }

    /// Returns the duration after which a call in flight is overdue: the slow-call duration, else the timeout, else
    /// the initial open time.
    #[must_use]
    pub fn overdue_after(&self) -> Micros {
        let patience = self.slow_from().or(self.call_timeout());
        patience.unwrap_or(self.open_time().initial)
    }

    /// Whether response times are recorded; `true` by default.
    #[must_use]
    pub fn keeps_response_times(&self) -> bool {
        self.response_times.unwrap_or(true)
    }

    fn at_most_the_window(&self, calls: u64) -> u64 {
        match self.window() {
            Window::Count { size } => calls.min(size),
            Window::Time { .. } => calls,
        }
    }
}
