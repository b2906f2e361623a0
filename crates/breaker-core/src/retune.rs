//! Replacement of thresholds at runtime, and opening ahead of the rules.

use crate::breaker::Breaker;
use crate::config::{Config, ConfigErrors, Problem};
use crate::problems::Check;
use crate::rules::{Rules, Trip};
use crate::state::{CircuitState, Reason, Transition};
use crate::time::{Instant, Span};
use crate::window::WindowConfig;
use alloc::sync::Arc;
use core::mem;

const REACHABLE: &str = "at most window.size, or it could never be reached";
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
