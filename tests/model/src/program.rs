//! Programs of a generator. A generator does not know when a circuit opens or which calls it admits, and so writes
//! "the next deadline" and "a permit in flight". Run against the model, a program becomes a case with plain steps.

use crate::case::{Act, Case, Step, Thresholds, WrittenOutcome};
use crate::clock::{Micros, micros, millis};
use crate::history::Circuit;
use crate::model::Model;
use crate::options::Options;
use crate::replay::{Action, Replay, Response};
use serde::{Deserialize, Serialize};

/// One program: a breaker, and the operations on it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Time on the clock at construction.
    pub at: f64,
    pub options: Options,
    pub operations: Vec<Operation>,
}

/// One operation, and the wait before it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Operation {
    /// Milliseconds, possibly negative; from a deadline if `due` names one.
    pub wait: f64,
    /// Index of the future deadline to wait for.
    pub due: Option<usize>,
    /// Whether the clock shows no number. Never the case at construction or restoration.
    pub blank: bool,
    #[serde(rename = "do")]
    pub act: Act,
    /// Index of the permit to settle, or of the override to release, counted from the latest one.
    pub which: usize,
    /// Whether to settle a permit that has been settled before.
    pub again: bool,
    pub outcome: Option<WrittenOutcome>,
    pub duration: Option<f64>,
    pub open_for: Option<f64>,
    pub times: Option<u32>,
    pub every: Option<f64>,
    /// Time on the other clock under which the breaker is restored.
    pub restore_at: Option<f64>,
    pub thresholds: Option<Thresholds>,
}

/// A permit that was issued: its name, and whether it has been settled.
struct IssuedPermit {
    name: String,
    settled: bool,
}

/// Builder of the case of a program.
struct CaseBuilder {
    model: Model,
    replay: Replay,
    permits: Vec<IssuedPermit>,
    requests: usize,
    /// Names of the overrides.
    holds: Vec<String>,
    shown: f64,
    steps: Vec<Step>,
}

impl Program {
    /// Returns the case of the program, step by step.
    #[must_use]
    pub fn case(&self) -> Case {
        let mut builder = CaseBuilder {
            model: Model::new(self.options, self.at),
            replay: Replay::starting(Some(self.at)),
            permits: Vec::new(),
            requests: 0,
            holds: Vec::new(),
            shown: self.at,
            steps: Vec::new(),
        };
        for operation in &self.operations {
            builder.add(operation);
        }
        Case {
            name: String::new(),
            at: (self.at != 0.0).then_some(self.at),
            options: self.options,
            steps: builder.steps,
        }
    }
}

impl CaseBuilder {
    fn add(&mut self, operation: &Operation) {
        let before = self.shown;
        let shown = self.wait(operation);
        let Some(mut step) = self.step(operation) else {
            return;
        };
        self.shown = shown;
        let blank = operation.blank && operation.act != Act::Restore;
        step.at = if blank {
            Some(f64::NAN)
        } else {
            (shown != before).then_some(shown)
        };
        self.replay(&step);
        if blank {
            self.replay(&Step {
                at: Some(shown),
                ..Step::default()
            });
        } else {
            let repeated = step.times.unwrap_or(1).saturating_sub(1);
            self.shown += f64::from(repeated) * step.every.unwrap_or(0.0);
        }
        if let Some(restored_at) = step.restore_at {
            self.shown = restored_at;
        }
    }

    fn replay(&mut self, step: &Step) {
        let (model, permits) = (&mut self.model, &mut self.permits);
        self.replay.step(step, |action, shown| {
            let response = model.act(action, shown);
            if let (Action::Admit, Response::Admitted { .. }, Some(name)) =
                (action, response, &step.name)
            {
                permits.push(IssuedPermit {
                    name: name.clone(),
                    settled: false,
                });
            }
            response
        });
        self.steps.push(step.clone());
    }

    /// Returns the time on the clock after waiting.
    fn wait(&self, operation: &Operation) -> f64 {
        let to_come = self.deadlines();
        let from = match operation.due {
            Some(which) if !to_come.is_empty() => {
                self.model.shown_at(to_come[which % to_come.len()])
            }
            _ => self.shown,
        };
        millis(micros(from) + micros(operation.wait))
    }

    /// Returns the future deadlines: ends of the open time, of probes, of a ramp and of the oldest bucket, and the
    /// times at which calls become overdue.
    fn deadlines(&self) -> Vec<Micros> {
        let model = &self.model;
        let open_time = match model.circuit() {
            Circuit::Open { until, .. } => Some(until),
            Circuit::Closed | Circuit::HalfOpen => None,
        };
        let probes = model.probes_in_flight();
        let probes = probes.into_iter().map(|(_, deadline)| deadline);
        let mut deadlines: Vec<_> = probes
            .chain(open_time)
            .chain(model.ramp_ends())
            .chain(model.overdue_times())
            .chain(model.oldest_leaves())
            .filter(|deadline| *deadline > model.now())
            .collect();
        deadlines.sort_unstable();
        deadlines
    }

    fn step(&mut self, operation: &Operation) -> Option<Step> {
        let step = Step {
            act: operation.act,
            ..Step::default()
        };
        let settled = |step: Step| Step {
            outcome: operation.outcome,
            duration: operation.duration,
            open_for: operation.open_for,
            ..step
        };
        match operation.act {
            Act::Admit => {
                self.requests += 1;
                Some(Step {
                    name: Some(format!("p{}", self.requests)),
                    ..step
                })
            }
            Act::ForceOpen | Act::ForceClosed | Act::Shadow => {
                self.requests += 1;
                let name = format!("o{}", self.requests);
                self.holds.push(name.clone());
                Some(Step {
                    name: Some(name),
                    ..step
                })
            }
            Act::Release => Some(Step {
                hold: Some(
                    self.holds
                        .iter()
                        .rev()
                        .cycle()
                        .nth(operation.which)?
                        .clone(),
                ),
                ..step
            }),
            Act::Settle => Some(settled(Step {
                permit: Some(self.choose(operation)?),
                ..step
            })),
            Act::Call => Some(settled(Step {
                times: operation.times,
                every: operation.every,
                ..step
            })),
            Act::Open => Some(Step {
                open_for: operation.open_for,
                ..step
            }),
            Act::Retune => Some(Step {
                thresholds: operation.thresholds,
                ..step
            }),
            Act::Restore => {
                self.permits.clear();
                self.holds.clear();
                Some(Step {
                    restore_at: operation.restore_at,
                    ..step
                })
            }
            _ => Some(step),
        }
    }

    fn choose(&mut self, operation: &Operation) -> Option<String> {
        let mut candidates: Vec<_> = self
            .permits
            .iter_mut()
            .filter(|permit| permit.settled == operation.again)
            .collect();
        if candidates.is_empty() {
            return None;
        }
        let which = operation.which % candidates.len();
        let chosen = &mut candidates[which];
        chosen.settled = true;
        Some(chosen.name.clone())
    }
}
