//! Run of a trace through the engine with its fixed rule, and through a forecast in shadow.

use crate::breakers::BreakerUnderTest;
use crate::scenario::Call;
use breaker_core::{
    Admission, Breaker, CircuitState, Generation, Instant, Outcome as CallOutcome, Permit, Span,
};
use std::sync::Arc;
use thresholds_core::{Forecast, ForecastConfig, ForecastSettings};

/// Result of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    pub calls: u64,
    pub bad_calls: u64,
    /// Openings by the fixed rule.
    pub openings: u64,
    pub came_true: u64,
    pub were_false: u64,
    /// Milliseconds between the true predictions and their openings.
    pub gained: f64,
    /// Failed and slow calls in that time.
    pub saved: u64,
}

impl Outcome {
    pub fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            bad_calls: self.bad_calls + other.bad_calls,
            openings: self.openings + other.openings,
            came_true: self.came_true + other.came_true,
            were_false: self.were_false + other.were_false,
            gained: self.gained + other.gained,
            saved: self.saved + other.saved,
        }
    }

    /// Returns the mean of the gained time per true prediction, in milliseconds.
    pub fn mean_gained(&self) -> f64 {
        self.gained / self.came_true.max(1) as f64
    }
}

pub fn run(under_test: &BreakerUnderTest, trace: &[Call]) -> Outcome {
    let mut run = Run::new(under_test);
    let mut permits = vec![None; trace.len()];
    for (at, event) in in_order(trace) {
        let now = Instant::from_millis(at);
        match event {
            Event::Made(call) => permits[call] = run.make(now),
            Event::Over(call) => {
                if let Some(permit) = permits[call].take() {
                    run.settle(permit, trace[call], now);
                }
            }
        }
    }
    run.outcome(now_after(trace))
}

#[derive(Clone, Copy)]
enum Event {
    Over(usize),
    Made(usize),
}

fn in_order(trace: &[Call]) -> Vec<(f64, Event)> {
    let mut events: Vec<(f64, Event)> = trace
        .iter()
        .enumerate()
        .flat_map(|(index, call)| {
            let over = call.start + call.duration;
            [(call.start, Event::Made(index)), (over, Event::Over(index))]
        })
        .collect();
    events.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    events
}

/// Returns a time at which every prediction has come true or expired.
fn now_after(trace: &[Call]) -> Instant {
    const AN_HOUR: f64 = 3_600_000.0;
    Instant::from_millis(trace.last().map_or(0.0, |call| call.start) + AN_HOUR)
}

struct Run<'u> {
    under_test: &'u BreakerUnderTest,
    breaker: Breaker,
    forecast: Forecast,
    generation: Generation,
    bad_since_prediction: u64,
    outcome: Outcome,
}

impl<'u> Run<'u> {
    fn new(under_test: &'u BreakerUnderTest) -> Self {
        let start = Instant::from_millis(0.0);
        let breaker = Breaker::new(Arc::new(under_test.config()), 1, start);
        let config = ForecastConfig::new(&ForecastSettings::default(), under_test.rule()).unwrap();
        Self {
            under_test,
            generation: breaker.generation(),
            breaker,
            forecast: Forecast::new(config, start),
            bad_since_prediction: 0,
            outcome: Outcome::default(),
        }
    }

    fn make(&mut self, now: Instant) -> Option<Permit> {
        match self.breaker.admit(now) {
            Admission::Admitted(permit) => Some(permit),
            Admission::Rejected { .. } => None,
        }
    }

    fn settle(&mut self, permit: Permit, call: Call, now: Instant) {
        let duration = Some(Span::from_millis(call.duration));
        let result = if call.failed {
            CallOutcome::Failure
        } else {
            CallOutcome::Success
        };
        let was_closed = self.breaker.effective_state() == CircuitState::Closed;
        let counts = was_closed && permit.generation() == self.generation;
        self.breaker.settle(permit, result, duration, now);
        let is_closed = self.breaker.effective_state() == CircuitState::Closed;
        if counts {
            self.count(call, !is_closed, now);
        } else if is_closed && self.breaker.generation() != self.generation {
            self.forecast.restart(now);
        }
        self.generation = self.breaker.generation();
    }

    fn count(&mut self, call: Call, opened: bool, now: Instant) {
        let bad = u64::from(self.under_test.is_bad(call.failed, call.duration));
        self.outcome.calls += 1;
        self.outcome.bad_calls += bad;
        self.bad_since_prediction += bad;
        let duration = Some(Span::from_millis(call.duration));
        if self.forecast.record(call.failed, duration, now).is_some() {
            self.bad_since_prediction = bad;
        }
        if opened {
            self.outcome.openings += 1;
            if self.forecast.stats(now).is_standing {
                self.outcome.saved += self.bad_since_prediction;
            }
            self.forecast.opened(now);
        }
    }

    fn outcome(mut self, end: Instant) -> Outcome {
        let score = self.forecast.stats(end).score;
        Outcome {
            came_true: score.came_true,
            were_false: score.were_false,
            gained: score.gained.as_millis(),
            ..self.outcome
        }
    }
}
