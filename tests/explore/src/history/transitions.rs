//! Transitions that the rules demand, recomputed from the history.

use super::{Call, History, PermitState, Phase, visible};
use crate::configuration::{Configuration, MILLI, OPEN_FOR, Verdict};
use crate::operation::{CallResult, Operation};
use breaker_core::{CircuitState, Instant, Override, Reason, Transition};
use std::mem::discriminant;

/// Verdict over the probes so far.
enum ProbeVerdict {
    Recovered,
    Failing { observed: f64, threshold: f64 },
}

impl History {
    /// Returns the next due transition, if there is one. Marks probes past their deadline as failed.
    pub fn next_due_transition(&mut self, configuration: &Configuration) -> Option<Transition> {
        if !self.can_move() {
            return None;
        }
        match self.phase {
            Phase::Closed { ramp } => {
                while let Some(at) = self.next_overdue(configuration) {
                    if let Some((reason, numbers)) = self.slow_rate_met(configuration, at) {
                        return Some(self.transition(CircuitState::Open, reason, numbers, at));
                    }
                }
                let rule = configuration.ramp?;
                if self.now >= ramp?.since + rule.duration * MILLI {
                    self.phase = Phase::CLOSED;
                    self.failed_recoveries = 0;
                }
                None
            }
            Phase::Open { since, until, ends } => (self.now >= ends).then(|| {
                let open_time = (until - since) as f64 / MILLI as f64;
                self.transition(
                    CircuitState::HalfOpen,
                    Reason::OpenTimeElapsed,
                    [open_time, open_time],
                    ends,
                )
            }),
            Phase::HalfOpen { .. } => self.expire_probes(configuration),
        }
    }

    /// Returns the override after an operator's command, and the transition that the command demands.
    #[must_use]
    pub fn after_command(&self, operation: Operation) -> (Override, Option<Transition>) {
        let override_ = match (operation, self.override_) {
            (Operation::ForceOpen, Override::ForcedOpen { holders }) => Override::ForcedOpen {
                holders: holders + 1,
            },
            (Operation::ForceOpen, _) => Override::ForcedOpen { holders: 1 },
            (Operation::Release, Override::ForcedOpen { holders }) if holders > 1 => {
                Override::ForcedOpen {
                    holders: holders - 1,
                }
            }
            (Operation::ReleaseEarlier, _) => self.override_,
            (Operation::ForceClosed, _) => Override::ForcedClosed,
            (Operation::Shadow, _) => Override::Shadow,
            _ => Override::None,
        };
        let is_reset = operation == Operation::Reset;
        let changes = discriminant(&override_) != discriminant(&self.override_);
        let expected = (is_reset || changes).then(|| Transition {
            from: visible(self.override_, self.phase.state()),
            to: if is_reset {
                CircuitState::Closed
            } else {
                visible(override_, self.phase.state())
            },
            reason: if is_reset {
                Reason::Reset
            } else {
                Reason::Override
            },
            at: Instant::from_micros(self.now),
            observed: 0.0,
            threshold: 0.0,
        });
        (override_, expected)
    }

    /// Returns the transition that the end of a counted call demands.
    pub fn transition_after_call(
        &mut self,
        configuration: &Configuration,
        result: CallResult,
    ) -> Option<Transition> {
        let failed = result.outcome().is_failure();
        if let Phase::HalfOpen { .. } = self.phase
            && self.can_move()
        {
            self.count_probe(result);
            if result == CallResult::OpenFor {
                return Some(self.open_for());
            }
            return self.probe_transition(configuration, Reason::ProbeFailed, self.now);
        }
        if result == CallResult::Ignored {
            return None;
        }
        self.calls.push(Call {
            at: self.now,
            failed,
            slow: Self::is_slow(configuration, result),
            aborted: result == CallResult::SlowAborted,
        });
        if !self.can_move() {
            return None;
        }
        if result == CallResult::OpenFor {
            return Some(self.open_for());
        }
        let (reason, numbers) = match result {
            CallResult::SlowAborted => self.slow_rate_met(configuration, self.now),
            _ => self.rule_met(configuration, failed),
        }?;
        Some(self.transition(CircuitState::Open, reason, numbers, self.now))
    }

    /// Returns the first rule that the window meets with its latest call, with the observed number and the threshold.
    fn rule_met(&self, configuration: &Configuration, failed: bool) -> Option<(Reason, [f64; 2])> {
        let window = self.window(configuration);
        let in_a_row = self.failures_in_a_row();
        let count = |reason, count: u32, threshold: Option<u32>| {
            let met = failed && count >= threshold?;
            met.then_some((reason, [f64::from(count), f64::from(threshold?)]))
        };
        let rate = |reason, part: u32, threshold: Option<f64>| {
            let rate = f64::from(part) / f64::from(window.calls);
            let met = window.calls >= configuration.minimum_calls && rate >= threshold?;
            met.then_some((reason, [rate, threshold?]))
        };
        count(
            Reason::FailureThreshold,
            window.failures,
            configuration.failures,
        )
        .or_else(|| {
            count(
                Reason::ConsecutiveFailures,
                in_a_row,
                configuration.failures_in_a_row,
            )
        })
        .or_else(|| {
            rate(
                Reason::FailureRate,
                window.failures,
                configuration.failure_rate,
            )
        })
        .or_else(|| self.slow_rate_met(configuration, self.now))
    }

