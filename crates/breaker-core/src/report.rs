//! What people read: numbers as of one instant. Times are in milliseconds, `None` is "nothing to tell".

use crate::overrides::Override;
use crate::state::{CircuitState, Reason};

/// A reading of everything that is counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// The state that callers experience.
    pub state: CircuitState,
    /// The standing order above it.
    pub override_: Override,
    /// The state below the override.
    pub underlying_state: CircuitState,
    /// Failures in the window, or of the probes while half-open. While open: as they stood at the opening.
    pub failure_count: u32,
    /// Successes in the window, or of the probes while half-open.
    pub success_count: u32,
    /// Slow calls in the window.
    pub slow_call_count: u32,
    /// Failures in a row.
    pub consecutive_failures: u32,
    /// How long ago a call last failed.
    pub last_failure_age: Option<f64>,
    /// How long ago a call last succeeded.
    pub last_success_age: Option<f64>,
    /// How long until a call may be admitted; infinite while forced open.
    pub retry_after: Option<f64>,
    /// Calls that succeeded, ever.
    pub total_successes: u64,
    /// Calls that failed, ever.
    pub total_failures: u64,
    /// Calls that timed out, ever; they are among the failures.
    pub total_timeouts: u64,
    /// Calls that were rejected, ever.
    pub total_rejected: u64,
    /// Calls that counted neither way, ever.
    pub total_ignored: u64,
    /// Calls that only shadow mode admitted, ever.
    pub shadow_rejected: u64,
    /// The mean response time.
    pub average_response_time: Option<f64>,
    /// The response times that 50, 90, 95 and 99 % of the calls did not exceed, within 12.5 %.
    pub quantiles: Option<[f64; 4]>,
    /// The longest response time, exactly.
    pub longest_response_time: Option<f64>,
    /// Failed share of the calls in the window, 0 to 1.
    pub failure_rate: f64,
    /// Slow share of the calls in the window, 0 to 1. Calls that are overdue are among them.
    pub slow_call_rate: f64,
    /// Percentage of the breaker's life in which callers did not experience an open circuit.
    pub uptime: f64,
    /// Moves between states that callers experience.
    pub state_changes: u64,
    /// Probes under way.
    pub probes_in_flight: u16,
    /// Calls under way that are overdue, where calls under way are watched.
    pub overdue_calls: u32,
    /// Whether only so many calls may be without an answer, because the dependency is unproven.
    pub capped: bool,
    /// How long ago the breaker was made.
    pub age: f64,
}

/// The numbers behind the last decision and the next one.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Which stretch of the breaker's life this is.
    pub generation: u32,
    /// Why the last transition happened.
    pub reason: Reason,
    /// What it left.
    pub from: CircuitState,
    /// What it entered.
    pub to: CircuitState,
    /// How long ago it became due.
    pub age: Option<f64>,
    /// The number that the reason is about.
    pub observed: f64,
    /// What that number reached.
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
    /// Probes under way.
    pub probes_in_flight: u16,
    /// Probes that succeeded since the circuit became half-open.
    pub probe_successes: u32,
    /// Probes that failed since then.
    pub probe_failures: u32,
    /// Successes that close the circuit, or probes to be judged.
    pub probes_required: u32,
    /// The open time: of the present opening, or of the next one before jitter.
    pub open_time: f64,
    /// Recoveries that failed since the last one that succeeded.
    pub failed_recoveries: u32,
    /// How many calls may be without an answer while the dependency is unproven.
    pub in_flight_limit: Option<u32>,
    /// Whether that is so now.
    pub capped: bool,
    /// Calls under way that are neither answered nor overdue, where they are watched.
    pub unanswered_calls: u32,
    /// Calls under way that are overdue, where they are watched.
    pub overdue_calls: u32,
    /// Calls in a row that failed, were slow or became overdue, where calls under way are watched.
    pub bad_signs: u32,
    /// The share of calls that the ramp admits now, while there is one.
    pub ramp_share: Option<f64>,
    /// How long until a call may be admitted; infinite while forced open.
    pub retry_after: Option<f64>,
}
