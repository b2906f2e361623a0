//! Readings of a breaker at one instant. Times are in milliseconds; `None` means that there is no value.

use crate::overrides::Override;
use crate::state::{CircuitState, Reason};

/// Current counts, rates and totals.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// The state that callers experience.
    pub state: CircuitState,
    /// Override by an operator.
    pub override_: Override,
    /// The state beneath the override.
    pub underlying_state: CircuitState,
    /// Failures in the window, or of the probes while half-open. While open: those at the opening.
    pub failure_count: u32,
    /// Successes in the window, or of the probes while half-open.
    pub success_count: u32,
    /// Slow calls in the window.
    pub slow_call_count: u32,
    /// Failures in a row.
    pub consecutive_failures: u32,
    /// Time since the last failure.
    pub last_failure_age: Option<f64>,
    /// Time since the last success.
    pub last_success_age: Option<f64>,
    /// Time until a call may be admitted; infinite while forced open.
    pub retry_after: Option<f64>,
    /// Calls that succeeded, in total.
    pub total_successes: u64,
    /// Calls that failed, in total.
    pub total_failures: u64,
    /// Calls that timed out, in total; they also count as failures.
    pub total_timeouts: u64,
    /// Calls that were rejected, in total.
    pub total_rejected: u64,
    /// Calls that counted neither way, in total.
    pub total_ignored: u64,
    /// Calls that only shadow mode admitted, in total.
    pub shadow_rejected: u64,
    /// Mean response time.
    pub average_response_time: Option<f64>,
    /// Response times that 50, 90, 95 and 99 % of the calls did not exceed, within 12.5 %.
    pub quantiles: Option<[f64; 4]>,
    /// Longest response time, exactly.
    pub longest_response_time: Option<f64>,
    /// Failure rate of the calls in the window, 0 to 1.
    pub failure_rate: f64,
    /// Slow-call rate of the calls in the window, 0 to 1, including overdue calls.
    pub slow_call_rate: f64,
    /// Percentage of the breaker's life in which callers did not experience an open circuit.
    pub uptime: f64,
    /// Changes between states that callers experience.
    pub state_changes: u64,
    /// Probes in flight.
    pub probes_in_flight: u16,
    /// Overdue calls in flight, if calls in flight are watched.
    pub overdue_calls: u32,
    /// Whether the number of unanswered calls is limited, because the dependency is unproven.
    pub capped: bool,
    /// Time since construction.
    pub age: f64,
}

/// The numbers behind the last decision and the next one.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Number of the present generation.
    pub generation: u32,
    /// Reason of the last transition.
    pub reason: Reason,
    /// State before the last transition.
    pub from: CircuitState,
    /// State after the last transition.
    pub to: CircuitState,
    /// Time since the last transition became due.
    pub age: Option<f64>,
    /// Number that the reason is about.
    pub observed: f64,
    /// Threshold that it reached.
    pub threshold: f64,
    /// Calls in the window.
    pub calls: u32,
    /// Failures in the window.
    pub failures: u32,
    /// Slow calls in the window.
    pub slow_calls: u32,
    /// Failures in a row.
    pub consecutive_failures: u32,
    /// The configured rules.
    pub failure_threshold: Option<u32>,
    /// See [`Rules`](crate::rules::Rules).
    pub consecutive_failure_threshold: Option<u32>,
    /// See [`Rules`](crate::rules::Rules).
    pub failure_rate_threshold: Option<f64>,
    /// See [`Rules`](crate::rules::Rules).
    pub slow_call_rate_threshold: Option<f64>,
    /// See [`Rules`](crate::rules::Rules).
    pub minimum_calls: u32,
    /// Probes in flight.
    pub probes_in_flight: u16,
    /// Probes that succeeded since the circuit became half-open.
    pub probe_successes: u32,
    /// Probes that failed since then.
    pub probe_failures: u32,
    /// Successes that close the circuit, or probes that the verdict needs.
    pub probes_required: u32,
    /// Open time of the present opening, or of the next one before jitter.
    pub open_time: f64,
    /// Failed recoveries since the last successful one.
    pub failed_recoveries: u32,
    /// Limit of unanswered calls while the dependency is unproven.
    pub in_flight_limit: Option<u32>,
    /// Whether that limit applies now.
    pub capped: bool,
    /// Calls in flight that are neither answered nor overdue, if they are watched.
    pub unanswered_calls: u32,
    /// Overdue calls in flight, if they are watched.
    pub overdue_calls: u32,
    /// Calls in a row that failed, were slow or became overdue, if calls in flight are watched.
    pub bad_signs: u32,
    /// Share of calls that the ramp admits now, during a ramp.
    pub ramp_share: Option<f64>,
    /// Time until a call may be admitted; infinite while forced open.
    pub retry_after: Option<f64>,
}
