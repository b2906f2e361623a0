//! Runs core and model through the same case, and compares every response and reading.

use breaker_bridge::codes::{admission_code, reason_code, state_code, word};
use breaker_bridge::{Configs, Value, engine, layout, tuning};
use breaker_core::state::Transition;
use breaker_core::{Admission, Breaker, Hold, Instant, Outcome, Override, Permit, Span};
use breaker_model::clock::{Micros, millis};
use breaker_model::history;
use breaker_model::options::Options;
use breaker_model::readings::Readings;
use breaker_model::replay::{Action, Replay, Response};
use breaker_model::{Case, Model};

/// Whether a test reads the core between the steps. Reading must not change its behaviour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Observation {
    /// All readings are taken from a copy.
    Unobserved,
    /// All readings are taken from the breaker itself.
    Observed,
}

/// Runs a case on both. Returns the number of operations, or the first difference.
pub(crate) fn check(case: &Case, observation: Observation) -> Result<u64, String> {
    let mut both = CoreAndModel::new(case, observation)?;
    let mut replay = Replay::starting(case.at);
    let mut operations = 0;
    for (index, step) in case.steps.iter().enumerate() {
        let mut difference = None;
        replay.step(step, |action, shown| {
            if difference.is_some() {
                return Response::Nothing;
            }
            operations += 1;
            both.act(action, shown).unwrap_or_else(|why| {
                difference = Some(why);
                Response::Nothing
            })
        });
        if let Some(why) = difference {
            return Err(format!("step {}: {why}", index + 1));
        }
    }
    Ok(operations)
}

struct CoreAndModel {
    core: Breaker,
    model: Model,
    options: Value,
    configs: Configs,
    observation: Observation,
}

impl CoreAndModel {
    fn new(case: &Case, observation: Observation) -> Result<Self, String> {
        let shown = case.at.unwrap_or(0.0);
        let options = value_of(&case.options);
        let mut configs = Configs::new();
        let core = engine::create(&options, &mut configs, shown)
            .map_err(|problems| format!("options rejected: {problems:?}"))?;
        Ok(Self {
            core,
            model: Model::new(case.options, shown),
            options,
            configs,
            observation,
        })
    }

    fn act(&mut self, action: Action, shown: f64) -> Result<Response, String> {
        let wanted = self.model.act(action, shown);
        let actual = self.act_on_core(action, shown);
        if actual != wanted {
            return Err(format!("{action:?} returned {actual:?}, not {wanted:?}"));
        }
        let shown = match action {
            Action::Restore { shown } => shown,
            _ => shown,
        };
        self.compare(shown)?;
        Ok(wanted)
    }

    fn act_on_core(&mut self, action: Action, shown: f64) -> Response {
        let now = Instant::from_millis(shown);
        let core = &mut self.core;
        let transition = match action {
            Action::Admit => return model_response(core.admit(now)),
            Action::Look => {
                core.stats(now);
                return Response::Nothing;
            }
            Action::Restore { shown: restored_at } => {
                let saved = engine::snapshot(core, shown);
                self.core = engine::restore(&self.options, &saved, &mut self.configs, restored_at)
                    .expect("a snapshot can be restored");
                return Response::Nothing;
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
            Action::SetOverride(override_) => {
                let moved = core.set_override(core_override(override_), now);
                return Response::Held {
                    hold: core.hold().number(),
                    moved: moved.map(model_transition),
                };
            }
            Action::Release { hold } => core.release(Hold::from_number(hold), now),
            Action::Reset => Some(core.reset(now)),
            Action::Retune(thresholds) => {
                let thresholds = [
                    thresholds.failure_threshold,
                    thresholds.consecutive_failure_threshold,
                    thresholds.failure_rate_threshold,
                    thresholds.slow_call_rate_threshold,
                    thresholds.minimum_calls,
                ];
                let thresholds = thresholds.map(|threshold| threshold.unwrap_or(f64::NAN));
                let problems = tuning::retune(core, thresholds, shown);
                return Response::Retuned(problems.is_empty());
            }
            Action::Reconfigure(options) => {
                self.options = value_of(&options);
                let problems = tuning::reconfigure(core, &self.options, shown);
                return Response::Retuned(problems.is_empty());
            }
            Action::Open { open_for } => core.open_now(open_for.map(span_of), now),
            Action::OpenEarly {
                observed,
                threshold,
            } => core.open_early(observed, threshold, now),
        };
        Response::Moved(transition.map(model_transition))
    }

    /// Compares all readings, before and after the due transitions.
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

fn same(actual: &[f64], wanted: &Readings) -> Result<(), String> {
    for (actual, (name, wanted)) in actual.iter().zip(wanted) {
        if !wanted.allows(*actual) {
            return Err(format!("{name} is {actual}, not {wanted:?}"));
        }
    }
    Ok(())
}

fn model_response(admission: Admission) -> Response {
    match admission {
        Admission::Admitted(permit) => Response::Admitted {
            permit: permit.number(),
        },
        Admission::Rejected { retry_after, .. } => Response::Rejected {
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

fn value_of(options: &Options) -> Value {
    let written = serde_json::to_value(options).unwrap();
    serde_json::from_value(written).unwrap()
}

fn outcome_of(outcome: history::Outcome) -> Outcome {
    match outcome {
        history::Outcome::Success => Outcome::Success,
        history::Outcome::Failure => Outcome::Failure,
        history::Outcome::Timeout => Outcome::Timeout,
        history::Outcome::Ignored => Outcome::Ignored,
        history::Outcome::Withdrawn => Outcome::Withdrawn,
        history::Outcome::Aborted => Outcome::Aborted,
        history::Outcome::Deadline => Outcome::Deadline,
        history::Outcome::OpenFor(span) => Outcome::OpenFor(span_of(span)),
    }
}

fn core_override(override_: history::Override) -> Override {
    match override_ {
        history::Override::None => Override::None,
        history::Override::ForcedOpen => Override::ForcedOpen { holders: 1 },
        history::Override::ForcedClosed => Override::ForcedClosed,
        history::Override::Shadow => Override::Shadow,
    }
}

fn model_transition(transition: Transition) -> history::Transition {
    history::Transition {
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

const REASONS: [history::Reason; 17] = [
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
    history::Reason::Manual,
    history::Reason::Updated,
];

fn span_of(micros: Micros) -> Span {
    Span::from_micros(micros as u64)
}

fn micros_of(span: Span) -> Micros {
    span.as_micros() as Micros
}

/// Returns the time on the clock at an instant. Instants support subtraction only.
fn micros_at(instant: Instant) -> Micros {
    let nought = Instant::from_micros(0);
    micros_of(instant.since(nought)) - micros_of(nought.since(instant))
}
