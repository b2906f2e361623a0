//! The limit by the ratio of response times, after `Gradient2Limit` of Netflix concurrency-limits.

/// What response times may exceed the baseline by and not be a sign of load: they are never quite the same.
const TOLERANCE: f64 = 1.1;
/// How much of a limit is the new one while calls queue, so that one bad window does not decide.
const SMOOTHING: f64 = 0.2;
/// One bad window takes at most so much off.
const LEAST_GRADIENT: f64 = 0.5;

/// `limit × gradient + allowance`, where the gradient is `tolerance × baseline / recent`, from a half to 1. Where it comes to
/// rest, as many calls queue as are allowed to: the square root of the limit, as in Envoy's adaptive concurrency filter.
pub(super) fn next_limit(limit: f64, baseline: f64, recent: f64) -> f64 {
    let allowance = f64::from((limit as u32).isqrt());
    let gradient = TOLERANCE * baseline / recent;
    if gradient >= 1.0 {
        return limit + allowance;
    }
    limit + (limit * gradient.max(LEAST_GRADIENT) + allowance - limit) * SMOOTHING
}
