//! Programs as generators write them: they do not know when a circuit will open or which calls it will admit, and so
//! speak of "the next deadline" and "a permit that is held". Run against the model they become plain steps.

use crate::case::{Act, Case, Step, Thresholds, WrittenOutcome};
use crate::clock::{Micros, micros, millis};
use crate::history::Circuit;
use crate::model::Model;
use crate::options::Options;
use crate::walk::{Action, Told, Walk};
use serde::{Deserialize, Serialize};

/// A breaker, and what is to be done to it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// What the clock shows when the breaker is made.
    pub at: f64,
    pub options: Options,
    pub operations: Vec<Operation>,
}

/// One thing to do, and how long to wait before it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Operation {
    /// Milliseconds, which may be negative; counted from a deadline where one is named.
    pub wait: f64,
    /// Which of the deadlines to come to wait for.
    pub due: Option<usize>,
    /// The clock shows no number at all. A breaker is not made under such a clock, from a snapshot or otherwise.
    pub blank: bool,
    #[serde(rename = "do")]
    pub act: Act,
    /// Which of the permits that are held to settle.
    pub which: usize,
    /// Settle one that has been settled before.
    pub again: bool,
    pub outcome: Option<WrittenOutcome>,
    pub duration: Option<f64>,
    pub open_for: Option<f64>,
    pub times: Option<u32>,
    pub every: Option<f64>,
    /// What another clock shows, under which the breaker is restored.
    pub restore_at: Option<f64>,
    pub thresholds: Option<Thresholds>,
}

/// A permit that was given: its name, and whether it has been handed back.
struct Given {
    name: String,
    settled: bool,
}

/// A program that is being written down as a case.
struct Writing {
    model: Model,
    walk: Walk,
    given: Vec<Given>,
    asked: usize,
    shown: f64,
    steps: Vec<Step>,
}

impl Program {
    /// The case that the program is, step by step.
    #[must_use]
    pub fn case(&self) -> Case {
        let mut writing = Writing {
            model: Model::new(self.options.clone(), self.at),
            walk: Walk::starting(Some(self.at)),
            given: Vec::new(),
            asked: 0,
            shown: self.at,
            steps: Vec::new(),
        };
        for operation in &self.operations {
            writing.write(operation);
        }
        Case {
            name: String::new(),
            at: (self.at != 0.0).then_some(self.at),
            options: self.options.clone(),
            steps: writing.steps,
        }
    }
}

impl Writing {
    fn write(&mut self, operation: &Operation) {
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
        self.walk(&step);
        if blank {
            self.walk(&Step {
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

    fn walk(&mut self, step: &Step) {
        let (model, given) = (&mut self.model, &mut self.given);
        self.walk.step(step, |action, shown| {
            let told = model.act(action, shown);
            if let (Action::Admit, Told::Admitted { .. }, Some(name)) = (action, told, &step.name) {
                given.push(Given {
                    name: name.clone(),
                    settled: false,
                });
            }
            told
        });
        self.steps.push(step.clone());
    }

    /// What the clock shows after waiting.
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

    /// When something will be due: the end of the open time, of a probe, of a ramp, of the oldest bucket, of patience.
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
                self.asked += 1;
                Some(Step {
                    name: Some(format!("p{}", self.asked)),
                    ..step
                })
            }
            Act::Settle => Some(settled(Step {
                permit: Some(self.choose(operation)?),
                ..step
            })),
            Act::Call => Some(settled(Step {
                times: operation.times,
                every: operation.every,
                ..step
            })),
            Act::Retune => Some(Step {
                thresholds: operation.thresholds,
                ..step
            }),
            Act::Restore => {
                self.given.clear();
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
            .given
            .iter_mut()
            .filter(|given| given.settled == operation.again)
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
