//! Adaptive limit: finds the number of concurrent calls that suits a dependency from their response times.
//!
//! [`gradient`] and [`vegas`] compute the next limit from the response times without load and now. This file measures
//! both, and bounds the limit.

mod config;
mod gradient;
mod vegas;
mod window;

pub use self::config::{
    AdaptiveConfig, AdaptiveSettings, Algorithm, DEFAULT_INITIAL, DEFAULT_MAX, DEFAULT_MIN,
    DEFAULT_MINIMUM_CALLS, DEFAULT_WINDOW,
};

use self::window::Window;
use breaker_core::time::{Instant, Span};

/// Divisor of the limit: a call is light, as if without load, if at most one part of the limit is in flight.
const LIGHT_PART: f64 = 2.0;
/// Number of windows without light calls after which the limit is lowered for one window to produce some.
const WINDOWS_WITHOUT_LIGHT: u32 = 30;
/// Weight of the latest window in the baseline.
const BASELINE_WEIGHT: f64 = 0.5;
/// Shortest window, as a multiple of the baseline.
const WINDOW_PER_BASELINE: u64 = 5;
/// Largest lasting limit, as a multiple of the calls in flight.
const MAX_PER_IN_FLIGHT: f64 = 5.0;
/// Cut of the limit if every call was dropped.
const OFF_WHERE_ALL_DROPPED: f64 = 0.5;

/// Limit that follows the capacity of the dependency. The formulas are those of Netflix concurrency-limits, with
/// these differences, most of which are also failsafe-go's:
///
/// - The baseline is never learned from loaded calls, so that sustained overload cannot pass for normal
///   (concurrency-limits issues 134, 137 and 165). Only calls count that began while at most half the limit was in
///   flight. Without such calls for long, the limit is halved for one window to produce some.
/// - A dropped call has no response time, but its share reduces the limit.
/// - The limit does not grow while less than half of it is in use, and falls towards five times the calls in flight.
#[derive(Clone, Debug)]
pub struct AdaptiveLimit {
    config: AdaptiveConfig,
    limit: f64,
    /// Response time without load, in microseconds.
    baseline: Option<f64>,
    windows_without_light: u32,
    /// Whether the limit is lowered to learn the baseline.
    is_probing: bool,
    window: Window,
    now: Instant,
}

/// Stats of an adaptive limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaptiveStats {
    /// Limit of concurrent calls now.
    pub limit: u32,
    /// Response time without load; `None` before it is known.
    pub baseline: Option<Span>,
    /// Whether the limit is lowered to learn the baseline.
    pub is_probing: bool,
}

impl AdaptiveLimit {
    /// Creates a limit before any call.
    #[must_use]
    pub fn new(config: AdaptiveConfig, now: Instant) -> Self {
        Self {
            config,
            limit: config.initial,
            baseline: None,
            windows_without_light: 0,
            is_probing: false,
            window: Window::default(),
            now,
        }
    }

    /// Records a finished call, and returns the new limit. `in_flight` is the number of calls in flight at its start,
    /// including itself. `dropped` marks a call that was aborted, so that its response time is unknown. Do not record
    /// a call that failed by itself, because it is no evidence of load.
    pub fn sample(&mut self, rtt: Span, in_flight: u32, dropped: bool, now: Instant) -> u32 {
        self.now = self.now.max(now);
        let began_before_the_probe = self.is_probing && in_flight > self.limit();
        if !began_before_the_probe {
            let is_light = in_flight <= self.light_limit();
            let rtt = (!dropped).then_some(rtt);
            self.window.add(rtt, is_light, in_flight, self.now);
            let (least, minimum_calls) = (self.window_length(), self.config.minimum_calls);
            if self.window.is_over(least, minimum_calls, self.now) {
                self.close_window();
            }
        }
        self.limit()
    }

    /// Returns the limit of concurrent calls.
    #[must_use]
    pub fn limit(&self) -> u32 {
        if self.is_probing {
            self.light_limit()
        } else {
            self.limit as u32
        }
    }

    /// Returns the stats.
    #[must_use]
    pub fn stats(&self) -> AdaptiveStats {
        AdaptiveStats {
            limit: self.limit(),
            baseline: self.baseline.map(|micros| Span::from_micros(micros as u64)),
            is_probing: self.is_probing,
        }
    }

    /// Returns the number of calls in flight up to which a call is light.
    fn light_limit(&self) -> u32 {
        (self.limit / LIGHT_PART).max(self.config.min) as u32
    }

    /// Returns the length of a window. It holds several calls in sequence, so that short calls are not
    /// over-represented.
    fn window_length(&self) -> Span {
        let baseline = Span::from_micros(self.baseline.unwrap_or(0.0) as u64);
        self.config.window.max(baseline.times(WINDOW_PER_BASELINE))
    }

    fn close_window(&mut self) {
        let window = core::mem::take(&mut self.window);
        if self.is_probing {
            self.is_probing = false;
            self.window = window.after_probe();
            return;
        }
        self.learn(window.light_rtt(self.config.minimum_calls));
        self.limit = self.next_limit(&window);
        self.is_probing = self.windows_without_light >= WINDOWS_WITHOUT_LIGHT;
    }

    fn next_limit(&self, window: &Window) -> f64 {
        let in_flight = f64::from(window.max_in_flight());
        let mut limit = self.limit;
        if let (Some(baseline), Some(recent)) = (self.baseline, window.rtt()) {
            let next = self.config.algorithm.next_limit(limit, baseline, recent);
            let may_grow = in_flight * LIGHT_PART >= limit;
            limit = if may_grow { next } else { next.min(limit) };
        }
        limit *= 1.0 - window.dropped_share() * OFF_WHERE_ALL_DROPPED;
        let in_use = in_flight * MAX_PER_IN_FLIGHT;
        if limit > in_use {
            limit = in_use.max(self.limit - log10(self.limit)).min(limit);
        }
        limit.clamp(self.config.min, self.config.max)
    }

