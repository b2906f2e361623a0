//! Core and model through the same case; whatever either tells has to be the same.

use breaker_bridge::codes::{admission_code, reason_code, state_code, word};
use breaker_bridge::{Configs, Value, engine, layout, tuning};
use breaker_core::state::Transition;
use breaker_core::{Admission, Breaker, Instant, Outcome, Override, Permit, Span};
use breaker_model::clock::{Micros, millis};
use breaker_model::history::{self, Move, Order};
use breaker_model::readings::Readings;
use breaker_model::walk::{Action, Told, Walk};
use breaker_model::{Case, Model};

/// Whether somebody reads the core between the steps: that must not change what it does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Observation {
    /// All readings are taken from a copy.
    Unobserved,
    /// All readings are taken from the breaker itself.
    Observed,
}

/// Runs a case over both. Tells how many operations that were, or where they differ.
pub(crate) fn check(case: &Case, observation: Observation) -> Result<u64, String> {
    let mut pair = Pair::new(case, observation)?;
    let mut walk = Walk::starting(case.at);
    let mut operations = 0;
    for (index, step) in case.steps.iter().enumerate() {
        let mut difference = None;
        walk.step(step, |action, shown| {
            if difference.is_some() {
                return Told::Nothing;
            }
            operations += 1;
            pair.act(action, shown).unwrap_or_else(|why| {
                difference = Some(why);
                Told::Nothing
            })
        });
        if let Some(why) = difference {
            return Err(format!("step {}: {why}", index + 1));
        }
    }
    Ok(operations)
}

struct Pair {
    core: Breaker,
    model: Model,
    options: Value,
    configs: Configs,
    observation: Observation,
}

impl Pair {
    fn new(case: &Case, observation: Observation) -> Result<Self, String> {
        let shown = case.at.unwrap_or(0.0);
        let written = serde_json::to_value(&case.options).unwrap();
        let options = serde_json::from_value(written).unwrap();
        let mut configs = Configs::new();
        let core = engine::create(&options, &mut configs, shown)
            .map_err(|problems| format!("refused: {problems:?}"))?;
        Ok(Self {
            core,
            model: Model::new(case.options.clone(), shown),
            options,
            configs,
            observation,
        })
    }

    fn act(&mut self, action: Action, shown: f64) -> Result<Told, String> {
        let wanted = self.model.act(action, shown);
        let told = self.act_on_core(action, shown);
        if told != wanted {
            return Err(format!("{action:?} told {told:?}, not {wanted:?}"));
        }
        let shown = match action {
            Action::Restore { shown } => shown,
            _ => shown,
        };
        self.compare(shown)?;
        Ok(wanted)
    }

    fn act_on_core(&mut self, action: Action, shown: f64) -> Told {
        let now = Instant::from_millis(shown);
        let core = &mut self.core;
        let transition = match action {
            Action::Admit => return told_admission(core.admit(now)),
            Action::Look => {
                core.stats(now);
                return Told::Nothing;
            }
            Action::Restore { shown: restored_at } => {
                let saved = engine::snapshot(core, shown);
                self.core = engine::restore(&self.options, &saved, &mut self.configs, restored_at)
                    .expect("a snapshot can be restored");
                return Told::Nothing;
            }
            Action::Settle {
                permit,
                outcome,
                duration,
            } => core.settle(
                Permit::from_number(permit),
                outcome_of(outcome),
                duration.map(span_of),
                now,
            ),
            Action::Poll => core.poll(now),
            Action::SetOrder(order) => core.set_override(override_of(order), now),
            Action::ReleaseForcedOpen => core.release_forced_open(now),
            Action::Reset => Some(core.reset(now)),
            Action::Retune(thresholds) => {
                let thresholds = [
                    thresholds.failure_threshold,
                    thresholds.consecutive_failure_threshold,
                    thresholds.failure_rate_threshold,
                    thresholds.slow_call_rate_threshold,
                    thresholds.minimum_calls,
                ];
                let given = thresholds.map(|threshold| threshold.unwrap_or(f64::NAN));
                let problems = tuning::retune(core, given, shown);
                return Told::Retuned(problems.is_empty());
            }
            Action::OpenEarly {
                observed,
                threshold,
            } => core.open_early(observed, threshold, now),
        };
        Told::Moved(transition.map(move_of))
    }

