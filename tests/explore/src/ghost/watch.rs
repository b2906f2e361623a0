//! How the history is written: each thing that happened, as it was seen to happen.

use super::{Evidence, Ghost, Held, Phase, Ramp, Standing};
use crate::configuration::{Configuration, MILLI, OPEN_FOR};
use crate::operation::Ending;
use breaker_core::{CircuitState, Instant, Override, Permit, Reason, Rejection, Span, Transition};

/// What must become of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    Admitted,
    Probe,
    /// The state would have rejected it.
    OnlyByShadow,
    Rejected(Rejection, Option<Span>),
}

impl Ghost {
    /// Somebody looked at the clock and then at the breaker.
    pub fn told(&mut self, clock: u64) {
        self.now = self.now.max(clock);
    }

    /// What must be answered to a request; a ramp moves on by it.
    pub fn request(&mut self, configuration: &Configuration) -> Answer {
        match self.order {
            Override::ForcedOpen { .. } => Answer::Rejected(Rejection::ForcedOpen, None),
            Override::ForcedClosed => Answer::Admitted,
            Override::None => self.request_by_state(configuration),
            Override::Shadow => match self.request_by_state(configuration) {
                Answer::Rejected(..) => Answer::OnlyByShadow,
                answer => answer,
            },
        }
    }

    fn request_by_state(&mut self, configuration: &Configuration) -> Answer {
        let share = self.ramp_share(configuration);
        let now = self.now;
        let after = |instant: u64| Some(Span::from_micros(instant - now));
        if let Some(free_at) = self.place_free_at(configuration) {
            return Answer::Rejected(Rejection::InFlightLimit, after(free_at));
        }
        match &mut self.phase {
            Phase::Closed { ramp: Some(ramp) } => {
                ramp.shares += share.unwrap_or(1.0);
                if ramp.shares >= f64::from(ramp.admitted) {
                    ramp.admitted += 1;
                    return Answer::Admitted;
                }
                let duration = configuration.ramp.map_or(0, |rule| rule.duration * MILLI);
                Answer::Rejected(Rejection::Recovering, after(ramp.since + duration))
            }
            Phase::Closed { ramp: None } => Answer::Admitted,
            Phase::Open { ends, .. } => Answer::Rejected(Rejection::Open, after(*ends)),
            Phase::HalfOpen { .. } => {
                if (self.probes().count() as u32) < self.probes_wanted(configuration) {
                    return Answer::Probe;
                }
                let first_over = self.probes().filter_map(|held| held.probe_until).min();
                Answer::Rejected(Rejection::HalfOpenFull, first_over.and_then(after))
            }
        }
    }

    /// The request was answered: a permit, if it was admitted.
    pub fn answered(
        &mut self,
        configuration: &Configuration,
        answer: Answer,
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
        let is_watched = answer == Answer::Admitted;
        let group = is_watched.then(|| self.join(configuration)).flatten();
        self.permits.push(Held {
            permit,
            number: self.totals.admitted,
            generation: self.generation,
            probe_until: (answer == Answer::Probe).then_some(self.now + lifetime),
            group,
            uncounted: answer == Answer::OnlyByShadow,
            standing: Standing::InFlight,
        });
        self.totals.admitted += 1;
        self.totals.shadow_rejected += u64::from(answer == Answer::OnlyByShadow);
    }

    /// Whether the end of the call that holds this permit says anything about the dependency.
    #[must_use]
    pub fn counts(&self, held: &Held) -> bool {
        held.generation == self.generation && held.standing == Standing::InFlight && !held.uncounted
    }

    /// A call ended. Returns the move that this demands.
    pub fn settled(
        &mut self,
        configuration: &Configuration,
        place: usize,
        ending: Ending,
    ) -> Option<Transition> {
        self.add_to_totals(ending);
        let held = self.permits[place];
        let counts = self.counts(&held);
        if held.standing == Standing::Settled {
            self.permits.remove(place);
        } else {
            self.permits[place].standing = Standing::Settled;
        }
        if !counts {
            return None;
        }
        self.learn(configuration, held.group, ending);
        self.after_call(configuration, ending)
    }

    fn add_to_totals(&mut self, ending: Ending) {
        match ending {
            Ending::Success | Ending::SlowSuccess => {
                self.totals.successes += 1;
                self.last_success = Some(self.now);
            }
            Ending::Ignored => self.totals.ignored += 1,
            Ending::Failure | Ending::SlowFailure | Ending::Timeout | Ending::OpenFor => {
                self.totals.failures += 1;
                self.totals.timeouts += u64::from(ending == Ending::Timeout);
                self.last_failure = Some(self.now);
            }
        }
    }

    /// The circuit moved, and this order stands now.
    pub fn moved(&mut self, configuration: &Configuration, to: &Transition, order: Override) {
        let visible = self.visible();
        let at = micros(to.at);
        self.order = order;
        match (to.reason, to.to) {
            (Reason::Reset, _) => {
                self.phase = Phase::CLOSED;
                self.failed_recoveries = 0;
                self.evidence = Evidence::default();
                self.empty(at);
            }
            (Reason::Override, _) => self.reordered(),
            (reason, CircuitState::Open) => self.opened(configuration, reason, at),
            (_, CircuitState::HalfOpen) => self.phase = Phase::PROBING,
            (_, CircuitState::Closed) => self.closed(configuration, at),
        }
        self.generation += 1;
        self.groups.clear();
        self.last_move = Some(at);
        if self.visible() != visible {
            self.visibly_moved(at);
        }
    }

    /// Under an order that time passed by, the open time ends when the order does.
    fn reordered(&mut self) {
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

    fn visibly_moved(&mut self, at: u64) {
        self.totals.state_changes += 1;
        if let Some(since) = self.open_since.take() {
            self.open += at - since;
        }
        if self.visible() == CircuitState::Open {
            self.open_since = Some(at);
        }
    }

    /// Another breaker goes on from a snapshot. It has given no permit, and begins its own row of generations.
    pub fn restored(&mut self) {
        self.generation = 0;
        self.permits.clear();
        self.groups.clear();
        self.evidence = Evidence::default();
        self.last_move = Some(self.now);
        if let Phase::Closed { ramp: Some(ramp) } = &mut self.phase {
            *ramp = Ramp::starting(ramp.since);
        }
    }

    /// Lets go of the permits that nobody hands back a second time: those that are no longer one of a kind, and all
    /// but the last of the others.
    pub fn let_go(&mut self) {
        let generation = self.generation;
        let settled = |held: &Held| held.standing == Standing::Settled;
        let last = self
            .permits
            .iter()
            .rev()
            .find(|held| settled(held))
            .map(|held| held.number);
        self.permits.retain(|held| {
            let is_unique = held.probe_until.is_some() || held.generation != generation;
            !settled(held) || (is_unique && Some(held.number) == last)
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

/// An instant as the explorer counts: microseconds on its clock.
#[must_use]
pub fn micros(instant: Instant) -> u64 {
    instant.since(Instant::from_micros(0)).as_micros()
}
