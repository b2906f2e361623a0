//! Forecast of the breaker's own rule.

mod config;
mod history;
mod latency;
mod projection;
mod score;

pub use config::{
    DEFAULT_CONFIRMATIONS, DEFAULT_HORIZON_INTERVALS, DEFAULT_INTERVAL, DEFAULT_INTERVALS,
    DEFAULT_MARGIN, FixedRule, ForecastConfig, ForecastSettings, MOST_INTERVALS,
};
pub use projection::{Prediction, Sign};
pub use score::Score;

use crate::trend::Trend;
use breaker_core::rules::Rules;
use breaker_core::time::{Instant, Span};
use history::{Calls, History};
use latency::Latency;

/// Smallest number of calls for an observation. Intervals with fewer are merged with the next.
const ENOUGH_CALLS: f64 = 5.0;

/// Predicts when the rule of a breaker would open its circuit.
///
/// Calls are counted in intervals. At the end of each, the shares of failed and slow calls enter a [`Trend`]. The
/// breaker's own window is then advanced over the calls that the trends project, and the first rule that it meets
/// within the horizon is foreseen. Response times are extrapolated too: the quantile that decides whether too many
/// calls are slow or time out. It is foreseen to reach its limit only from half-way between its healthy baseline and
/// the limit.
///
/// Several consecutive intervals must foresee an opening, each by a margin of the trend's own past errors, before it
/// becomes a prediction. The memory is fixed, the cost of a call constant, and the cost of an interval linear in the
/// intervals of window and horizon.
#[derive(Clone, Debug)]
pub struct Forecast {
    config: ForecastConfig,
    now: Instant,
    interval_ends: Instant,
    history: History,
    /// Calls of the present interval.
    current: Calls,
    /// Calls since the last observation, and their number of intervals.
    pending: Calls,
    pending_intervals: u32,
    volume: Trend,
    failed: Trend,
    slow: Trend,
    latency: Latency,
    /// Number of consecutive intervals that foresaw an opening.
    confirmed: u32,
    /// Result of the last interval.
    foreseen: Option<Prediction>,
    score: Score,
}

/// Stats of a forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastStats {
    /// Foreseen opening, confirmed or not.
    pub foreseen: Option<Prediction>,
    /// Whether a prediction is pending: neither true nor false so far.
    pub is_standing: bool,
    /// Smoothed share of failed calls.
    pub failure_rate: f64,
    /// Smoothed share of slow calls.
    pub slow_rate: f64,
    /// Smoothed response time of the observed quantile; `None` before there is any.
    pub response_time: Option<Span>,
    /// Healthy baseline of the response time; `None` before it is known.
    pub baseline: Option<Span>,
    /// Results of the predictions.
    pub score: Score,
}

impl Forecast {
    /// Creates a forecast before any call.
    #[must_use]
    pub fn new(config: ForecastConfig, now: Instant) -> Self {
        let patience = u64::from(config.remembered.saturating_add(config.horizon));
        Self {
            now,
            interval_ends: now.after(config.interval),
            history: History::new(config.remembered),
            current: Calls::default(),
            pending: Calls::default(),
            pending_intervals: 0,
            volume: Trend::default(),
            failed: Trend::default(),
            slow: Trend::default(),
            latency: Latency::new(&config.rule),
            confirmed: 0,
            foreseen: None,
            score: Score::new(config.interval.times(patience)),
            config,
        }
    }

    /// Records a call that the breaker counted. Returns a prediction at the moment it is made.
    pub fn record(
        &mut self,
        failed: bool,
        duration: Option<Span>,
        now: Instant,
    ) -> Option<Prediction> {
        self.now = self.now.max(now);
        let prediction = self.advance();
        let slow = self.config.rule.rules.is_slow(duration);
        self.current.record(failed, slow);
        self.latency.record(duration);
        prediction
    }

    /// Records that the breaker's own rule opened its circuit.
    pub fn opened(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.score.opened(self.now);
        self.restart(now);
    }

    /// Forgets calls and trends, like a breaker that closes. The baseline of the response times stays.
    #[inline(never)]
    pub fn restart(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.interval_ends = self.now.after(self.config.interval);
        self.history.clear();
        self.current = Calls::default();
        self.pending = Calls::default();
        self.pending_intervals = 0;
        self.volume = Trend::default();
        self.failed = Trend::default();
        self.slow = Trend::default();
        self.latency.restart();
        self.confirmed = 0;
        self.foreseen = None;
        self.score.withdraw();
    }

    /// Returns the thresholds of the breaker.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.config.rule.rules
    }

    /// Replaces the thresholds of the breaker.
    pub fn set_rules(&mut self, rules: Rules) {
        self.config.rule.rules = rules;
        self.latency.follow(&self.config.rule);
        self.confirmed = 0;
    }

    /// Returns the stats.
    pub fn stats(&mut self, now: Instant) -> ForecastStats {
        self.now = self.now.max(now);
        self.score.expire(self.now);
        ForecastStats {
            foreseen: self.foreseen,
            is_standing: self.score.is_standing(),
            failure_rate: self.failed.level().clamp(0.0, 1.0),
            slow_rate: self.slow.level().clamp(0.0, 1.0),
            response_time: self.latency.level(),
            baseline: self.latency.baseline(),
            score: self.score,
        }
    }

    /// Ends the past intervals. A silence as long as the window clears the history.
    fn advance(&mut self) -> Option<Prediction> {
        if self.now < self.interval_ends {
            return None;
        }
        let silence = self.now.since(self.interval_ends);
        let over = silence.divided_by(self.config.interval).saturating_add(1);
        self.score.expire(self.now);
        if over >= self.history.len() as u64 && over > 1 {
            self.forget();
            return None;
        }
        self.interval_ends = self.interval_ends.after(self.config.interval.times(over));
        let ended = core::mem::take(&mut self.current);
        self.history.push(ended);
        self.pending.add(ended);
        for _ in 1..over {
            self.history.push(Calls::default());
        }
        self.pending_intervals = self.pending_intervals.saturating_add(over as u32);
        if self.pending.all < ENOUGH_CALLS {
            return None;
        }
        self.observe();
        self.evaluate()
    }

    fn forget(&mut self) {
        let score = self.score;
        self.restart(self.now);
        self.score = score;
    }

    /// Adds the pending calls to the trends.
    fn observe(&mut self) {
        let steps = core::mem::take(&mut self.pending_intervals).max(1);
        let calls = core::mem::take(&mut self.pending);
        self.volume.observe(calls.all / f64::from(steps), steps);
        self.failed.observe(calls.share(calls.failed), steps);
        self.slow.observe(calls.share(calls.slow), steps);
        self.latency.observe(steps);
    }

    fn evaluate(&mut self) -> Option<Prediction> {
        self.foreseen = projection::project(self);
        if self.foreseen.is_none() {
            self.confirmed = 0;
            if !self.score.is_standing() {
                self.latency.learn();
            }
            return None;
        }
        self.confirmed = self.confirmed.saturating_add(1);
        if self.confirmed < self.config.confirmations || self.score.is_standing() {
            return None;
        }
        self.confirmed = 0;
        self.score.predicted(self.now);
        self.foreseen
    }
}
