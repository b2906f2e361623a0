//! Behaviour of each state towards a call.

use crate::backoff::Backoff;
use crate::breaker::Breaker;
use crate::half_open::{Probing, Verdict};
use crate::outcome::Outcome;
use crate::overrides::Override;
use crate::permit::{Admission, Permit, Rejection};
use crate::rules::Trip;
use crate::state::{Reason, State, Transition};
use crate::time::{Instant, Span};
use crate::window::{Answer, Sample};

impl Breaker {
    /// Admits or rejects a call in any state but plainly closed.
    #[cold]
    pub(crate) fn admit_elsewhere(&mut self, now: Instant) -> Admission {
        self.poll_all(now);
        let decision = match self.override_ {
            Override::None | Override::Shadow => self.admit_by_state(),
            Override::ForcedOpen { .. } => Admission::Rejected {
                rejection: Rejection::ForcedOpen,
                retry_after: None,
            },
            Override::ForcedClosed => self.admitted(),
        };
        match (decision, self.override_) {
            (Admission::Admitted(_), _) => decision,
            (Admission::Rejected { .. }, Override::Shadow) => {
                self.lifetime.totals.shadow_rejected =
                    self.lifetime.totals.shadow_rejected.saturating_add(1);
                Admission::Admitted(Permit::UNCOUNTED)
            }
            (Admission::Rejected { .. }, _) => {
                self.lifetime.totals.rejected = self.lifetime.totals.rejected.saturating_add(1);
                decision
            }
        }
    }

    /// Settles a permit, except for a success in the plainly closed state.
    #[inline(never)]
    pub(crate) fn settle_elsewhere(
        &mut self,
        permit: Permit,
        outcome: Outcome,
        duration: Option<Span>,
        now: Instant,
    ) -> Option<Transition> {
        let now = self.observe(now);
        let outcome = outcome.resolved(duration);
        self.lifetime.record(outcome, duration, now);
        let due = self.poll_all(now);
        if permit.generation() != self.generation {
            return due;
        }
        let decided = match (&self.override_, &self.state) {
            (Override::ForcedClosed, _) | (_, State::Closed { .. }) => {
                let overdue = self.end_in_flight(permit, outcome, duration);
                let trip = self.count(outcome, duration, overdue, now);
                match (&self.override_, outcome) {
                    (Override::ForcedClosed, _) => None,
                    (_, Outcome::OpenFor(span)) => Some(self.open_for(span, now)),
                    _ => trip.map(|trip| self.trip(trip, now)),
                }
            }
            (_, State::HalfOpen(probing)) => self.settle_probe(permit, *probing, outcome, now),
            (_, State::Open { .. }) => None,
        };
        decided.or(due)
    }

    fn admit_by_state(&mut self) -> Admission {
        let now = self.now;
        if let Some(retry_after) = self.wait_for_answers() {
            return Admission::Rejected {
                rejection: Rejection::InFlightLimit,
                retry_after: Some(retry_after),
            };
        }
        match &mut self.state {
            State::Closed { ramp: None } => self.begin_in_flight(),
            State::Closed {
                ramp: Some(progress),
            } => match &self.config.ramp {
                Some(ramp) if !ramp.admits(progress, now) => {
                    let retry_after = Some(ramp.ends(progress).since(now));
                    Admission::Rejected {
                        rejection: Rejection::Recovering,
                        retry_after,
                    }
                }
                Some(_) | None => self.begin_in_flight(),
            },
            State::Open { until, .. } => Admission::Rejected {
                rejection: Rejection::Open,
                retry_after: Some(until.since(now)),
            },
            State::HalfOpen(probing) => {
                let probing = *probing;
                self.admit_probe(probing)
            }
        }
    }

    fn admit_probe(&mut self, probing: Probing) -> Admission {
        let lifetime = self.probe_lifetime();
        let probe = if self.wants_probe(&probing) {
            self.probes.take(self.now, lifetime)
        } else {
            None
        };
        match probe {
            Some(_) => Admission::Admitted(Permit::new(self.generation, probe)),
            None => Admission::Rejected {
                rejection: Rejection::HalfOpenFull,
                retry_after: self.wait(),
            },
        }
    }

    fn settle_probe(
        &mut self,
        permit: Permit,
        probing: Probing,
        outcome: Outcome,
        now: Instant,
    ) -> Option<Transition> {
        if !self.probes.give_back(permit.probe()?) {
            return None;
        }
        if let Outcome::OpenFor(span) = outcome {
            return Some(self.open_for(span, now));
        }
        let probing = match outcome {
            Outcome::Success => Probing {
                successes: probing.successes.saturating_add(1),
                ..probing
            },
            Outcome::Ignored | Outcome::Aborted | Outcome::Withdrawn => probing,
            _ => Probing {
                failures: probing.failures.saturating_add(1),
                ..probing
            },
        };
        self.evaluate_probes(probing, Reason::ProbeFailed, now)
    }