    fn learn(&mut self, light: Option<f64>) {
        match (light, self.baseline) {
            (Some(light), known) => {
                let known = known.unwrap_or(light);
                self.baseline = Some(known + (light - known) * BASELINE_WEIGHT);
                self.windows_without_light = 0;
            }
            (None, Some(_)) => {
                self.windows_without_light = self.windows_without_light.saturating_add(1);
            }
            (None, None) => self.windows_without_light = WINDOWS_WITHOUT_LIGHT,
        }
    }
}

impl Algorithm {
    fn next_limit(self, limit: f64, baseline: f64, recent: f64) -> f64 {
        match self {
            Self::Gradient => gradient::next_limit(limit, baseline, recent),
            Self::Vegas => vegas::next_limit(limit, baseline, recent),
        }
    }
}

/// Returns the integer part of the decimal logarithm, at least 1: the step of Vegas.
fn log10(limit: f64) -> f64 {
    let digits = (limit as u32).checked_ilog10().unwrap_or(0);
    f64::from(digits.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Span = Span::from_micros(50_000);

    fn limit(settings: &AdaptiveSettings) -> AdaptiveLimit {
        let config = AdaptiveConfig::try_from(settings).unwrap();
        AdaptiveLimit::new(config, Instant::from_millis(0.0))
    }

    /// Records windows of a hundred equal calls.
    fn windows(
        limit: &mut AdaptiveLimit,
        windows: u32,
        call: impl Fn(&AdaptiveLimit) -> (Span, u32, bool),
    ) {
        for _ in 0..windows.saturating_mul(100) {
            let (rtt, in_flight, dropped) = call(limit);
            let now = limit.now.after(Span::from_millis(10.2));
            limit.sample(rtt, in_flight, dropped, now);
        }
    }

    #[test]
    fn grows_while_it_is_used_up_and_nothing_queues() {
        for algorithm in [Algorithm::Gradient, Algorithm::Vegas] {
            let settings = AdaptiveSettings {
                algorithm: Some(algorithm),
                ..AdaptiveSettings::default()
            };
            let mut limit = limit(&settings);
            windows(&mut limit, 200, |limit| (RTT, limit.limit(), false));
            assert!(limit.limit >= 199.0, "{algorithm:?}: {}", limit.limit);
        }
    }

    #[test]
    fn does_not_grow_while_less_than_half_of_it_is_in_use() {
        let mut limit = limit(&AdaptiveSettings::default());
        windows(&mut limit, 200, |_| (RTT, 9, false));
        assert_eq!(limit.limit(), 20);
    }

    #[test]
    fn falls_towards_five_times_the_calls_in_flight() {
        let mut limit = limit(&AdaptiveSettings::default());
        windows(&mut limit, 200, |_| (RTT, 2, false));
        assert_eq!(limit.limit(), 10);
    }

    /// The "stable timeout" of concurrency-limits issue 137: a constant response time is no sign of health.
    #[test]
    fn dropped_calls_lower_it_to_the_minimum() {
        let mut limit = limit(&AdaptiveSettings::default());
        windows(&mut limit, 10, |limit| (RTT, limit.limit(), false));
        windows(&mut limit, 10, |limit| (RTT, limit.limit(), true));
        assert_eq!(limit.limit(), 1);
        let baseline = limit.stats().baseline.unwrap();
        assert_eq!(baseline, RTT, "a dropped call has no response time");
    }

    /// Concurrency-limits issue 134: loaded calls never count as normal, however long the load lasts.
    #[test]
    fn loaded_calls_do_not_move_the_baseline() {
        let mut limit = limit(&AdaptiveSettings::default());
        windows(&mut limit, 2, |_| (RTT, 10, false));
        for _ in 0..1_000 {
            windows(&mut limit, 1, |limit| {
                let rtt = if limit.is_probing { RTT } else { RTT.times(3) };
                (rtt, limit.limit(), false)
            });
        }
        assert_eq!(limit.stats().baseline, Some(RTT));
        assert!(limit.limit() <= 4, "{}", limit.limit());
    }

    #[test]
    fn without_light_calls_a_probe_halves_it_and_ignores_older_calls() {
        let mut limit = limit(&AdaptiveSettings::default());
        windows(&mut limit, 1, |_| (RTT, 20, false));
        assert_eq!((limit.limit(), limit.stats().is_probing), (10, true));
        windows(&mut limit, 5, |_| (RTT, 11, false));
        assert_eq!((limit.limit(), limit.stats().baseline), (10, None));
        windows(&mut limit, 1, |_| (RTT, 10, false));
        assert!(!limit.stats().is_probing && limit.limit() >= 20);
    }

    #[test]
    fn a_window_with_few_calls_ends_eventually() {
        let mut limit = limit(&AdaptiveSettings::default());
        for second in 0..12 {
            let now = Instant::from_millis(f64::from(second) * 1_000.0);
            limit.sample(RTT, 1, false, now);
        }
        assert_eq!(limit.stats().baseline, Some(RTT));
    }

    #[test]
    fn accepts_a_response_time_of_0() {
        for algorithm in [Algorithm::Gradient, Algorithm::Vegas] {
            let settings = AdaptiveSettings {
                algorithm: Some(algorithm),
                ..AdaptiveSettings::default()
            };
            let mut limit = limit(&settings);
            windows(&mut limit, 5, |limit| (Span::ZERO, limit.limit(), false));
            assert!(limit.limit() >= 20, "{algorithm:?}");
        }
    }
}
