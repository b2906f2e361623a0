//! Replacement of thresholds at runtime, and opening ahead of the rules.

use crate::case::Thresholds;
use crate::clock::{Micros, millis};
use crate::history::{Circuit, Event, Reason, State, Transition};
use crate::model::Model;
use crate::options::{Options, Window};
use crate::rules::Trip;

impl Model {
    /// Replaces the thresholds, after every transition that is due by the old ones. An omitted threshold returns to
    /// its initial value. Returns whether the thresholds are valid; invalid ones change nothing.
    pub fn retune(&mut self, thresholds: &Thresholds, shown: f64) -> bool {
        self.clock.observe(shown);
        let Some(options) = retuned(&self.initial_options, thresholds) else {
            return false;
        };
        self.poll_all(shown);
        self.history.push(Event::Retuned { at: self.now() });
        self.options = options;
        true
    }

    /// Replaces the options. Returns whether they keep what cannot change at runtime. The model does not follow changes of
    /// `jitter` and of `recovery`, nor those of `timeout` with `inFlight`.
    pub fn reconfigure(&mut self, options: Options, shown: f64) -> bool {
        self.clock.observe(shown);
        let before = self.initial_options;
        let keeps = options.window() == before.window()
            && options.slow_from() == before.slow_from()
            && options.max_concurrent_requests == before.max_concurrent_requests
            && options.in_flight == before.in_flight
            && options.response_times == before.response_times;
        if !keeps {
            return false;
        }
        self.poll_all(shown);
        let is_other_verdict = options.verdict() != self.options.verdict();
        if is_other_verdict && self.circuit_state() == State::HalfOpen {
            let transition = self.ordered(self.state(), self.state(), Reason::Updated);
            self.moved(transition, Circuit::HalfOpen, self.active_override(), false);
        } else {
            self.history.push(Event::Retuned { at: self.now() });
        }
        self.initial_options = options;
        self.options = options;
        true
    }

    /// Opens the circuit, unless an override forces it open or closed.
    pub fn open_now(&mut self, open_for: Option<Micros>, shown: f64) -> Option<Transition> {
        let due = self.poll_all(shown);
        if !self.lets_circuit_move() {
            return due;
        }
        let open_time = open_for.unwrap_or_else(|| self.drawn_open_time(self.failed_recoveries()));
        let trip = Trip {
            reason: Reason::Manual,
            observed: millis(open_time),
            threshold: 0.0,
        };
        Some(self.open_without_growth(trip, open_time))
    }

    /// Opens a closed circuit, unless an override forces it open or closed.
    pub fn open_early(&mut self, observed: f64, threshold: f64, shown: f64) -> Option<Transition> {
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

fn retuned(initial_options: &Options, thresholds: &Thresholds) -> Option<Options> {
    let most = 1_000_000.0;
    let held = match initial_options.window() {
        Window::Count { size } => size as f64,
        Window::Time { .. } => most,
    };
    let is_count = |value: Option<f64>, most: f64| {
        value.is_none_or(|value| value.fract() == 0.0 && value >= 1.0 && value <= most)
    };
    let is_rate = |value: Option<f64>| value.is_none_or(|value| value > 0.0 && value <= 1.0);
    let Thresholds {
        failure_threshold,
        consecutive_failure_threshold,
        failure_rate_threshold,
        slow_call_rate_threshold,
        minimum_calls,
    } = *thresholds;
    let slow_calls_count = initial_options.slow_call_rate_threshold.is_some();
    let is_sound = is_count(failure_threshold, held)
        && is_count(consecutive_failure_threshold, most)
        && is_count(minimum_calls, held)
        && is_rate(failure_rate_threshold)
        && is_rate(slow_call_rate_threshold)
        && (slow_call_rate_threshold.is_none() || slow_calls_count);
    let count = |value: Option<f64>| value.map(|value| value as u64);
    is_sound.then(|| Options {
        failure_threshold: count(failure_threshold).or(initial_options.failure_threshold),
        consecutive_failure_threshold: count(consecutive_failure_threshold)
            .or(initial_options.failures_in_a_row()),
        failure_rate_threshold: failure_rate_threshold.or(initial_options.failure_rate()),
        slow_call_rate_threshold: slow_call_rate_threshold
            .or(initial_options.slow_call_rate_threshold),
        minimum_calls: count(minimum_calls).or(Some(initial_options.minimum())),
        ..*initial_options
    })
}
