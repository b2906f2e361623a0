//! Response times: what they were while all was well, and where they are heading.

use super::config::FixedRule;
use crate::trend::Trend;
use breaker_core::histogram::Histogram;
use breaker_core::time::Span;

/// The share of calls that has to be too slow where no rule says so.
const HALF: f64 = 0.5;
/// How much an interval weighs in what is normal.
const BASELINE_GAIN: f64 = 0.01;
/// Intervals that must have been seen before anything is taken for normal.
const ENOUGH_INTERVALS: u32 = 10;

/// Of each interval the response time that decides whether too many calls are too slow: where a rule opens the circuit
/// once a share `s` of them is, it does so when the quantile `1 − s` of the response times reaches the limit.
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
    /// In milliseconds.
    time: f64,
    share: f64,
}

/// A response time that is heading for its limit.
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

    /// Another quantile is another row of values.
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

    /// All is well: what was seen last is normal, unless it is more than half the way to the limit.
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

    /// What is heading for the limit, if it is more than half the way there.
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

/// Slow calls count by their own rule; without one, calls that are too slow time out, and count as failures.
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
