//! Readings of a breaker. Reading never changes a decision.

use crate::breaker::Breaker;
use crate::config::Config;
use crate::half_open::{Probing, VerdictRule};
use crate::in_flight::InFlight;
use crate::lifetime::ResponseTimes;
use crate::overrides::{Hold, Override};
use crate::permit::Generation;
use crate::report::{Explanation, Stats};
use crate::state::{CircuitState, State};
use crate::time::{Instant, Span};
use crate::window::Counts;

impl Breaker {
    /// Returns the state that callers experience, as of the latest observed time.
    #[must_use]
    pub fn effective_state(&self) -> CircuitState {
        self.override_.effective(self.state.kind())
    }

    /// Returns the state beneath any override.
    #[must_use]
    pub fn underlying_state(&self) -> CircuitState {
        self.state.kind()
    }

    /// Returns the override.
    #[must_use]
    pub fn standing_override(&self) -> Override {
        self.override_
    }

    /// Returns the token of the latest override.
    #[must_use]
    pub fn hold(&self) -> Hold {
        self.hold
    }

    /// Returns the generation.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Whether a ramp is in progress.
    #[must_use]
    pub fn is_recovering(&self) -> bool {
        matches!(self.state, State::Closed { ramp: Some(_) })
    }

    /// Returns the options in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the time until a call may be admitted. `None` if only an operator can end the rejection, zero if a
    /// call would be admitted now. While half-open it is the time until the first probe expires.
    #[must_use]
    pub fn retry_after(&mut self, now: Instant) -> Option<Span> {
        self.poll_all(now);
        self.wait()
    }

    pub(crate) fn wait(&self) -> Option<Span> {
        match self.override_ {
            Override::ForcedOpen { .. } => return None,
            Override::ForcedClosed | Override::Shadow => return Some(Span::ZERO),
            Override::None => {}
        }
        if let Some(wait) = self.wait_for_answers() {
            return Some(wait);
        }
        Some(match &self.state {
            State::Closed {
                ramp: Some(progress),
            } => self
                .config
                .ramp
                .as_ref()
                .map_or(Span::ZERO, |ramp| ramp.ends(progress).since(self.now)),
            State::Closed { ramp: None } => Span::ZERO,
            State::Open { until, .. } => until.since(self.now),
            State::HalfOpen(probing) if self.wants_probe(probing) => Span::ZERO,
            State::HalfOpen(_) => self
                .probes
                .earliest()
                .map_or(Span::ZERO, |(_, deadline)| deadline.since(self.now)),
        })
    }

    /// Returns the time until a slot becomes free, if a closed circuit rejects calls for lack of one.
    pub(crate) fn wait_for_answers(&self) -> Option<Span> {
        match (&self.state, &self.in_flight) {
            (State::Closed { .. }, Some(in_flight)) => Some(in_flight.wait_at(self.now)),
            _ => None,
        }
        .filter(|wait| *wait > Span::ZERO)
    }

    /// Returns the number of overdue calls in flight at a time.
    pub(crate) fn overdue_calls(&self, now: Instant) -> u32 {
        self.watched(|in_flight| in_flight.overdue_at(now))
    }

    fn watched<T: Default>(&self, read: impl FnOnce(&InFlight) -> T) -> T {
        self.in_flight.as_deref().map_or_else(T::default, read)
    }

    /// Whether every call must request a permit even while the circuit is closed: calls in flight are watched, or a
    /// ramp is in progress.
    #[must_use]
    pub fn is_gated(&self) -> bool {
        self.in_flight.is_some() || self.is_recovering()
    }

