//! Recording of the history: one function for each kind of event.

use super::{Evidence, History, Holds, IssuedPermit, PermitState, Phase, Ramp};
use crate::configuration::{Configuration, MILLI, OPEN_FOR};
use crate::operation::CallResult;
use breaker_core::{
    CircuitState, Hold, Instant, Override, Permit, Reason, Rejection, Span, Transition,
};

/// Expected decision on a request for a permit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    Admitted,
    Probe,
    /// Admitted by shadow mode; the state would have rejected the call.
    OnlyByShadow,
    Rejected(Rejection, Option<Span>),
}

impl History {
    /// Records the time on the clock.
    pub fn observe_clock(&mut self, clock: u64) {
        self.now = self.now.max(clock);
    }

    /// Returns the expected decision on a request, and advances the ramp.
    pub fn decide(&mut self, configuration: &Configuration) -> Decision {
        match self.override_ {
            Override::ForcedOpen { .. } => Decision::Rejected(Rejection::ForcedOpen, None),
            Override::ForcedClosed => Decision::Admitted,
            Override::None => self.decide_by_state(configuration),
            Override::Shadow => match self.decide_by_state(configuration) {
                Decision::Rejected(..) => Decision::OnlyByShadow,
                decision => decision,
            },
        }
    }

    fn decide_by_state(&mut self, configuration: &Configuration) -> Decision {
        let share = self.ramp_share(configuration);
        let now = self.now;
        let after = |instant: u64| Some(Span::from_micros(instant - now));
        if let Some(free_at) = self.slot_free_at(configuration) {
            return Decision::Rejected(Rejection::InFlightLimit, after(free_at));
        }
        match &mut self.phase {
            Phase::Closed { ramp: Some(ramp) } => {
                ramp.shares += share.unwrap_or(1.0);
                if ramp.shares >= f64::from(ramp.admitted) {
                    ramp.admitted += 1;
                    return Decision::Admitted;
                }
                let duration = configuration.ramp.map_or(0, |rule| rule.duration * MILLI);
                Decision::Rejected(Rejection::Recovering, after(ramp.since + duration))
            }
            Phase::Closed { ramp: None } => Decision::Admitted,
            Phase::Open { ends, .. } => Decision::Rejected(Rejection::Open, after(*ends)),
            Phase::HalfOpen { .. } => {
                if (self.probes().count() as u32) < self.probes_wanted(configuration) {
                    return Decision::Probe;
                }
                let first_over = self.probes().filter_map(|issued| issued.probe_until).min();
                Decision::Rejected(Rejection::HalfOpenFull, first_over.and_then(after))
            }
        }
    }

    /// Records the answer to a request: a permit, if the call was admitted.
    pub fn record_decision(
        &mut self,
        configuration: &Configuration,
        decision: Decision,
        permit: Option<Permit>,
    ) {
        let Some(permit) = permit else {
            self.totals.rejected += 1;
            return;
        };
        let open_time = configuration.open_time(self.failed_recoveries);
        let lifetime = configuration
            .timeout
            .map_or(open_time, |timeout| timeout * MILLI);
        let is_watched = decision == Decision::Admitted;
        let group = is_watched.then(|| self.join_group(configuration)).flatten();
        self.permits.push(IssuedPermit {
            permit,
            number: self.totals.admitted,
            generation: self.generation,
            probe_until: (decision == Decision::Probe).then_some(self.now + lifetime),
            group,
            uncounted: decision == Decision::OnlyByShadow,
            state: PermitState::InFlight,
        });
        self.totals.admitted += 1;
        self.totals.shadow_rejected += u64::from(decision == Decision::OnlyByShadow);
    }

    /// Whether the outcome of the call that holds this permit counts.
    #[must_use]
    pub fn counts(&self, issued: &IssuedPermit) -> bool {
        issued.generation == self.generation
            && issued.state == PermitState::InFlight
            && !issued.uncounted
    }

    /// Records the end of a call. Returns the transition that it demands.
    pub fn record_result(
        &mut self,
        configuration: &Configuration,
        index: usize,
        result: CallResult,
    ) -> Option<Transition> {
        self.add_to_totals(result);
        let issued = self.permits[index];
        let counts = self.counts(&issued);
        if issued.state == PermitState::Settled {
            self.permits.remove(index);
        } else {
            self.permits[index].state = PermitState::Settled;
        }
        if !counts {
            return None;
        }
        self.record_evidence(configuration, issued.group, result);
        self.transition_after_call(configuration, result)
    }

