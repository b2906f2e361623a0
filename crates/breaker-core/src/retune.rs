//! Replacement of thresholds and options at runtime, and openings without a rule.

use crate::breaker::Breaker;
use crate::config::{Config, ConfigErrors, Problem};
use crate::half_open::Probing;
use crate::problems::Check;
use crate::rules::{Rules, Trip};
use crate::state::{CircuitState, Reason, State, Transition};
use crate::time::{Instant, Span};
use crate::window::WindowConfig;
use alloc::sync::Arc;
use core::mem;

const REACHABLE: &str = "at most window.size, or it could never be reached";
const UNCHANGED: &str = "the same as at construction";
const SLOW_CALLS: &str = "set together with slowCallDuration";

/// New thresholds; `None` returns to the initial value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Thresholds {
    /// Failures in the window that open the circuit.
    pub failures: Option<f64>,
    /// Failures in a row that open the circuit.
    pub consecutive_failures: Option<f64>,
    /// Failure rate of the calls in the window that opens the circuit.
    pub failure_rate: Option<f64>,
    /// Slow-call rate in the window that opens the circuit. The duration of a slow call stays, because the window has
    /// counted its calls by it.
    pub slow_call_rate: Option<f64>,
    /// Calls in the window from which a rate applies.
    pub minimum_calls: Option<f64>,
}

impl Config {
    fn retuned(&self, thresholds: &Thresholds) -> Result<Self, ConfigErrors> {
        let mut check = Check::default();
        let mut rules = self.rules;
        let most = match self.window {
            WindowConfig::Count { size } => size,
            WindowConfig::Time { .. } => u32::MAX,
        };
        if let Some(failures) = thresholds.failures {
            rules.failures = Some(check.reachable_count("failureThreshold", failures, most));
        }
        if let Some(failures) = thresholds.consecutive_failures {
            rules.consecutive_failures =
                Some(check.reachable_count("consecutiveFailureThreshold", failures, u32::MAX));
        }
        if let Some(rate) = thresholds.failure_rate {
            rules.failure_rate = Some(check.rate("failureRateThreshold", rate));
        }
        if let Some(rate) = thresholds.slow_call_rate {
            check.rate("slowCallRateThreshold", rate);
            match &mut rules.slow_calls {
                Some(slow_calls) => slow_calls.rate = rate,
                None => check.report("slowCallRateThreshold", Problem::Conflict, SLOW_CALLS),
            }
        }
        // Without a rate rule this has no effect.
        if let Some(calls) = thresholds.minimum_calls {
            rules.minimum_calls = check.reachable_count("minimumCalls", calls, most);
        }
        check.finish(Self {
            rules,
            ..self.clone()
        })
    }

    /// Returns the new options, or an error if they change more than can change at runtime.
    fn checked_change(&self, config: Self) -> Result<Self, ConfigErrors> {
        let slow_from = |config: &Self| config.rules.slow_calls.map(|rule| rule.duration);
        let limit = |config: &Self| config.in_flight.map(|in_flight| in_flight.limit);
        let mut check = Check::default();
        for (option, is_same) in [
            ("window", self.window == config.window),
            ("slowCallDuration", slow_from(self) == slow_from(&config)),
            (
                "maxConcurrentRequests",
                self.probes.max_concurrent == config.probes.max_concurrent,
            ),
            ("inFlight", limit(self) == limit(&config)),
            (
                "responseTimes",
                self.response_times == config.response_times,
            ),
        ] {
            if !is_same {
                check.report(option, Problem::Conflict, UNCHANGED);
            }
        }
        check.finish(Self {
            in_flight: self.in_flight,
            ..config
        })
    }

    /// Returns the rules that open the circuit.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Returns the window that the rules read.
    #[must_use]
    pub fn window(&self) -> WindowConfig {
        self.window
    }

