//! Limit by the ratio of response times, after `Gradient2Limit` of Netflix concurrency-limits.

/// Factor by which response times may exceed the baseline without load. They always vary a little.
const TOLERANCE: f64 = 1.1;
/// Weight of the new limit while calls queue, so that one bad window does not decide.
const SMOOTHING: f64 = 0.2;
/// Largest cut of the limit by one bad window.
const LEAST_GRADIENT: f64 = 0.5;

/// Returns `limit × gradient + allowance`, where the gradient is `tolerance × baseline / recent`, from 0.5 to 1. In
/// equilibrium the allowed number of calls queue: the square root of the limit, as in Envoy's adaptive concurrency
/// filter.
pub(super) fn next_limit(limit: f64, baseline: f64, recent: f64) -> f64 {
    let allowance = f64::from((limit as u32).isqrt());
    let gradient = TOLERANCE * baseline / recent;
    if gradient >= 1.0 {
        return limit + allowance;
    }
    limit + (limit * gradient.max(LEAST_GRADIENT) + allowance - limit) * SMOOTHING
}
