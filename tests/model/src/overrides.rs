//! Overrides, which hide the state of the circuit from callers. Forced states absorb time.

use crate::history::{Event, Override, Reason, State, Transition, after_last};
use crate::model::Model;

impl Override {
    /// Returns the state that callers experience under this override.
    #[must_use]
    pub fn visible(self, circuit: State) -> State {
        match self {
            Self::None => circuit,
            Self::ForcedOpen => State::Open,
            Self::ForcedClosed | Self::Shadow => State::Closed,
        }
    }
}

impl Model {
    /// Returns the override, as the last transition left it.
    #[must_use]
    pub fn active_override(&self) -> Override {
        let left = self.history.iter().rev().find_map(|event| match event {
            Event::Moved { override_, .. } => Some(*override_),
            _ => None,
        });
        left.unwrap_or(Override::None)
    }

    /// Returns the state that callers experience.
    #[must_use]
    pub fn state(&self) -> State {
        self.active_override().visible(self.circuit_state())
    }

    pub(crate) fn absorbs_time(&self) -> bool {
        matches!(
            self.active_override(),
            Override::ForcedOpen | Override::ForcedClosed
        )
    }

    pub(crate) fn lets_circuit_move(&self) -> bool {
        !self.absorbs_time()
    }

    /// Returns the number of holders of the forced-open override.
    fn holders(&self) -> usize {
        let since = after_last(&self.history, Event::is_transition);
        let count = |wanted: Event| since.iter().filter(|event| **event == wanted).count();
        1 + count(Event::HolderAdded) - count(Event::HolderReleased)
    }

    /// Sets an override. Forcing open again adds a holder; any other repetition changes nothing.
    pub fn set_override(&mut self, override_: Override, shown: f64) -> Option<Transition> {
        self.poll_all(shown);
        if override_ == self.active_override() {
            if override_ == Override::ForcedOpen {
                self.history.push(Event::HolderAdded);
            }
            return None;
        }
        Some(self.change_override(override_))
    }

    /// Removes one holder. The last one ends the override.
    pub fn release_forced_open(&mut self, shown: f64) -> Option<Transition> {
        self.clock.observe(shown);
        if self.active_override() != Override::ForcedOpen {
            return None;
        }
        if self.holders() > 1 {
            self.history.push(Event::HolderReleased);
            return None;
        }
        Some(self.change_override(Override::None))
    }

    fn change_override(&mut self, override_: Override) -> Transition {
        let to = override_.visible(self.circuit_state());
        let transition = self.ordered(self.state(), to, Reason::Override);
        self.moved(transition, self.circuit(), override_, false)
    }
}
