//! One step: an operation on a breaker and on its history.
//!
//! Each step runs three times: directly, after reading the breaker, and, if the clock went back, at the latest time.
//! The results must be equal.

use crate::configuration::Configuration;
use crate::fingerprint::decision_state;
use crate::history::{Decision, History};
use crate::operation::Operation;
use breaker_core::{
    Admission, Breaker, Explanation, Hold, Instant, Override, Snapshot, Stats, Transition,
};

/// Start of the explorer's clock, in microseconds: late enough to go back.
pub const START: u64 = 1_000_000;

/// Bound on the transitions due at once. At most two are; the bound stops a breaker that never settles.
const MOST_DUE_TRANSITIONS: usize = 5;

/// A breaker, its history, and the time on the clock.
#[derive(Clone, Debug)]
pub struct SystemState {
    pub breaker: Breaker,
    pub history: History,
    pub clock: u64,
}

/// Result of one step.
pub struct StepResult<'a> {
    pub configuration: &'a Configuration,
    pub operation: Operation,
    /// The history after the due transitions and before the operation.
    pub before: History,
    /// The history after the operation and the transitions that it made due.
    pub after: History,
    /// Every transition on the way, expected and actual.
    pub transitions: Vec<TransitionPair>,
    /// The expected decision on a request.
    pub decision: Option<Decision>,
    /// The decision state before an ineffective permit was settled.
    pub decision_state_before: Option<String>,
    pub reading: Reading,
    /// The reading after an earlier read.
    pub after_read: Reading,
    /// The reading at the latest time, if the clock went back.
    pub at_latest_time: Option<Reading>,
}

pub struct TransitionPair {
    pub expected: Option<Transition>,
    pub actual: Option<Transition>,
}

/// Everything that can be read after an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub response: Response,
    pub stats: Stats,
    pub explanation: Explanation,
    pub decision_state: String,
}

/// Return values of an operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    pub admission: Option<Admission>,
    pub transition: Option<Transition>,
    /// The token of an override.
    pub hold: Option<Hold>,
    /// A snapshot, and the snapshot of the breaker restored from it.
    pub snapshots: Option<[Snapshot; 2]>,
}

impl SystemState {
    #[must_use]
    pub fn new(configuration: &Configuration) -> Self {
        Self {
            breaker: configuration.breaker(START),
            history: History::new(START),
            clock: START,
        }
    }

    /// Moves the clock, without a call of the breaker.
    #[must_use]
    pub fn at(&self, clock: u64) -> Self {
        Self {
            clock,
            ..self.clone()
        }
    }

    /// Runs `operation` from this state.
    pub fn step<'a>(
        &self,
        configuration: &'a Configuration,
        operation: Operation,
    ) -> (Self, StepResult<'a>) {
        let mut next = self.clone();
        if operation == Operation::Restore {
            next.clock = self.clock.max(self.history.now);
        }
        let clock = next.clock;
        let response = self.perform(&mut next.breaker, configuration, operation, clock);
        let reading = Reading::of(&next.breaker, response, clock);

        let mut recorder = Recorder {
            configuration,
            breaker: self.breaker.clone(),
            history: self.history.clone(),
            clock,
            transitions: Vec::new(),
        };
        recorder.history.observe_clock(clock);
        recorder.make_due_transitions();
        let before = recorder.history.clone();
        let decision_state_before = is_ineffective_settlement(&before, operation)
            .then(|| decision_state(&mut recorder.breaker.clone(), clock));
        let due = recorder.transitions.last().and_then(|last| last.actual);
        let mut response = self.perform(&mut recorder.breaker, configuration, operation, clock);
        let decision = recorder.record(operation, &response);
        recorder.history.drop_interchangeable_permits();
        next.history = recorder.history.clone();
        if matches!(operation, Operation::Settle(..) | Operation::Poll) {
            response.transition = response.transition.or(due);
        }
        let after_read = Reading::of(&recorder.breaker, response, clock);
        recorder.make_due_transitions();

        let at_latest_time = (clock < self.history.now).then(|| {
            let mut breaker = self.breaker.clone();
            let response = self.perform(&mut breaker, configuration, operation, self.history.now);
            Reading::of(&breaker, response, clock)
        });
        let step = StepResult {
            configuration,
            operation,
            before,
            after: recorder.history,
            transitions: recorder.transitions,
            decision,
            decision_state_before,
            reading,
            after_read,
            at_latest_time,
        };
        (next, step)
    }

    fn perform(
        &self,
        breaker: &mut Breaker,
        configuration: &Configuration,
        operation: Operation,
        clock: u64,
    ) -> Response {
        let now = Instant::from_micros(clock);
        let holds = self.history.holds;
        let mut response = Response::default();
        response.transition = match operation {
            Operation::Clock(_) => None,
            Operation::Admit => {
                response.admission = Some(breaker.admit(now));
                None
            }
            Operation::Settle(index, result) => {
                let permit = self.history.permits[index].permit;
                breaker.settle(
                    permit,
                    result.outcome(),
                    result.duration(configuration),
                    now,
                )
            }
            Operation::Poll => std::iter::from_fn(|| breaker.poll(now)).last(),
            Operation::ForceOpen => breaker.set_override(Override::ForcedOpen { holders: 1 }, now),
            Operation::ForceClosed => breaker.set_override(Override::ForcedClosed, now),
            Operation::Shadow => breaker.set_override(Override::Shadow, now),
            Operation::Release => holds.latest.and_then(|hold| breaker.release(hold, now)),
            Operation::ReleaseEarlier => holds.earlier.and_then(|hold| breaker.release(hold, now)),
            Operation::ReleaseOverride => breaker.set_override(Override::None, now),
            Operation::Reset => Some(breaker.reset(now)),
            Operation::Restore => {
                let snapshot = breaker.snapshot(now);
                *breaker = Breaker::restore(configuration.config(), 0, &snapshot, now);
                let again = breaker.clone().snapshot(now);
                response.snapshots = Some([snapshot, again]);
                None
            }
        };
        if operation.sets_override() {
            response.hold = Some(breaker.hold());
        }
        response
    }
}

