//! Options as they are given, and what they are where they are not. Times are in milliseconds.

/// Failures that open the circuit where no rule is configured.
pub const DEFAULT_FAILURE_THRESHOLD: f64 = 5.0;
/// Probe successes that close the circuit.
pub const DEFAULT_SUCCESS_THRESHOLD: f64 = 2.0;
/// The call timeout, in milliseconds.
pub const DEFAULT_TIMEOUT: f64 = 30_000.0;
/// The first open time, in milliseconds.
pub const DEFAULT_OPEN_TIME: f64 = 60_000.0;
/// How the open time grows where growth is asked for.
pub const DEFAULT_OPEN_TIME_FACTOR: f64 = 2.0;
/// The largest open time, as a multiple of the first one.
pub const DEFAULT_OPEN_TIME_GROWTH: f64 = 10.0;
/// How far back a time window looks, in milliseconds.
pub const DEFAULT_WINDOW: f64 = 60_000.0;
/// How many steps a time window moves in.
pub const DEFAULT_BUCKETS: f64 = 10.0;
/// How many calls a count window holds.
pub const DEFAULT_WINDOW_SIZE: f64 = 100.0;
/// How many probes may be in flight.
pub const DEFAULT_MAX_CONCURRENT: f64 = 1.0;
/// How many calls a window must hold before a rate is looked at.
pub const DEFAULT_MINIMUM_CALLS: f64 = 20.0;
/// How many calls may be without an answer while the dependency is unproven, where calls under way are watched.
pub const DEFAULT_IN_FLIGHT_LIMIT: f64 = 10.0;
/// The share of calls that a ramp admits at its start.
pub const DEFAULT_INITIAL_SHARE: f64 = 0.1;

/// Options as they are given; `None` takes the default. Times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Failures in the window that open the circuit.
    pub failure_threshold: Option<f64>,
    /// Failures in a row that open it.
    pub consecutive_failure_threshold: Option<f64>,
    /// Failed share of the calls in the window that opens it.
    pub failure_rate_threshold: Option<f64>,
    /// Slow share of the calls in the window that opens it.
    pub slow_call_rate_threshold: Option<f64>,
    /// From how long on a call is slow.
    pub slow_call_duration: Option<f64>,
    /// Calls the window must hold before a rate is looked at.
    pub minimum_calls: Option<f64>,
    /// Probe successes that close it again.
    pub success_threshold: Option<f64>,
    /// Probes in flight at once.
    pub max_concurrent_requests: Option<f64>,
    /// How long a call may take; 0 for as long as it likes.
    pub timeout: Option<f64>,
    /// How long the circuit stays open.
    pub open_time: OpenTimeSettings,
    /// What the rules count.
    pub window: WindowSettings,
    /// Judge the failed share of so many probes, instead of counting successes.
    pub half_open: Option<HalfOpenSettings>,
    /// Let traffic back in by degrees.
    pub recovery: Option<RecoverySettings>,
    /// Watch calls under way.
    pub in_flight: Option<InFlightSettings>,
    /// Whether calls are timed. `None` is yes.
    pub response_times: Option<bool>,
    /// Where the row of random numbers for jitter starts. Not part of the configuration, so that breakers
    /// which differ in nothing else can share theirs: hand it to [`Breaker::new`](crate::Breaker::new).
    pub seed: Option<f64>,
}

/// The open time as given.
#[derive(Clone, Debug, Default)]
pub struct OpenTimeSettings {
    /// The first open time.
    pub initial: Option<f64>,
    /// Its growth on each failed recovery; `None` is none at all, unless `max` or `grows` says so.
    pub factor: Option<f64>,
    /// What it never grows beyond.
    pub max: Option<f64>,
    /// The share of it that is cut off at random.
    pub jitter: Option<f64>,
    /// Whether the growth takes its default where no factor is given.
    pub grows: bool,
}

/// The window as given.
#[derive(Clone, Debug)]
pub enum WindowSettings {
    /// The last calls.
    Count {
        /// How many.
        size: Option<f64>,
    },
    /// The last while.
    Time {
        /// How far back.
        duration: Option<f64>,
        /// In how many steps.
        buckets: Option<f64>,
    },
}

impl Default for WindowSettings {
    fn default() -> Self {
        Self::Time {
            duration: None,
            buckets: None,
        }
    }
}

/// The judgement over probes as given.
#[derive(Clone, Debug, Default)]
pub struct HalfOpenSettings {
    /// How many probes are judged.
    pub calls: Option<f64>,
    /// The failed share of them that opens the circuit again.
    pub failure_rate_threshold: Option<f64>,
}

/// The ramp as given.
#[derive(Clone, Debug, Default)]
pub struct RecoverySettings {
    /// How long until every call is admitted again.
    pub ramp: Option<f64>,
    /// The share admitted at its start.
    pub initial_share: Option<f64>,
}

/// How calls under way are watched, as given.
#[derive(Clone, Debug, Default)]
pub struct InFlightSettings {
    /// How many may be without an answer while the dependency is unproven; 0 for any number.
    pub limit: Option<f64>,
}
