//! The limit by the number of calls that queue, after `VegasLimit` of Netflix concurrency-limits, which is after Brakmo,
//! O'Malley and Peterson, *TCP Vegas* (1994).

use super::log10;

/// Below so many queueing calls, times the logarithm of the limit, it grows.
const ALPHA: f64 = 3.0;
/// Above so many it shrinks.
const BETA: f64 = 6.0;

/// By Little's law `limit × (1 − baseline / recent)` calls queue. The limit is moved until they are between α and β.
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
