//! Layout of the readings as arrays of numbers, which are cheap to cross. Each name stands beside its value.

use crate::codes::{override_code, reason_code, state_code};
use breaker_core::window::WindowConfig;
use breaker_core::{Config, Explanation, Span, Stats};

/// Reading without a value.
const NO_VALUE: f64 = f64::NAN;

macro_rules! layout {
    ($(#[$doc:meta])* $names:ident, $(#[$write_doc:meta])* $write:ident($reading:ident: &$type:ty), $($name:ident: $value:expr,)+) => {
        $(#[$doc])*
        pub const $names: &[&str] = &[$(stringify!($name)),+];

        $(#[$write_doc])*
        pub fn $write($reading: &$type, out: &mut [f64]) {
            for (slot, value) in out.iter_mut().zip([$($value),+]) {
                *slot = value;
            }
        }
    };
}

layout! {
    /// Names of the stats, in order.
    STATS,
    /// Writes the stats in the order of [`STATS`].
    write_stats(stats: &Stats),
    state: f64::from(state_code(stats.state)),
    override: f64::from(override_code(stats.override_)),
    underlyingState: f64::from(state_code(stats.underlying_state)),
    failureCount: f64::from(stats.failure_count),
    successCount: f64::from(stats.success_count),
    slowCallCount: f64::from(stats.slow_call_count),
    consecutiveFailures: f64::from(stats.consecutive_failures),
    lastFailureAge: stats.last_failure_age.unwrap_or(NO_VALUE),
    lastSuccessAge: stats.last_success_age.unwrap_or(NO_VALUE),
    retryAfter: stats.retry_after.unwrap_or(NO_VALUE),
    totalSuccesses: stats.total_successes as f64,
    totalFailures: stats.total_failures as f64,
    totalTimeouts: stats.total_timeouts as f64,
    totalRejected: stats.total_rejected as f64,
    totalIgnored: stats.total_ignored as f64,
    shadowRejected: stats.shadow_rejected as f64,
    averageResponseTime: stats.average_response_time.unwrap_or(NO_VALUE),
    p50: quantile(stats, 0),
    p90: quantile(stats, 1),
    p95: quantile(stats, 2),
    p99: quantile(stats, 3),
    max: stats.longest_response_time.unwrap_or(NO_VALUE),
    failureRate: stats.failure_rate,
    slowCallRate: stats.slow_call_rate,
    uptime: stats.uptime,
    stateChanges: stats.state_changes as f64,
    probesInFlight: f64::from(stats.probes_in_flight),
    overdueCalls: f64::from(stats.overdue_calls),
    capped: f64::from(u8::from(stats.capped)),
    age: stats.age,
}

layout! {
    /// Names of the explanation, in order.
    EXPLAIN,
    /// Writes the explanation in the order of [`EXPLAIN`].
    write_explanation(explanation: &Explanation),
    generation: f64::from(explanation.generation),
    reason: f64::from(reason_code(explanation.reason)),
    from: f64::from(state_code(explanation.from)),
    to: f64::from(state_code(explanation.to)),
    age: explanation.age.unwrap_or(NO_VALUE),
    observed: explanation.observed,
    threshold: explanation.threshold,
    calls: f64::from(explanation.calls),
    failures: f64::from(explanation.failures),
    slowCalls: f64::from(explanation.slow_calls),
    consecutiveFailures: f64::from(explanation.consecutive_failures),
    failureThreshold: explanation.failure_threshold.map_or(NO_VALUE, f64::from),
    consecutiveFailureThreshold: explanation.consecutive_failure_threshold.map_or(NO_VALUE, f64::from),
    failureRateThreshold: explanation.failure_rate_threshold.unwrap_or(NO_VALUE),
    slowCallRateThreshold: explanation.slow_call_rate_threshold.unwrap_or(NO_VALUE),
    minimumCalls: f64::from(explanation.minimum_calls),
    probesInFlight: f64::from(explanation.probes_in_flight),
    probeSuccesses: f64::from(explanation.probe_successes),
    probeFailures: f64::from(explanation.probe_failures),
    probesRequired: f64::from(explanation.probes_required),
    openTime: explanation.open_time,
    openAttempts: f64::from(explanation.failed_recoveries),
    inFlightLimit: explanation.in_flight_limit.map_or(NO_VALUE, f64::from),
    capped: f64::from(u8::from(explanation.capped)),
    unansweredCalls: f64::from(explanation.unanswered_calls),
    overdueCalls: f64::from(explanation.overdue_calls),
    badSigns: f64::from(explanation.bad_signs),
    rampShare: explanation.ramp_share.unwrap_or(NO_VALUE),
    retryAfter: explanation.retry_after.unwrap_or(NO_VALUE),
}

fn quantile(stats: &Stats, index: usize) -> f64 {
    stats
        .quantiles
        .as_ref()
        .and_then(|quantiles| quantiles.get(index))
        .copied()
        .unwrap_or(NO_VALUE)
}

/// Names of the rules that open a circuit, in order.
pub const RULES: &[&str] = &[
    "failureThreshold",
    "failureRateThreshold",
    "slowCallRateThreshold",
    "slowCallDuration",
    "minimumCalls",
    "windowDuration",
    "windowBuckets",
    "windowSize",
    "timeout",
];

/// Writes the rules in the order of [`RULES`].
pub fn write_rules(config: &Config, out: &mut [f64]) {
    let rules = config.rules();
    let slow = rules.slow_calls;
    let [duration, buckets, size] = match config.window() {
        WindowConfig::Time { duration, buckets } => {
            [duration.as_millis(), f64::from(buckets), NO_VALUE]
        }
        WindowConfig::Count { size } => [NO_VALUE, NO_VALUE, f64::from(size)],
    };
    let row = [
        rules.failures.map_or(NO_VALUE, f64::from),
        rules.failure_rate.unwrap_or(NO_VALUE),
        slow.map_or(NO_VALUE, |rule| rule.rate),
        slow.map_or(NO_VALUE, |rule| rule.duration.as_millis()),
        f64::from(rules.minimum_calls),
        duration,
        buckets,
        size,
        config.timeout().map_or(NO_VALUE, Span::as_millis),
    ];
    for (slot, value) in out.iter_mut().zip(row) {
        *slot = value;
    }
}
