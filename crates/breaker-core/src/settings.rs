//! Settings of a breaker, and their defaults. Times are in milliseconds.

/// Failures in a row that open the circuit if no rule is configured.
pub const DEFAULT_CONSECUTIVE_FAILURES: f64 = 5.0;
/// Failure rate that opens the circuit if no rule is configured.
pub const DEFAULT_FAILURE_RATE: f64 = 0.5;
/// Probe successes that close the circuit.
pub const DEFAULT_SUCCESS_THRESHOLD: f64 = 2.0;
/// Call timeout, in milliseconds.
pub const DEFAULT_TIMEOUT: f64 = 30_000.0;
/// First open time, in milliseconds.
pub const DEFAULT_OPEN_TIME: f64 = 60_000.0;
/// Growth factor of the open time, if it grows.
pub const DEFAULT_OPEN_TIME_FACTOR: f64 = 2.0;
/// Largest open time, as a multiple of the first one.
pub const DEFAULT_OPEN_TIME_GROWTH: f64 = 10.0;
/// Length of a time window, in milliseconds.
pub const DEFAULT_WINDOW: f64 = 60_000.0;
/// Number of buckets of a time window.
pub const DEFAULT_BUCKETS: f64 = 10.0;
/// Number of calls in a count window.
pub const DEFAULT_WINDOW_SIZE: f64 = 100.0;
/// Number of concurrent probes.
pub const DEFAULT_MAX_CONCURRENT: f64 = 1.0;
/// Number of calls in the window from which a rate applies.
pub const DEFAULT_MINIMUM_CALLS: f64 = 20.0;
/// Limit of unanswered calls while the dependency is unproven, if calls in flight are watched.
pub const DEFAULT_IN_FLIGHT_LIMIT: f64 = 10.0;
/// Share of calls that a ramp admits at its start.
pub const DEFAULT_INITIAL_SHARE: f64 = 0.1;

/// Settings of a breaker; `None` takes the default. Times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Failures in the window that open the circuit.
    pub failure_threshold: Option<f64>,
    /// Failures in a row that open the circuit.
    pub consecutive_failure_threshold: Option<f64>,
    /// Failure rate in the window that opens the circuit.
    pub failure_rate_threshold: Option<f64>,
    /// Slow-call rate in the window that opens the circuit.
    pub slow_call_rate_threshold: Option<f64>,
    /// Duration from which a call is slow.
    pub slow_call_duration: Option<f64>,
    /// Number of calls in the window from which a rate applies.
    pub minimum_calls: Option<f64>,
    /// Probe successes that close the circuit.
    pub success_threshold: Option<f64>,
    /// Number of concurrent probes.
    pub max_concurrent_requests: Option<f64>,
    /// Timeout of a call; 0 for none.
    pub timeout: Option<f64>,
    /// Open time of the circuit.
    pub open_time: OpenTimeSettings,
    /// Window that the rules read.
    pub window: WindowSettings,
    /// Verdict by the failure rate of a number of probes, instead of by successes.
    pub half_open: Option<HalfOpenSettings>,
    /// Ramp after a recovery.
    pub recovery: Option<RecoverySettings>,
    /// Watching of calls in flight.
    pub in_flight: Option<InFlightSettings>,
    /// Whether response times are recorded; `true` by default.
    pub response_times: Option<bool>,
    /// Seed of the random numbers for jitter. It is not part of the configuration, so that breakers which differ in
    /// nothing else can share theirs: pass it to [`Breaker::new`](crate::Breaker::new).
    pub seed: Option<f64>,
}

/// Settings of the open time.
#[derive(Clone, Debug, Default)]
pub struct OpenTimeSettings {
    /// First open time.
    pub initial: Option<f64>,
    /// Growth factor on each failed recovery; `None` for no growth, unless `max` or `grows` is set.
    pub factor: Option<f64>,
    /// Largest open time.
    pub max: Option<f64>,
    /// Share that is cut off at random.
    pub jitter: Option<f64>,
    /// Whether the growth factor takes its default.
    pub grows: bool,
}

/// Settings of the window.
#[derive(Clone, Debug)]
pub enum WindowSettings {
    /// The last calls.
    Count {
        /// Number of calls.
        size: Option<f64>,
    },
    /// The calls of the last period.
    Time {
        /// Length of the period.
        duration: Option<f64>,
        /// Number of buckets.
        buckets: Option<f64>,
    },
}

impl Settings {
    /// Whether any rule is configured. Without one, the default rules apply: five failures in a row, or half of at
    /// least twenty calls.
    #[must_use]
    pub fn has_rule(&self) -> bool {
        self.failure_threshold.is_some()
            || self.consecutive_failure_threshold.is_some()
            || self.failure_rate_threshold.is_some()
            || self.slow_call_rate_threshold.is_some()
    }
}

impl Default for WindowSettings {
    fn default() -> Self {
        Self::Time {
            duration: None,
            buckets: None,
        }
    }
}

/// Settings of the verdict by failure rate.
#[derive(Clone, Debug, Default)]
pub struct HalfOpenSettings {
    /// Number of probes.
    pub calls: Option<f64>,
    /// Failure rate that reopens the circuit.
    pub failure_rate_threshold: Option<f64>,
}

/// Settings of the ramp.
#[derive(Clone, Debug, Default)]
pub struct RecoverySettings {
    /// Time until every call is admitted again.
    pub ramp: Option<f64>,
    /// Share admitted at the start.
    pub initial_share: Option<f64>,
}

/// Settings of watched calls in flight.
#[derive(Clone, Debug, Default)]
pub struct InFlightSettings {
    /// Limit of unanswered calls while the dependency is unproven; 0 for none.
    pub limit: Option<f64>,
}
