//! Permits to run a call, and rejections.

use crate::groups::Group;
use crate::half_open::Probe;
use crate::time::Span;

/// Number of a period of a breaker's life. It advances at every transition, override and reset, so that a late result
/// can be distinguished from one that still counts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Generation(u32);

impl Generation {
    /// Number of bits of a generation; it wraps after 67 108 864 transitions.
    pub const BITS: u32 = 26;
    const MASK: u32 = (1 << Self::BITS) - 1;
    /// A generation that no breaker is ever in.
    const NONE: Self = Self(u32::MAX);

    /// Returns the number of this generation.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0.wrapping_add(1) & Self::MASK)
    }
}

/// The right to run one call. Settle it with [`settle`](crate::Breaker::settle) exactly once.
///
/// It is one number, `generation × 65536 + slot`. `slot` is 0 for none, else 1 plus the number of the probe, or in a
/// closed circuit that of the group of calls in flight. A single small number is cheap to pass.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Permit(u64);

impl Permit {
    const SLOT_BITS: u32 = 16;
    const LARGEST: u64 = (1 << (u32::BITS + Self::SLOT_BITS)) - 1;

    /// A permit whose outcome changes lifetime totals and nothing else.
    pub(crate) const UNCOUNTED: Self = Self::new(Generation::NONE, None);

    pub(crate) const fn new(generation: Generation, probe: Option<Probe>) -> Self {
        let slot = match probe {
            Some(Probe(number)) => number.saturating_add(1),
            None => 0,
        };
        Self::at(generation, slot)
    }

    pub(crate) const fn in_group(generation: Generation, Group(number): Group) -> Self {
        Self::at(generation, number.saturating_add(1))
    }

    const fn at(generation: Generation, slot: u16) -> Self {
        Self((generation.0 as u64).wrapping_shl(Self::SLOT_BITS) | slot as u64)
    }

    /// Equals no issued permit, nor any permit from a number.
    pub(crate) const NONE: Self = Self(u64::MAX);

    /// Returns the permit with this number. Bits beyond the largest permit are cut off.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number & Self::LARGEST)
    }

    /// Returns the number of this permit.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Returns the generation in which it was issued.
    #[must_use]
    pub const fn generation(self) -> Generation {
        Generation(self.0.wrapping_shr(Self::SLOT_BITS) as u32)
    }

    /// Returns its probe, if the circuit was half-open.
    #[must_use]
    pub fn probe(self) -> Option<Probe> {
        self.slot().map(Probe)
    }

    /// Returns its group of calls in flight, if the circuit was closed and they are watched.
    #[must_use]
    pub fn group(self) -> Option<Group> {
        self.slot().map(Group)
    }

    fn slot(self) -> Option<u16> {
        (self.0 as u16).checked_sub(1)
    }
}

/// Decision on a request for a permit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Admission {
    /// The caller may run the call, and must settle the permit.
    Admitted(Permit),
    /// The caller must not run the call.
    Rejected {
        /// Reason of the rejection.
        rejection: Rejection,
        /// Time until a call may be admitted; `None` if only an operator can end the rejection.
        retry_after: Option<Span>,
    },
}

/// Reason of a rejection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rejection {
    /// An operator holds the circuit open.
    ForcedOpen,
    /// The largest number of probes is in flight.
    HalfOpenFull,
    /// The open time is not over.
    Open,
    /// The circuit is closed, but the dependency is unproven, and the largest number of calls is unanswered.
    InFlightLimit,
    /// The circuit has closed again, and this call is beyond the share that the ramp admits so far.
    Recovering,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permit_returns_its_components() {
        for generation in [
            Generation(0),
            Generation(1),
            Generation(Generation::MASK),
            Generation::NONE,
        ] {
            for probe in [None, Some(Probe(0)), Some(Probe(u16::MAX - 1))] {
                let permit = Permit::from_number(Permit::new(generation, probe).number());
                assert_eq!((permit.generation(), permit.probe()), (generation, probe));
            }
        }
    }
}