    /// Returns the stats. Makes the due transitions first.
    pub fn stats(&mut self, now: Instant) -> Stats {
        self.poll_all(now);
        let now = self.now;
        let window = self.window_counts();
        let counts = self.outcome_counts(window);
        let age_of =
            |instant: Instant| (instant != Instant::NEVER).then(|| now.since(instant).as_millis());
        let times = self.lifetime.response_times.as_deref();
        let measured = times.filter(|times| times.measured > 0);
        Stats {
            state: self.effective_state(),
            override_: self.override_,
            underlying_state: self.underlying_state(),
            failure_count: counts.failures,
            success_count: counts.successes,
            slow_call_count: window.slow,
            consecutive_failures: self.consecutive_failures,
            last_failure_age: age_of(self.lifetime.last_failure),
            last_success_age: age_of(self.lifetime.last_success),
            retry_after: self.retry_after_reading(),
            total_successes: self.lifetime.totals.successes,
            total_failures: self.lifetime.totals.failures,
            total_timeouts: self.lifetime.totals.timeouts,
            total_rejected: self.lifetime.totals.rejected,
            total_ignored: self.lifetime.totals.ignored,
            shadow_rejected: self.lifetime.totals.shadow_rejected,
            average_response_time: times.and_then(ResponseTimes::average_millis),
            quantiles: times.and_then(ResponseTimes::quantiles_millis),
            longest_response_time: measured.map(|times| times.longest.as_millis()),
            failure_rate: counts.failure_rate(),
            slow_call_rate: window.with_overdue(self.overdue_calls(now)).slow_rate(),
            uptime: self.lifetime.open.uptime_percent(now),
            state_changes: self.lifetime.totals.state_changes,
            probes_in_flight: self.probes.in_flight(),
            overdue_calls: self.overdue_calls(now),
            capped: self.watched(|in_flight| in_flight.is_capped_at(now)),
            age: now.since(self.lifetime.open.made).as_millis(),
        }
    }

    /// Returns the numbers behind the last transition and the next decision. Makes no transition, so that each one
    /// can be explained before the next: call [`poll`](Self::poll) first to see the latest.
    pub fn explain(&mut self, now: Instant) -> Explanation {
        let now = self.observe(now);
        let counts = self.window_counts();
        let rules = &self.config.rules;
        let (probe_successes, probe_failures) = match self.state {
            State::HalfOpen(probing) => (probing.successes, probing.failures),
            State::Closed { .. } | State::Open { .. } => (0, 0),
        };
        Explanation {
            generation: self.generation.number(),
            reason: self.last.reason,
            from: self.last.from,
            to: self.last.to,
            age: (self.last.at != Instant::NEVER).then(|| now.since(self.last.at).as_millis()),
            observed: self.last.observed,
            threshold: self.last.threshold,
            calls: counts.calls(),
            failures: counts.failures,
            slow_calls: counts.slow,
            consecutive_failures: self.consecutive_failures,
            failure_threshold: rules.failures,
            consecutive_failure_threshold: rules.consecutive_failures,
            failure_rate_threshold: rules.failure_rate,
            slow_call_rate_threshold: rules.slow_calls.map(|rule| rule.rate),
            minimum_calls: rules.minimum_calls,
            probes_in_flight: self.probes.in_flight(),
            probe_successes,
            probe_failures,
            probes_required: self.probes_required(),
            open_time: match self.state {
                State::Open { since, until } => until.since(since),
                State::Closed { .. } | State::HalfOpen(_) => self.backoff.next,
            }
            .as_millis(),
            failed_recoveries: self.backoff.failed_recoveries,
            in_flight_limit: self.config.in_flight.and_then(|watched| watched.limit),
            capped: self.watched(|in_flight| in_flight.is_capped_at(now)),
            unanswered_calls: self.watched(|in_flight| in_flight.unanswered_at(now)),
            overdue_calls: self.overdue_calls(now),
            bad_signs: self.watched(|in_flight| in_flight.bad_signs_at(now)),
            ramp_share: match (&self.state, &self.config.ramp) {
                (
                    State::Closed {
                        ramp: Some(progress),
                    },
                    Some(ramp),
                ) => Some(ramp.share(progress, now)),
                _ => None,
            },
            retry_after: self.retry_after_reading(),
        }
    }

    /// Returns the counts that the rules read. While open, those at the opening.
    fn window_counts(&self) -> Counts {
        match self.state {
            State::Open { .. } => self.window.counts(),
            State::Closed { .. } | State::HalfOpen(_) => self.window.counts_at(self.now),
        }
    }

    /// Returns the number of successes that close the circuit, or of probes that the verdict needs.
    pub(crate) fn probes_required(&self) -> u32 {
        match self.config.probes.verdict {
            VerdictRule::Successes { required } => required,
            VerdictRule::FailureRate { calls, .. } => calls,
        }
    }

    /// Returns the counts of the probes while half-open, else those of the window.
    fn outcome_counts(&self, window: Counts) -> Counts {
        match self.state {
            State::HalfOpen(Probing {
                successes,
                failures,
            }) => Counts {
                successes,
                failures,
                ..window
            },
            State::Closed { .. } | State::Open { .. } => window,
        }
    }

    fn retry_after_reading(&self) -> Option<f64> {
        match self.wait() {
            None => Some(f64::INFINITY),
            Some(Span::ZERO) => None,
            Some(span) => Some(span.as_millis()),
        }
    }
}
