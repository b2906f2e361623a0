//! Replay of the steps of a case against a breaker of any implementation.

use crate::case::{Act, Step, Thresholds, WrittenOutcome};
use crate::clock::{Micros, micros};
use crate::history::{Outcome, Override, Rejection, Transition};
use crate::model::{Admission, Model, Permit};
use crate::options::Options;
use std::collections::BTreeMap;

/// One call of the breaker's interface.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "few actions exist at a time")]
pub enum Action {
    Admit,
    Settle {
        permit: u64,
        outcome: Outcome,
        duration: Option<Micros>,
    },
    Poll,
    Look,
    SetOverride(Override),
    Release {
        hold: u32,
    },
    Reset,
    Retune(Thresholds),
    Reconfigure(Options),
    Open {
        open_for: Option<Micros>,
    },
    OpenEarly {
        observed: f64,
        threshold: f64,
    },
    Restore {
        shown: f64,
    },
}

/// Response of a breaker to an action.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Response {
    Admitted {
        permit: u64,
    },
    Rejected {
        rejection: Rejection,
        retry_after: Option<Micros>,
    },
    /// The transition that was made, with its time on the owner's clock.
    Moved(Option<Transition>),
    /// The token of the override, and the transition that was made.
    Held {
        hold: u32,
        moved: Option<Transition>,
    },
    /// Whether the thresholds were valid.
    Retuned(bool),
    Nothing,
}

/// State of a replay: the time on the clock, and the issued permits and tokens of overrides by name.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    shown: f64,
    permits: BTreeMap<String, u64>,
    holds: BTreeMap<String, u32>,
}

impl Replay {
    /// Starts a replay before the first step.
    #[must_use]
    pub fn starting(shown: Option<f64>) -> Self {
        Self {
            shown: shown.unwrap_or(0.0),
            ..Self::default()
        }
    }

    /// Runs one step: calls `act` with each action and the time on the clock. A step that settles an unissued permit, or
    /// releases an override that was never set, does nothing.
    pub fn step(&mut self, step: &Step, mut act: impl FnMut(Action, f64) -> Response) {
        self.shown = step.at.unwrap_or(self.shown);
        for time in 0..step.times.unwrap_or(1) {
            if time > 0 {
                self.shown += step.every.unwrap_or(0.0);
            }
            self.once(step, &mut act);
        }
    }

    fn once(&mut self, step: &Step, act: &mut impl FnMut(Action, f64) -> Response) {
        let action = match step.act {
            Act::Admit => {
                if let Response::Admitted { permit } = act(Action::Admit, self.shown)
                    && let Some(name) = &step.name
                {
                    self.permits.insert(name.clone(), permit);
                }
                return;
            }
            Act::Call => match act(Action::Admit, self.shown) {
                Response::Admitted { permit } => settle(step, permit),
                _ => return,
            },
            Act::Settle => match step.permit.as_ref().and_then(|name| self.permits.get(name)) {
                Some(permit) => settle(step, *permit),
                None => return,
            },
            Act::Poll => Action::Poll,
            Act::Look => Action::Look,
            Act::ForceOpen => return self.hold(Override::ForcedOpen, step, act),
            Act::ForceClosed => return self.hold(Override::ForcedClosed, step, act),
            Act::Shadow => return self.hold(Override::Shadow, step, act),
            Act::ReleaseOverride => return self.hold(Override::None, step, act),
            Act::Release => match step.hold.as_ref().and_then(|name| self.holds.get(name)) {
                Some(hold) => Action::Release { hold: *hold },
                None => return,
            },
            Act::Reset => Action::Reset,
            Act::Retune => Action::Retune(step.thresholds.unwrap_or_default()),
            Act::Reconfigure => Action::Reconfigure(step.options.unwrap_or_default()),
            Act::Open => Action::Open {
                open_for: step.open_for.map(micros),
            },
            Act::OpenEarly => Action::OpenEarly {
                observed: step.observed.unwrap_or(0.0),
                threshold: step.threshold.unwrap_or(0.0),
            },
            Act::Restore => {
                let shown = step.restore_at.unwrap_or(self.shown);
                act(Action::Restore { shown }, self.shown);
                self.shown = shown;
                self.permits.clear();
                self.holds.clear();
                return;
            }
        };
        act(action, self.shown);
    }