    /// Returns the timeout of a call.
    #[must_use]
    pub fn timeout(&self) -> Option<Span> {
        self.timeout
    }
}

impl Check {
    // Not inlined, so that it is compiled once for all counts.
    #[inline(never)]
    fn reachable_count(&mut self, option: &'static str, value: f64, most: u32) -> u32 {
        let count = self.count(option, value);
        if count > most {
            self.report(option, Problem::Range, REACHABLE);
        }
        count
    }
}

impl Breaker {
    /// Returns the initial options.
    #[must_use]
    pub fn made_with(&self) -> &Config {
        self.made_with.as_ref().unwrap_or(&self.config)
    }

    /// Replaces the thresholds. Every transition that is due by `now` is made first, by the old thresholds. The new
    /// ones are checked at the next outcome, or when the next call becomes overdue. State, window, totals and
    /// generation stay, and calls in flight count as before.
    ///
    /// Returns the last due transition, if any.
    ///
    /// # Errors
    /// Returns all problems of the thresholds; nothing changes then.
    pub fn retune(
        &mut self,
        thresholds: &Thresholds,
        now: Instant,
    ) -> Result<Option<Transition>, ConfigErrors> {
        let now = self.observe(now);
        let retuned = Arc::new(self.made_with().retuned(thresholds)?);
        let due = self.poll_all(now);
        let before = mem::replace(&mut self.config, retuned);
        self.made_with.get_or_insert(before);
        Ok(due)
    }

    /// Replaces the options that can change at runtime, and the thresholds of [`retune`](Self::retune) with them. Every
    /// transition that is due by `now` is made first, by the old options. A present open time, and the time after which
    /// a call in flight is overdue, stay. In a half-open circuit, another verdict over the probes starts anew.
    ///
    /// Returns the last due transition, if any.
    ///
    /// # Errors
    /// Returns the options that cannot change; nothing changes then.
    pub fn reconfigure(
        &mut self,
        config: Config,
        now: Instant,
    ) -> Result<Option<Transition>, ConfigErrors> {
        let now = self.observe(now);
        let config = self.made_with().checked_change(config)?;
        let due = self.poll_all(now);
        if config.open_time != self.config.open_time {
            self.backoff = self.backoff.under(&config.open_time);
        }
        if config.probes != self.config.probes
            && let State::HalfOpen(_) = self.state
        {
            self.state = State::HalfOpen(Probing::default());
            self.probes.clear();
            let state = self.effective_state();
            self.moved(Transition::commanded(state, state, Reason::Updated, now));
        }
        self.config = Arc::new(config);
        self.made_with = None;
        Ok(due)
    }

    /// Opens the circuit without a rule, for `span` or for the open time. An open circuit starts its open time anew. The
    /// same overrides that prevent a trip prevent this.
    pub fn open_now(&mut self, span: Option<Span>, now: Instant) -> Option<Transition> {
        let now = self.observe(now);
        let due = self.poll_all(now);
        if !self.override_.lets_state_move() {
            return due;
        }
        let drawn = self
            .backoff
            .open_time(&self.config.open_time, &mut self.random);
        let open_time = span.unwrap_or(drawn);
        let trip = Trip {
            reason: Reason::Manual,
            observed: open_time.as_millis(),
            threshold: 0.0,
        };
        Some(self.open(trip, open_time, now))
    }

    /// Opens a closed circuit ahead of its rules, because a threshold is predicted to be reached. The same overrides
    /// that prevent a trip prevent this.
    pub fn open_early(
        &mut self,
        observed: f64,
        threshold: f64,
        now: Instant,
    ) -> Option<Transition> {
        let now = self.observe(now);
        let due = self.poll_all(now);
        if !self.override_.lets_state_move() || self.state.kind() != CircuitState::Closed {
            return due;
        }
        let trip = Trip {
            reason: Reason::Predicted,
            observed,
            threshold,
        };
        Some(self.trip(trip, now))
    }
}
