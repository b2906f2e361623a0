//! The right to run one call, and its refusal.

use crate::half_open::ProbeSlot;
use crate::time::Span;

/// Which stretch of a breaker's life a permit was given in. It moves at every transition, override and
/// reset, so that a result which arrives late can be told from one that still counts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Generation(u32);

impl Generation {
    /// How many bits a generation has; it wraps after 67 108 864 transitions.
    pub const BITS: u32 = 26;
    const MASK: u32 = (1 << Self::BITS) - 1;
    /// Matches no generation that a breaker is ever in.
    const NONE: Self = Self(u32::MAX);

    /// The generation with this number; bits above [`BITS`](Self::BITS) are those of no generation at all.
    #[must_use]
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The number of this generation.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0.wrapping_add(1) & Self::MASK)
    }
}

/// The right to run one call. Hand it back to [`settle`](crate::Breaker::settle) exactly once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Permit {
    /// When it was given.
    pub generation: Generation,
    /// The probe slot it holds, if the circuit was half-open.
    pub probe: Option<ProbeSlot>,
}

impl Permit {
    /// A permit whose outcome changes lifetime totals and nothing else.
    pub(crate) const UNCOUNTED: Self = Self {
        generation: Generation::NONE,
        probe: None,
    };
}

/// The answer to a request for a permit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Admission {
    /// Run the call, then settle the permit.
    Admitted(Permit),
    /// Do not run the call.
    Rejected {
        /// Why not.
        rejection: Rejection,
        /// How long until a call may be admitted; `None` where only an operator can tell.
        retry_after: Option<Span>,
    },
}

/// Why a call was rejected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rejection {
    /// An operator holds the circuit open.
    ForcedOpen,
    /// As many probes as allowed are already under way.
    HalfOpenFull,
    /// The open time is not over.
    Open,
    /// The circuit has closed again, and this call is beyond the share that the ramp admits so far.
    Recovering,
}
