//! Foreseeing that a breaker's own rule will open its circuit.

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

/// Calls that an interval must have seen to be looked at; until it has, the next is added to it.
const ENOUGH_CALLS: f64 = 5.0;

/// Foresees when the rule of a breaker would open its circuit.
///
/// Calls are counted in intervals. At the end of each the failed and the slow share of its calls go into a [`Trend`], and
/// the breaker's own window is moved on, interval by interval, over the calls that the trends say will come. The rule
/// that its window fulfils first, within the horizon, is what is foreseen. Response times are followed beside it: of each
/// interval the quantile that decides whether too many calls are slow, or time out. It is foreseen to reach its limit only
/// once it is more than half the way there from what it was while all was well.
///
/// It is taken for a prediction only where several intervals in a row say so, and where it holds although the trend be
/// lower by a margin of its own past errors. The memory is fixed, a call costs the same however many there are, and an
/// interval as much as there are intervals in window and horizon.
#[derive(Clone, Debug)]
pub struct Forecast {
    config: ForecastConfig,
    now: Instant,
    interval_ends: Instant,
    history: History,
    /// The calls of the interval under way.
    current: Calls,
    /// The calls since the trends were last told, and over how many intervals.
    pending: Calls,
    pending_intervals: u32,
    volume: Trend,
    failed: Trend,
    slow: Trend,
    latency: Latency,
    /// Intervals in a row that foresaw it.
    confirmed: u32,
    /// What the last interval foresaw.
    foreseen: Option<Prediction>,
    score: Score,
}

/// What a forecast sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastStats {
    /// What is foreseen now, confirmed or not.
    pub foreseen: Option<Prediction>,
    /// Whether a prediction stands that neither came true nor was false so far.
    pub is_standing: bool,
    /// The failed share of calls, smoothed.
    pub failure_rate: f64,
    /// The slow share of calls, smoothed.
    pub slow_rate: f64,
    /// The response time that is followed, smoothed; `None` before there is any.
    pub response_time: Option<Span>,
    /// What it was while all was well; `None` while that is being learned.
    pub baseline: Option<Span>,
    /// How predictions turned out.
    pub score: Score,
}

impl Forecast {
    /// A forecast before any call.
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

    /// Adds a call that the breaker counted, and answers a prediction in the moment when it is made.
    pub fn record(
        &mut self,
        failed: bool,
        duration: Option<Span>,
        now: Instant,
    ) -> Option<Prediction> {
        self.now = self.now.max(now);
        let prediction = self.move_on();
        let slow = self.config.rule.rules.sample(failed, duration).slow;
        self.current.record(failed, slow);
        self.latency.record(duration);
        prediction
    }

    /// The breaker's own rule has opened its circuit.
    pub fn opened(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.score.opened(self.now);
        self.restart(now);
    }

    /// Forgets calls and trends, as a breaker that closes does; what response times are while all is well is still known.
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

    /// The breaker's thresholds.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.config.rule.rules
    }

    /// The breaker's thresholds from now on.
    pub fn set_rules(&mut self, rules: Rules) {
        self.config.rule.rules = rules;
        self.latency.follow(&self.config.rule);
        self.confirmed = 0;
    }

    /// What is seen now.
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

    /// Ends the intervals that are over. After a silence as long as the window there is nothing left to go by.
    fn move_on(&mut self) -> Option<Prediction> {
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
        self.judge()
    }

    fn forget(&mut self) {
        let score = self.score;
        self.restart(self.now);
        self.score = score;
    }

    /// Tells the trends.
    fn observe(&mut self) {
        let steps = core::mem::take(&mut self.pending_intervals).max(1);
        let calls = core::mem::take(&mut self.pending);
        self.volume.observe(calls.all / f64::from(steps), steps);
        self.failed.observe(calls.share(calls.failed), steps);
        self.slow.observe(calls.share(calls.slow), steps);
        self.latency.observe(steps);
    }

    fn judge(&mut self) -> Option<Prediction> {
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
