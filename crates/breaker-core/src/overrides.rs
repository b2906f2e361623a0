//! What an operator puts above the state.

use crate::state::CircuitState;

/// A standing order of an operator. Forced states absorb time: nothing that time would do happens under them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Override {
    /// The state decides.
    #[default]
    None,
    /// Reject every call, until the last holder releases.
    ForcedOpen {
        /// How many hold it.
        holders: u32,
    },
    /// Admit every call and record it, never trip.
    ForcedClosed,
    /// Let the state move as if it decided, and admit every call all the same.
    Shadow,
}

impl Override {
    /// The state that callers experience.
    #[must_use]
    pub fn effective(self, state: CircuitState) -> CircuitState {
        match self {
            Self::None => state,
            Self::ForcedOpen { .. } => CircuitState::Open,
            Self::ForcedClosed | Self::Shadow => CircuitState::Closed,
        }
    }

    /// Whether time and outcomes move the state.
    pub(crate) fn lets_state_move(self) -> bool {
        matches!(self, Self::None | Self::Shadow)
    }
}