    /// Returns the slow-call rule if it is met at a time, by slow calls and by overdue ones.
    fn slow_rate_met(&self, configuration: &Configuration, at: u64) -> Option<(Reason, [f64; 2])> {
        let threshold = configuration.slow_rate?;
        let (window, [_, overdue]) = (self.window_at(configuration, at), self.calls_in_flight());
        let calls = window.calls + window.aborted + overdue;
        let rate = f64::from(window.slow + overdue) / f64::from(calls);
        let met = calls >= configuration.minimum_calls && rate >= threshold;
        met.then_some((Reason::SlowCallRate, [rate, threshold]))
    }

    fn expire_probes(&mut self, configuration: &Configuration) -> Option<Transition> {
        loop {
            let (generation, now) = (self.generation, self.now);
            let over = self.permits.iter_mut().filter(|issued| {
                issued.generation == generation
                    && issued.state == PermitState::InFlight
                    && issued.probe_until.is_some_and(|until| until <= now)
            });
            let next = over.min_by_key(|issued| issued.probe_until)?;
            next.state = PermitState::Expired;
            let deadline = next.probe_until?;
            self.count_probe(CallResult::Timeout);
            let transition = self.probe_transition(configuration, Reason::ProbeExpired, deadline);
            if transition.is_some() {
                return transition;
            }
        }
    }

    fn count_probe(&mut self, result: CallResult) {
        if let Phase::HalfOpen {
            successes,
            failures,
        } = &mut self.phase
        {
            match result {
                CallResult::Success | CallResult::SlowSuccess => *successes += 1,
                CallResult::Ignored | CallResult::SlowAborted => {}
                CallResult::Failure
                | CallResult::SlowFailure
                | CallResult::Timeout
                | CallResult::OpenFor => {
                    *failures += 1;
                }
            }
        }
    }

    fn probe_transition(
        &self,
        configuration: &Configuration,
        failed: Reason,
        at: u64,
    ) -> Option<Transition> {
        let Phase::HalfOpen { successes, .. } = self.phase else {
            return None;
        };
        let (required, failed) = match configuration.verdict {
            Verdict::Successes(required) => (required, failed),
            Verdict::Rate { calls, .. } => (calls, Reason::ProbeFailureRate),
        };
        Some(match self.probe_verdict(configuration)? {
            ProbeVerdict::Recovered => {
                let numbers = [f64::from(successes), f64::from(required)];
                self.transition(CircuitState::Closed, Reason::ProbesSucceeded, numbers, at)
            }
            ProbeVerdict::Failing {
                observed,
                threshold,
            } => self.transition(CircuitState::Open, failed, [observed, threshold], at),
        })
    }

    /// Returns the verdict, if the probes have decided it. By rate they have if no result of the remaining probes can
    /// change it.
    fn probe_verdict(&self, configuration: &Configuration) -> Option<ProbeVerdict> {
        let Phase::HalfOpen {
            successes,
            failures,
        } = self.phase
        else {
            return None;
        };
        match configuration.verdict {
            Verdict::Successes(_) if failures > 0 => Some(ProbeVerdict::Failing {
                observed: f64::from(failures),
                threshold: 1.0,
            }),
            Verdict::Successes(required) => {
                (successes >= required).then_some(ProbeVerdict::Recovered)
            }
            Verdict::Rate { calls, threshold } => {
                let rate = |failures: u32| f64::from(failures) / f64::from(calls);
                let to_come = calls.saturating_sub(successes + failures);
                let mut ends = (0..=to_come).map(|more| rate(failures + more) >= threshold);
                let first = ends.next()?;
                ends.all(|end| end == first).then(|| match first {
                    true => ProbeVerdict::Failing {
                        observed: rate(failures),
                        threshold,
                    },
                    false => ProbeVerdict::Recovered,
                })
            }
        }
    }

    fn open_for(&self) -> Transition {
        let numbers = [OPEN_FOR as f64, 0.0];
        self.transition(CircuitState::Open, Reason::OpenFor, numbers, self.now)
    }

    fn transition(
        &self,
        to: CircuitState,
        reason: Reason,
        [observed, threshold]: [f64; 2],
        at: u64,
    ) -> Transition {
        Transition {
            from: self.phase.state(),
            to,
            reason,
            at: Instant::from_micros(at),
            observed,
            threshold,
        }
    }
}
