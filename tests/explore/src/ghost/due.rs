//! The moves that the rules demand, counted anew from the history.

use super::{Call, Ghost, Phase, Standing, visible};
use crate::configuration::{Configuration, MILLI, OPEN_FOR, Verdict};
use crate::operation::{Ending, Operation};
use breaker_core::{CircuitState, Instant, Override, Reason, Transition};
use std::mem::discriminant;

/// What the probes so far decide.
enum Decision {
    Recovered,
    Failing { observed: f64, threshold: f64 },
}

impl Ghost {
    /// The next move that time has made due, if there is one. Probes that are over by then are written down as failed.
    pub fn due(&mut self, configuration: &Configuration) -> Option<Transition> {
        if !self.is_free() {
            return None;
        }
        match self.phase {
            Phase::Closed { ramp } => {
                while let Some(at) = self.next_overdue(configuration) {
                    if let Some((reason, numbers)) = self.slow_rate_met(configuration, at) {
                        return Some(self.decided(CircuitState::Open, reason, numbers, at));
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
                self.decided(
                    CircuitState::HalfOpen,
                    Reason::OpenTimeElapsed,
                    [open_time, open_time],
                    ends,
                )
            }),
            Phase::HalfOpen { .. } => self.expire_probes(configuration),
        }
    }

    /// The order that stands after what an operator does, and the move that this demands.
    #[must_use]
    pub fn ordered(&self, operation: Operation) -> (Override, Option<Transition>) {
        let order = match (operation, self.order) {
            (Operation::ForceOpen, Override::ForcedOpen { holders }) => Override::ForcedOpen {
                holders: holders + 1,
            },
            (Operation::ForceOpen, _) => Override::ForcedOpen { holders: 1 },
            (Operation::ReleaseForcedOpen, Override::ForcedOpen { holders }) if holders > 1 => {
                Override::ForcedOpen {
                    holders: holders - 1,
                }
            }
            (Operation::ReleaseForcedOpen, Override::ForcedClosed | Override::Shadow) => self.order,
            (Operation::ForceClosed, _) => Override::ForcedClosed,
            (Operation::Shadow, _) => Override::Shadow,
            _ => Override::None,
        };
        let is_reset = operation == Operation::Reset;
        let changes = discriminant(&order) != discriminant(&self.order);
        let demanded = (is_reset || changes).then(|| Transition {
            from: visible(self.order, self.phase.state()),
            to: if is_reset {
                CircuitState::Closed
            } else {
                visible(order, self.phase.state())
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
        (order, demanded)
    }

    /// What the end of a call that counts demands.
    pub fn after_call(
        &mut self,
        configuration: &Configuration,
        ending: Ending,
    ) -> Option<Transition> {
        let failed = ending.outcome().is_failure();
        if let Phase::HalfOpen { .. } = self.phase
            && self.is_free()
        {
            self.count_probe(ending);
            if ending == Ending::OpenFor {
                return Some(self.open_for());
            }
            return self.probes_decide(configuration, Reason::ProbeFailed, self.now);
        }
        if ending == Ending::Ignored {
            return None;
        }
        self.calls.push(Call {
            at: self.now,
            failed,
            slow: Self::is_slow(configuration, ending),
        });
        if !self.is_free() {
            return None;
        }
        if ending == Ending::OpenFor {
            return Some(self.open_for());
        }
        let (reason, numbers) = self.rule_met(configuration, failed)?;
        Some(self.decided(CircuitState::Open, reason, numbers, self.now))
    }

    /// The first rule that the window meets with its latest call, with what was counted and what that reached.
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

    /// Whether the slow-call rule is met at a time, by calls that ended slowly and by those that are overdue.
    fn slow_rate_met(&self, configuration: &Configuration, at: u64) -> Option<(Reason, [f64; 2])> {
        let threshold = configuration.slow_rate?;
        let (window, [_, overdue]) = (self.window_at(configuration, at), self.under_way());
        let calls = window.calls + overdue;
        let rate = f64::from(window.slow + overdue) / f64::from(calls);
        let met = calls >= configuration.minimum_calls && rate >= threshold;
        met.then_some((Reason::SlowCallRate, [rate, threshold]))
    }

    fn expire_probes(&mut self, configuration: &Configuration) -> Option<Transition> {
        loop {
            let (generation, now) = (self.generation, self.now);
            let over = self.permits.iter_mut().filter(|held| {
                held.generation == generation
                    && held.standing == Standing::InFlight
                    && held.probe_until.is_some_and(|until| until <= now)
            });
            let next = over.min_by_key(|held| held.probe_until)?;
            next.standing = Standing::Expired;
            let deadline = next.probe_until?;
            self.count_probe(Ending::Timeout);
            let decided = self.probes_decide(configuration, Reason::ProbeExpired, deadline);
            if decided.is_some() {
                return decided;
            }
        }
    }

    fn count_probe(&mut self, ending: Ending) {
        if let Phase::HalfOpen {
            successes,
            failures,
        } = &mut self.phase
        {
            match ending {
                Ending::Success | Ending::SlowSuccess => *successes += 1,
                Ending::Ignored => {}
                Ending::Failure | Ending::SlowFailure | Ending::Timeout | Ending::OpenFor => {
                    *failures += 1;
                }
            }
        }
    }

    fn probes_decide(
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
        Some(match self.decision(configuration)? {
            Decision::Recovered => {
                let numbers = [f64::from(successes), f64::from(required)];
                self.decided(CircuitState::Closed, Reason::ProbesSucceeded, numbers, at)
            }
            Decision::Failing {
                observed,
                threshold,
            } => self.decided(CircuitState::Open, failed, [observed, threshold], at),
        })
    }

    /// By rate it is decided when the probes that are still to come could end in any way without changing it.
    fn decision(&self, configuration: &Configuration) -> Option<Decision> {
        let Phase::HalfOpen {
            successes,
            failures,
        } = self.phase
        else {
            return None;
        };
        match configuration.verdict {
            Verdict::Successes(_) if failures > 0 => Some(Decision::Failing {
                observed: f64::from(failures),
                threshold: 1.0,
            }),
            Verdict::Successes(required) => (successes >= required).then_some(Decision::Recovered),
            Verdict::Rate { calls, threshold } => {
                let rate = |failures: u32| f64::from(failures) / f64::from(calls);
                let to_come = calls.saturating_sub(successes + failures);
                let mut ends = (0..=to_come).map(|more| rate(failures + more) >= threshold);
                let first = ends.next()?;
                ends.all(|end| end == first).then(|| match first {
                    true => Decision::Failing {
                        observed: rate(failures),
                        threshold,
                    },
                    false => Decision::Recovered,
                })
            }
        }
    }

    fn open_for(&self) -> Transition {
        let numbers = [OPEN_FOR as f64, 0.0];
        self.decided(CircuitState::Open, Reason::OpenFor, numbers, self.now)
    }

    fn decided(
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