    fn add_to_totals(&mut self, result: CallResult) {
        match result {
            CallResult::Success | CallResult::SlowSuccess => {
                self.totals.successes += 1;
                self.last_success = Some(self.now);
            }
            CallResult::Ignored | CallResult::SlowAborted => self.totals.ignored += 1,
            CallResult::Failure
            | CallResult::SlowFailure
            | CallResult::Timeout
            | CallResult::OpenFor => {
                self.totals.failures += 1;
                self.totals.timeouts += u64::from(result == CallResult::Timeout);
                self.last_failure = Some(self.now);
            }
        }
    }

    /// Records a transition, and the override after it.
    pub fn record_transition(
        &mut self,
        configuration: &Configuration,
        to: &Transition,
        override_: Override,
    ) {
        let visible = self.visible();
        let at = micros(to.at);
        self.override_ = override_;
        match (to.reason, to.to) {
            (Reason::Reset, _) => {
                self.phase = Phase::CLOSED;
                self.failed_recoveries = 0;
                self.evidence = Evidence::default();
                self.empty(at);
            }
            (Reason::Override, _) => self.extend_open_time(),
            (reason, CircuitState::Open) => self.opened(configuration, reason, at),
            (_, CircuitState::HalfOpen) => self.phase = Phase::PROBING,
            (_, CircuitState::Closed) => self.closed(configuration, at),
        }
        self.generation += 1;
        self.groups.clear();
        self.last_move = Some(at);
        if self.visible() != visible {
            self.record_visible_change(at);
        }
    }

    /// Extends the open time to the end of an override that absorbed time.
    fn extend_open_time(&mut self) {
        match &mut self.phase {
            Phase::Closed { .. } => {}
            Phase::Open { ends, .. } => *ends = self.now.max(*ends),
            Phase::HalfOpen { .. } => self.phase = Phase::PROBING,
        }
    }

    fn opened(&mut self, configuration: &Configuration, reason: Reason, at: u64) {
        if self.phase != Phase::CLOSED {
            self.failed_recoveries += 1;
        }
        let open_time = match reason {
            Reason::OpenFor => OPEN_FOR * MILLI,
            _ => configuration.open_time(self.failed_recoveries),
        };
        let until = at + open_time;
        self.phase = Phase::Open {
            since: at,
            until,
            ends: until,
        };
    }

    fn closed(&mut self, configuration: &Configuration, at: u64) {
        let ramp = configuration.ramp.map(|_| Ramp::starting(at));
        if ramp.is_none() {
            self.failed_recoveries = 0;
        }
        self.phase = Phase::Closed { ramp };
        self.evidence = Evidence::GOOD;
        self.empty(at);
    }

    fn empty(&mut self, at: u64) {
        self.calls.clear();
        self.emptied = at;
    }

    fn record_visible_change(&mut self, at: u64) {
        self.totals.state_changes += 1;
        if let Some(since) = self.open_since.take() {
            self.open += at - since;
        }
        if self.visible() == CircuitState::Open {
            self.open_since = Some(at);
        }
    }

    /// Records a restoration. The restored breaker has issued no permit, and counts its generations from 0.
    pub fn record_restoration(&mut self) {
        self.generation = 0;
        self.holds = Holds::default();
        self.permits.clear();
        self.groups.clear();
        self.evidence = Evidence::default();
        self.last_move = Some(self.now);
        if let Phase::Closed { ramp: Some(ramp) } = &mut self.phase {
            *ramp = Ramp::starting(ramp.since);
        }
    }

    /// Records the token of an override, which ends every earlier one unless it adds a holder to a forced opening.
    pub fn record_hold(&mut self, hold: Hold, adds_holder: bool) {
        let latest = self.holds.latest.replace(hold);
        if !adds_holder {
            self.holds.earlier = latest;
        }
    }

    /// Drops settled permits that need no second settlement: those that equal another, and all but the last of the
    /// rest.
    pub fn drop_interchangeable_permits(&mut self) {
        let generation = self.generation;
        let settled = |issued: &IssuedPermit| issued.state == PermitState::Settled;
        let last = self
            .permits
            .iter()
            .rev()
            .find(|issued| settled(issued))
            .map(|issued| issued.number);
        self.permits.retain(|issued| {
            let is_unique = issued.probe_until.is_some() || issued.generation != generation;
            !settled(issued) || (is_unique && Some(issued.number) == last)
        });
    }
}

impl Ramp {
    fn starting(since: u64) -> Self {
        Self {
            since,
            shares: 0.0,
            admitted: 0,
        }
    }
}

/// Converts an instant to microseconds on the explorer's clock.
#[must_use]
pub fn micros(instant: Instant) -> u64 {
    instant.since(Instant::from_micros(0)).as_micros()
}