    fn hold(
        &mut self,
        override_: Override,
        step: &Step,
        act: &mut impl FnMut(Action, f64) -> Response,
    ) {
        if let Response::Held { hold, .. } = act(Action::SetOverride(override_), self.shown)
            && let Some(name) = &step.name
        {
            self.holds.insert(name.clone(), hold);
        }
    }
}

fn settle(step: &Step, permit: u64) -> Action {
    let outcome = match (step.open_for, step.outcome) {
        (Some(span), _) => Outcome::OpenFor(micros(span)),
        (None, None | Some(WrittenOutcome::Success)) => Outcome::Success,
        (None, Some(WrittenOutcome::Failure)) => Outcome::Failure,
        (None, Some(WrittenOutcome::Ignored)) => Outcome::Ignored,
        (None, Some(WrittenOutcome::Timeout)) => Outcome::Timeout,
        (None, Some(WrittenOutcome::Withdrawn)) => Outcome::Withdrawn,
        (None, Some(WrittenOutcome::Aborted)) => Outcome::Aborted,
        (None, Some(WrittenOutcome::Deadline)) => Outcome::Deadline,
    };
    Action::Settle {
        permit,
        outcome,
        duration: step.duration.filter(|millis| *millis >= 0.0).map(micros),
    }
}

impl Model {
    /// Runs one action while the clock shows this time.
    pub fn act(&mut self, action: Action, shown: f64) -> Response {
        let moved = match action {
            Action::Admit => {
                return match self.admit(shown) {
                    Admission::Admitted(permit) => Response::Admitted {
                        permit: permit.number(),
                    },
                    Admission::Rejected {
                        rejection,
                        retry_after,
                    } => Response::Rejected {
                        rejection,
                        retry_after,
                    },
                };
            }
            Action::Look => {
                self.poll_all(shown);
                return Response::Nothing;
            }
            Action::Restore { shown: restored_at } => {
                self.restore(shown, restored_at);
                return Response::Nothing;
            }
            Action::Settle {
                permit,
                outcome,
                duration,
            } => self.settle(Permit::of_number(permit), outcome, duration, shown),
            Action::Poll => self.poll(shown),
            Action::SetOverride(override_) => {
                let moved = self.set_override(override_, shown);
                return Response::Held {
                    hold: self.hold(),
                    moved: self.on_clock(moved),
                };
            }
            Action::Release { hold } => self.release(hold, shown),
            Action::Reset => Some(self.reset(shown)),
            Action::Retune(thresholds) => {
                return Response::Retuned(self.retune(&thresholds, shown));
            }
            Action::Reconfigure(options) => {
                return Response::Retuned(self.reconfigure(options, shown));
            }
            Action::Open { open_for } => self.open_now(open_for, shown),
            Action::OpenEarly {
                observed,
                threshold,
            } => self.open_early(observed, threshold, shown),
        };
        Response::Moved(self.on_clock(moved))
    }

    /// Returns a transition with its time on the owner's clock.
    fn on_clock(&self, moved: Option<Transition>) -> Option<Transition> {
        moved.map(|transition| Transition {
            at: self.clock.shown_at(transition.at),
            ..transition
        })
    }
}

/// Generation number of a permit that has no generation.
const NO_GENERATION: u64 = u32::MAX as u64;

impl Permit {
    /// Returns the number that crosses to TypeScript: `generation × 65536 + slot`. `slot` is the index plus 1, or 0
    /// without an index.
    #[must_use]
    pub fn number(self) -> u64 {
        let generation = self
            .generation
            .map_or(NO_GENERATION, |number| number as u64);
        generation * 65_536 + self.index.map_or(0, |index| index as u64 + 1)
    }

    /// Returns the permit with this number.
    #[must_use]
    pub fn of_number(number: u64) -> Self {
        let generation = number / 65_536;
        let index = (number % 65_536) as usize;
        Self {
            generation: (generation != NO_GENERATION).then_some(generation as usize),
            index: index.checked_sub(1),
        }
    }
}
