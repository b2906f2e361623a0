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

    /// Returns the token of the latest override: the number of overrides so far, but for further holders of one.
    #[must_use]
    pub fn hold(&self) -> u32 {
        let since = after_last(&self.history, Event::is_restoration).iter();
        since.filter(|event| **event == Event::Held).count() as u32
    }

    /// Sets an override. Forcing open again adds a holder; any other repetition only replaces the token.
    pub fn set_override(&mut self, override_: Override, shown: f64) -> Option<Transition> {
        self.poll_all(shown);
        let before = self.active_override();
        if (before, override_) == (Override::ForcedOpen, Override::ForcedOpen) {
            self.history.push(Event::HolderAdded);
            return None;
        }
        self.history.push(Event::Held);
        (before != override_).then(|| self.change_override(override_))
    }

    /// Releases the override of a token, if it still stands. A forced opening ends with its last holder.
    pub fn release(&mut self, hold: u32, shown: f64) -> Option<Transition> {
        self.poll_all(shown);
        let standing = self.active_override();
        if standing == Override::None || hold != self.hold() {
            return None;
        }
        if standing == Override::ForcedOpen && self.holders() > 1 {
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
