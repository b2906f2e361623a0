//! Takes a breaker, any breaker, through the steps of a case.

use crate::case::{Act, Step, Thresholds, WrittenOutcome};
use crate::clock::{Micros, micros};
use crate::history::{Move, Order, Outcome, Rejection};
use crate::model::{Admission, Model, Permit};
use std::collections::BTreeMap;

/// One thing that is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    Admit,
    Settle {
        permit: u64,
        outcome: Outcome,
        duration: Option<Micros>,
    },
    Poll,
    Look,
    SetOrder(Order),
    ReleaseForcedOpen,
    Reset,
    Retune(Thresholds),
    OpenEarly {
        observed: f64,
        threshold: f64,
    },
    Restore {
        shown: f64,
    },
}

/// What the one who does it is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Told {
    Admitted {
        permit: u64,
    },
    Rejected {
        rejection: Rejection,
        retry_after: Option<Micros>,
    },
    /// The move that was made, its time as the clock shows it.
    Moved(Option<Move>),
    /// Whether the thresholds could be taken.
    Retuned(bool),
    Nothing,
}

/// Where a case stands: what the clock shows, and the permits that were given, by their names.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    shown: f64,
    permits: BTreeMap<String, u64>,
}

impl Walk {
    /// Before the first step.
    #[must_use]
    pub fn starting(shown: Option<f64>) -> Self {
        Self {
            shown: shown.unwrap_or(0.0),
            permits: BTreeMap::new(),
        }
    }

    /// Does what a step says, by calling `act` with each action and what the clock shows. A permit that was not given
    /// is not handed back.
    pub fn step(&mut self, step: &Step, mut act: impl FnMut(Action, f64) -> Told) {
        self.shown = step.at.unwrap_or(self.shown);
        for time in 0..step.times.unwrap_or(1) {
            if time > 0 {
                self.shown += step.every.unwrap_or(0.0);
            }
            self.once(step, &mut act);
        }
    }

    fn once(&mut self, step: &Step, act: &mut impl FnMut(Action, f64) -> Told) {
        let action = match step.act {
            Act::Admit => {
                if let Told::Admitted { permit } = act(Action::Admit, self.shown)
                    && let Some(name) = &step.name
                {
                    self.permits.insert(name.clone(), permit);
                }
                return;
            }
            Act::Call => match act(Action::Admit, self.shown) {
                Told::Admitted { permit } => settle(step, permit),
                _ => return,
            },
            Act::Settle => match step.permit.as_ref().and_then(|name| self.permits.get(name)) {
                Some(permit) => settle(step, *permit),
                None => return,
            },
            Act::Poll => Action::Poll,
            Act::Look => Action::Look,
            Act::ForceOpen => Action::SetOrder(Order::ForcedOpen),
            Act::ForceClosed => Action::SetOrder(Order::ForcedClosed),
            Act::Shadow => Action::SetOrder(Order::Shadow),
            Act::ReleaseOverride => Action::SetOrder(Order::None),
            Act::ReleaseForcedOpen => Action::ReleaseForcedOpen,
            Act::Reset => Action::Reset,
            Act::Retune => Action::Retune(step.thresholds.unwrap_or_default()),
            Act::OpenEarly => Action::OpenEarly {
                observed: step.observed.unwrap_or(0.0),
                threshold: step.threshold.unwrap_or(0.0),
            },
            Act::Restore => {
                let shown = step.restore_at.unwrap_or(self.shown);
                act(Action::Restore { shown }, self.shown);
                self.shown = shown;
                self.permits.clear();
                return;
            }
        };
        act(action, self.shown);
    }
}

fn settle(step: &Step, permit: u64) -> Action {
    let outcome = match (step.open_for, step.outcome) {
        (Some(span), _) => Outcome::OpenFor(micros(span)),
        (None, None | Some(WrittenOutcome::Success)) => Outcome::Success,
        (None, Some(WrittenOutcome::Failure)) => Outcome::Failure,
        (None, Some(WrittenOutcome::Ignored)) => Outcome::Ignored,
        (None, Some(WrittenOutcome::Timeout)) => Outcome::Timeout,
    };
    Action::Settle {
        permit,
        outcome,
        duration: step.duration.filter(|millis| *millis >= 0.0).map(micros),
    }
}

impl Model {
    /// Does one thing, under a clock that shows this.
    pub fn act(&mut self, action: Action, shown: f64) -> Told {
        let moved = match action {
            Action::Admit => {
                return match self.admit(shown) {
                    Admission::Admitted(permit) => Told::Admitted {
                        permit: permit.number(),
                    },
                    Admission::Rejected {
                        rejection,
                        retry_after,
                    } => Told::Rejected {
                        rejection,
                        retry_after,
                    },
                };
            }
            Action::Look => {
                self.poll_all(shown);
                return Told::Nothing;
            }
            Action::Restore { shown: restored_at } => {
                self.restore(shown, restored_at);
                return Told::Nothing;
            }
            Action::Settle {
                permit,
                outcome,
                duration,
            } => self.settle(Permit::of_number(permit), outcome, duration, shown),
            Action::Poll => self.poll(shown),
            Action::SetOrder(order) => self.set_order(order, shown),
            Action::ReleaseForcedOpen => self.release_forced_open(shown),
            Action::Reset => Some(self.reset(shown)),
            Action::Retune(thresholds) => return Told::Retuned(self.retune(&thresholds, shown)),
            Action::OpenEarly {
                observed,
                threshold,
            } => self.open_early(observed, threshold, shown),
        };
        Told::Moved(moved.map(|told| Move {
            at: self.clock.shown_at(told.at),
            ..told
        }))
    }
}

/// What stands for the generation of a permit that belongs to none.
const NO_GENERATION: u64 = u32::MAX as u64;

impl Permit {
    /// The number that crosses: `generation × 65536 + place`, where `place` is 0 for none and else its number and 1.
    #[must_use]
    pub fn number(self) -> u64 {
        let generation = self
            .generation
            .map_or(NO_GENERATION, |number| number as u64);
        generation * 65_536 + self.place.map_or(0, |place| place as u64 + 1)
    }

    /// The permit with this number.
    #[must_use]
    pub fn of_number(number: u64) -> Self {
        let generation = number / 65_536;
        let place = (number % 65_536) as usize;
        Self {
            generation: (generation != NO_GENERATION).then_some(generation as usize),
            place: place.checked_sub(1),
        }
    }
}
