//! Limit by the number of queued calls, after `VegasLimit` of Netflix concurrency-limits, which is after Brakmo,
//! O'Malley and Peterson, *TCP Vegas* (1994).

use super::log10;

/// Number of queued calls, times the logarithm of the limit, below which it grows.
const ALPHA: f64 = 3.0;
/// Number of queued calls, times the logarithm of the limit, above which it shrinks.
const BETA: f64 = 6.0;

/// Returns the next limit. By Little's law `limit × (1 − baseline / recent)` calls queue. The limit moves until they
/// are between α and β.
pub(super) fn next_limit(limit: f64, baseline: f64, recent: f64) -> f64 {
    let step = log10(limit);
    let queued = limit * (1.0 - baseline / recent);
    if queued <= step {
        limit + BETA * step
    } else if queued < ALPHA * step {
        limit + step
    } else if queued > BETA * step {
        limit - step
    } else {
        limit
    }
}
