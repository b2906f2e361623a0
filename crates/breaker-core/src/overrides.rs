//! Overrides that an operator sets above the state.

use crate::state::CircuitState;

/// Override by an operator. Forced states absorb time: no transition becomes due under them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Override {
    /// The state decides.
    #[default]
    None,
    /// Rejects every call, until the last holder releases.
    ForcedOpen {
        /// Number of holders.
        holders: u32,
    },
    /// Admits every call and records it, never trips.
    ForcedClosed,
    /// Moves the state as without override, but admits every call.
    Shadow,
}

/// Token of an override. It releases that override alone: one that was released, replaced or reset before has no effect
/// any more. Holders of one forced opening have equal tokens.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Hold(u32);

impl Hold {
    /// Returns the token with this number.
    #[must_use]
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// Returns the number of this token.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

impl Override {
    /// Returns the state that callers experience.
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