impl Reading {
    fn of(breaker: &Breaker, response: Response, clock: u64) -> Self {
        let now = Instant::from_micros(clock);
        let mut breaker = breaker.clone();
        Self {
            response,
            stats: breaker.stats(now),
            explanation: breaker.explain(now),
            decision_state: decision_state(&mut breaker, clock),
        }
    }
}

fn is_ineffective_settlement(history: &History, operation: Operation) -> bool {
    matches!(operation, Operation::Settle(index, _) if !history.counts(&history.permits[index]))
}

/// A breaker that is read at every chance, with the history recorded on the way.
struct Recorder<'a> {
    configuration: &'a Configuration,
    breaker: Breaker,
    history: History,
    clock: u64,
    transitions: Vec<TransitionPair>,
}

impl Recorder<'_> {
    /// Makes every due transition.
    fn make_due_transitions(&mut self) {
        let now = Instant::from_micros(self.clock);
        for _ in 0..MOST_DUE_TRANSITIONS {
            let expected = self.history.next_due_transition(self.configuration);
            let actual = self.breaker.poll(now);
            self.compare_transition(expected, actual, self.history.override_);
            if actual.is_none() {
                break;
            }
        }
        self.breaker.stats(now);
        self.breaker.explain(now);
    }

    /// Records the effect of an operation.
    fn record(&mut self, operation: Operation, response: &Response) -> Option<Decision> {
        let override_ = self.history.override_;
        match operation {
            Operation::Admit => {
                let decision = self.history.decide(self.configuration);
                let permit = match response.admission {
                    Some(Admission::Admitted(permit)) => Some(permit),
                    Some(Admission::Rejected { .. }) | None => None,
                };
                self.history
                    .record_decision(self.configuration, decision, permit);
                return Some(decision);
            }
            Operation::Settle(index, result) => {
                let expected = self
                    .history
                    .record_result(self.configuration, index, result);
                self.compare_transition(expected, response.transition, override_);
            }
            Operation::Clock(_) | Operation::Poll => {}
            Operation::Restore => self.history.record_restoration(),
            Operation::ForceOpen
            | Operation::Release
            | Operation::ReleaseEarlier
            | Operation::ForceClosed
            | Operation::Shadow
            | Operation::ReleaseOverride
            | Operation::Reset => {
                let adds_holder = operation == Operation::ForceOpen
                    && matches!(override_, Override::ForcedOpen { .. });
                let (override_, expected) = self.history.after_command(operation);
                self.compare_transition(expected, response.transition, override_);
                if let Some(hold) = response.hold {
                    self.history.record_hold(hold, adds_holder);
                }
            }
        }
        None
    }

    fn compare_transition(
        &mut self,
        expected: Option<Transition>,
        actual: Option<Transition>,
        override_: Override,
    ) {
        if let Some(actual) = &actual {
            self.history
                .record_transition(self.configuration, actual, override_);
        }
        self.history.override_ = override_;
        if expected.is_some() || actual.is_some() {
            self.transitions.push(TransitionPair { expected, actual });
        }
    }
}