    /// Fails each probe whose deadline has passed, at its deadline.
    pub(crate) fn expire_probes(
        &mut self,
        mut probing: Probing,
        now: Instant,
    ) -> Option<Transition> {
        while let Some((probe, deadline)) = self.probes.earliest() {
            if now < deadline {
                return None;
            }
            self.probes.give_back(probe);
            probing.failures = probing.failures.saturating_add(1);
            let verdict = self.evaluate_probes(probing, Reason::ProbeExpired, deadline);
            if verdict.is_some() {
                return verdict;
            }
        }
        None
    }

    /// Ends the ramp if it is over.
    #[inline(never)]
    pub(crate) fn finish_ramp(&mut self, now: Instant) {
        let State::Closed {
            ramp: Some(progress),
        } = self.state
        else {
            return;
        };
        let ends = self.config.ramp.map_or(now, |ramp| ramp.ends(&progress));
        if now >= ends {
            self.backoff = Backoff::new(&self.config.open_time);
            self.state = State::CLOSED;
            self.renew_pass();
        }
    }

    fn evaluate_probes(
        &mut self,
        probing: Probing,
        failed: Reason,
        at: Instant,
    ) -> Option<Transition> {
        self.state = State::HalfOpen(probing);
        let by_rate = self.config.probes.verdict.still_needed(&probing).is_some();
        match self.config.probes.verdict.judge(&probing) {
            Verdict::Undecided => None,
            Verdict::Recovered => Some(self.close(probing, at)),
            Verdict::Failing {
                observed,
                threshold,
            } => {
                let reason = if by_rate {
                    Reason::ProbeFailureRate
                } else {
                    failed
                };
                let trip = Trip {
                    reason,
                    observed,
                    threshold,
                };
                Some(self.trip(trip, at))
            }
        }
    }

    /// Adds an outcome to the window, and returns the rule that trips.
    #[inline(always)]
    pub(crate) fn count(
        &mut self,
        outcome: Outcome,
        duration: Option<Span>,
        overdue: u32,
        now: Instant,
    ) -> Option<Trip> {
        let sample = self.sample(outcome, duration)?;
        self.window.record(now, sample);
        self.consecutive_failures = match sample.answer {
            Answer::Success => 0,
            Answer::Failure => self.consecutive_failures.saturating_add(1),
            Answer::Missing => self.consecutive_failures,
        };
        self.config.rules.tripped(
            sample,
            self.window.counts(),
            overdue,
            self.consecutive_failures,
        )
    }

    /// Returns the sample of a call, if it is evidence. An aborted call is evidence if it was slow.
    #[inline(always)]
    fn sample(&self, outcome: Outcome, duration: Option<Span>) -> Option<Sample> {
        let sample = self.config.rules.sample(outcome.answer()?, duration);
        (sample.answer != Answer::Missing || sample.slow).then_some(sample)
    }

    /// Marks calls in flight that became overdue, one group after the other, and opens the circuit if the slow-call
    /// rule trips.
    #[inline(never)]
    pub(crate) fn poll_in_flight(&mut self, now: Instant) -> Option<Transition> {
        while let Some(at) = self.in_flight.as_mut()?.next_overdue(now) {
            self.finish_ramp(at);
            self.window.expire(at);
            let (counts, overdue) = (self.window.counts(), self.overdue_calls(at));
            if let Some(trip) = self.config.rules.slow_call_rate_tripped(counts, overdue) {
                return Some(self.trip(trip, at));
            }
        }
        None
    }

    /// Admits a call, and adds it to the watched calls in flight, if there are any.
    fn begin_in_flight(&mut self) -> Admission {
        let (now, generation) = (self.now, self.generation);
        match &mut self.in_flight {
            Some(in_flight) => {
                Admission::Admitted(Permit::in_group(generation, in_flight.begin(now)))
            }
            None => self.admitted(),
        }
    }

    /// Removes a call from those in flight, and returns the number of overdue ones.
    #[inline(never)]
    fn end_in_flight(&mut self, permit: Permit, outcome: Outcome, duration: Option<Span>) -> u32 {
        let now = self.now;
        let sample = self.sample(outcome, duration);
        let Some(in_flight) = &mut self.in_flight else {
            return 0;
        };
        in_flight.end(permit.group(), sample);
        in_flight.overdue_at(now)
    }

    /// Whether one more probe may start.
    pub(crate) fn wants_probe(&self, probing: &Probing) -> bool {
        let in_flight = self.probes.in_flight();
        let needed = self.config.probes.verdict.still_needed(probing);
        in_flight < self.config.probes.max_concurrent
            && needed.is_none_or(|needed| u32::from(in_flight) < needed)
    }

    /// Returns the time until a probe expires: the call timeout, or the present open time if calls have none.
    fn probe_lifetime(&self) -> Span {
        self.config.timeout.unwrap_or(self.backoff.next)
    }

    pub(crate) fn admitted(&self) -> Admission {
        Admission::Admitted(Permit::new(self.generation, None))
    }
}
