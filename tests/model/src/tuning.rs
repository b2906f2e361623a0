//! Other thresholds while it runs, and an opening ahead of the rules.

use crate::case::Thresholds;
use crate::history::{Event, Move, Reason, State};
use crate::model::Model;
use crate::options::{Options, Window};
use crate::rules::Trip;

impl Model {
    /// Replaces the thresholds, after every move that is due by the thresholds so far. Those left out are as the breaker was
    /// made. Returns whether the thresholds are valid; nothing changes if not.
    pub fn retune(&mut self, thresholds: &Thresholds, shown: f64) -> bool {
        self.clock.tell(shown);
        let Some(options) = retuned(&self.made_with, thresholds) else {
            return false;
        };
        self.poll_all(shown);
        self.history.push(Event::Retuned { at: self.now() });
        self.options = options;
        true
    }

    /// Opens a closed circuit that may move.
    pub fn open_early(&mut self, observed: f64, threshold: f64, shown: f64) -> Option<Move> {
        let due = self.poll_all(shown);
        if !self.lets_circuit_move() || self.circuit_state() != State::Closed {
            return due;
        }
        let trip = Trip {
            reason: Reason::Predicted,
            observed,
            threshold,
        };
        Some(self.trip(trip, self.now()))
    }
}

fn retuned(made_with: &Options, thresholds: &Thresholds) -> Option<Options> {
    let most = 1_000_000.0;
    let held = match made_with.window() {
        Window::Count { size } => size as f64,
        Window::Time { .. } => most,
    };
    let is_count = |given: Option<f64>, most: f64| {
        given.is_none_or(|given| given.fract() == 0.0 && given >= 1.0 && given <= most)
    };
    let is_rate = |given: Option<f64>| given.is_none_or(|given| given > 0.0 && given <= 1.0);
    let Thresholds {
        failure_threshold,
        consecutive_failure_threshold,
        failure_rate_threshold,
        slow_call_rate_threshold,
        minimum_calls,
    } = *thresholds;
    let slow_calls_count = made_with.slow_call_rate_threshold.is_some();
    let is_sound = is_count(failure_threshold, held)
        && is_count(consecutive_failure_threshold, most)
        && is_count(minimum_calls, held)
        && is_rate(failure_rate_threshold)
        && is_rate(slow_call_rate_threshold)
        && (slow_call_rate_threshold.is_none() || slow_calls_count);
    let count = |given: Option<f64>| given.map(|given| given as u64);
    is_sound.then(|| Options {
        failure_threshold: count(failure_threshold).or(made_with.failures()),
        consecutive_failure_threshold: count(consecutive_failure_threshold)
            .or(made_with.consecutive_failure_threshold),
        failure_rate_threshold: failure_rate_threshold.or(made_with.failure_rate_threshold),
        slow_call_rate_threshold: slow_call_rate_threshold.or(made_with.slow_call_rate_threshold),
        minimum_calls: count(minimum_calls).or(Some(made_with.minimum())),
        ..made_with.clone()
    })
}