    /// All that can be read, before and after what time has made due.
    fn compare(&mut self, shown: f64) -> Result<(), String> {
        let mut copy;
        let core = match self.observation {
            Observation::Observed => &mut self.core,
            Observation::Unobserved => {
                copy = self.core.clone();
                &mut copy
            }
        };
        if word(core) != self.model.word() {
            return Err(format!("word is {}, not {}", word(core), self.model.word()));
        }
        same(&explanation(core, shown), &self.model.explanation())?;
        let mut model = self.model.clone();
        model.poll_all(shown);
        let wanted = model.retry_after().map_or(f64::INFINITY, millis);
        let retry_after = engine::retry_after(core, shown);
        if retry_after != wanted {
            return Err(format!("retry_after is {retry_after}, not {wanted}"));
        }
        let mut stats = vec![0.0; layout::STATS.len()];
        engine::stats(core, shown, &mut stats);
        same(&stats, &model.stats())?;
        same(&explanation(core, shown), &model.explanation())?;
        if self.observation == Observation::Observed {
            self.model = model;
        }
        Ok(())
    }
}

fn explanation(core: &mut Breaker, shown: f64) -> Vec<f64> {
    let mut explanation = vec![0.0; layout::EXPLAIN.len()];
    engine::explain(core, shown, &mut explanation);
    explanation
}

fn same(told: &[f64], wanted: &Readings) -> Result<(), String> {
    for (told, (name, wanted)) in told.iter().zip(wanted) {
        if !wanted.allows(*told) {
            return Err(format!("{name} is {told}, not {wanted:?}"));
        }
    }
    Ok(())
}

fn told_admission(admission: Admission) -> Told {
    match admission {
        Admission::Admitted(permit) => Told::Admitted {
            permit: permit.number(),
        },
        Admission::Rejected { retry_after, .. } => Told::Rejected {
            rejection: match admission_code(admission) as i32 {
                -1 => history::Rejection::Open,
                -2 => history::Rejection::HalfOpenFull,
                -3 => history::Rejection::ForcedOpen,
                -4 => history::Rejection::Recovering,
                _ => history::Rejection::InFlightLimit,
            },
            retry_after: retry_after.map(micros_of),
        },
    }
}

fn outcome_of(outcome: history::Outcome) -> Outcome {
    match outcome {
        history::Outcome::Success => Outcome::Success,
        history::Outcome::Failure => Outcome::Failure,
        history::Outcome::Timeout => Outcome::Timeout,
        history::Outcome::Ignored => Outcome::Ignored,
        history::Outcome::OpenFor(span) => Outcome::OpenFor(span_of(span)),
    }
}

fn override_of(order: Order) -> Override {
    match order {
        Order::None => Override::None,
        Order::ForcedOpen => Override::ForcedOpen { holders: 1 },
        Order::ForcedClosed => Override::ForcedClosed,
        Order::Shadow => Override::Shadow,
    }
}

fn move_of(transition: Transition) -> Move {
    Move {
        at: micros_at(transition.at),
        from: state_of(state_code(transition.from)),
        to: state_of(state_code(transition.to)),
        reason: REASONS[reason_code(transition.reason) as usize],
        observed: transition.observed,
        threshold: transition.threshold,
    }
}

fn state_of(code: i32) -> history::State {
    match code {
        0 => history::State::Closed,
        1 => history::State::Open,
        _ => history::State::HalfOpen,
    }
}

const REASONS: [history::Reason; 15] = [
    history::Reason::None,
    history::Reason::FailureThreshold,
    history::Reason::ConsecutiveFailures,
    history::Reason::FailureRate,
    history::Reason::SlowCallRate,
    history::Reason::OpenFor,
    history::Reason::ProbeFailed,
    history::Reason::ProbeExpired,
    history::Reason::ProbeFailureRate,
    history::Reason::OpenTimeElapsed,
    history::Reason::ProbesSucceeded,
    history::Reason::Reset,
    history::Reason::Override,
    history::Reason::Restored,
    history::Reason::Predicted,
];

fn span_of(micros: Micros) -> Span {
    Span::from_micros(micros as u64)
}

fn micros_of(span: Span) -> Micros {
    span.as_micros() as Micros
}

/// What the clock shows at an instant: instants can only be subtracted from one another.
fn micros_at(instant: Instant) -> Micros {
    let nought = Instant::from_micros(0);
    micros_of(instant.since(nought)) - micros_of(nought.since(instant))
}
