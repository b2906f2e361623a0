//! Response times: their healthy baseline, and their trend.

use super::config::FixedRule;
use crate::trend::Trend;
use breaker_core::histogram::Histogram;
use breaker_core::time::Span;

/// Share of slow calls that opens a circuit, if no rule sets one.
const HALF: f64 = 0.5;
/// Weight of an interval in the baseline.
const BASELINE_GAIN: f64 = 0.01;
/// Number of intervals from which a baseline is known.
const ENOUGH_INTERVALS: u32 = 10;

/// Quantile of the response times in each interval that decides whether too many calls are slow. A rule that opens
/// the circuit at a share `s` of slow calls does so when the quantile `1 − s` reaches the limit.
#[derive(Clone, Debug)]
pub(super) struct Latency {
    limit: Option<Limit>,
    times: Histogram,
    trend: Trend,
    last: f64,
    baseline: f64,
    learned: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Limit {
    /// Limit in milliseconds.
    time: f64,
    share: f64,
}

/// A response time that approaches its limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Heading {
    pub(super) limit: f64,
    pub(super) trend: Trend,
}

impl Latency {
    pub(super) fn new(rule: &FixedRule) -> Self {
        Self {
            limit: limit_of(rule),
            times: Histogram::default(),
            trend: Trend::default(),
            last: 0.0,
            baseline: 0.0,
            learned: 0,
        }
    }

    /// Adapts to the rule. Another quantile needs another trend.
    pub(super) fn follow(&mut self, rule: &FixedRule) {
        let before = self.limit.map(|limit| limit.share);
        self.limit = limit_of(rule);
        if self.limit.map(|limit| limit.share) != before {
            self.restart();
            self.learned = 0;
        }
    }

    #[inline(always)]
    pub(super) fn record(&mut self, duration: Option<Span>) {
        if let (Some(duration), Some(_)) = (duration, self.limit) {
            self.times.record(duration);
        }
    }

    pub(super) fn restart(&mut self) {
        self.times = Histogram::default();
        self.trend = Trend::default();
    }

    pub(super) fn observe(&mut self, steps: u32) {
        let Some(limit) = self.limit else { return };
        if let Some(time) = self.times.quantile(1.0 - limit.share) {
            self.last = time.as_millis();
            self.trend.observe(self.last, steps);
            self.times = Histogram::default();
        }
    }

    /// Learns the baseline from a healthy interval, unless its response time is more than half-way to the limit.
    pub(super) fn learn(&mut self) {
        let Some(limit) = self.limit else { return };
        let is_known = self.learned >= ENOUGH_INTERVALS;
        if !self.trend.is_known() || (is_known && self.last > self.half_way(limit)) {
            return;
        }
        self.learned = self.learned.saturating_add(1);
        let gain = (1.0 / f64::from(self.learned)).max(BASELINE_GAIN);
        self.baseline += gain * (self.last - self.baseline);
    }

    /// Returns the response time if it is more than half-way to the limit.
    pub(super) fn heading(&self) -> Option<Heading> {
        let limit = self.limit?;
        let is_known = self.learned >= ENOUGH_INTERVALS && self.trend.is_known();
        let is_rising = self.trend.level() >= self.half_way(limit) && self.baseline < limit.time;
        (is_known && is_rising).then_some(Heading {
            limit: limit.time,
            trend: self.trend,
        })
    }

    pub(super) fn level(&self) -> Option<Span> {
        self.trend
            .is_known()
            .then(|| Span::from_millis(self.trend.level()))
    }

    pub(super) fn baseline(&self) -> Option<Span> {
        (self.learned >= ENOUGH_INTERVALS).then(|| Span::from_millis(self.baseline))
    }

    fn half_way(&self, limit: Limit) -> f64 {
        self.baseline + HALF * (limit.time - self.baseline)
    }
}

/// Returns the limit of response times: that of the slow-call rule, else the timeout, which counts as a failure.
fn limit_of(rule: &FixedRule) -> Option<Limit> {
    if let Some(slow) = rule.rules.slow_calls {
        return Some(Limit {
            time: slow.duration.as_millis(),
            share: slow.rate,
        });
    }
    rule.timeout.map(|timeout| Limit {
        time: timeout.as_millis(),
        share: rule.rules.failure_rate.unwrap_or(HALF),
    })
}
