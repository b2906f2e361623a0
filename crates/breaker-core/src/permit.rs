//! The right to run one call, and its refusal.

use crate::groups::Group;
use crate::half_open::Probe;
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
///
/// It is one number, `generation × 65536 + place`, where `place` is 0 for none and else 1 and the number of the probe, or
/// in a closed circuit that of the group of calls under way: what is small and of one piece is quickly handed about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Permit(u64);

impl Permit {
    const PLACE_BITS: u32 = 16;
    const LARGEST: u64 = (1 << (u32::BITS + Self::PLACE_BITS)) - 1;

    /// A permit whose outcome changes lifetime totals and nothing else.
    pub(crate) const UNCOUNTED: Self = Self::new(Generation::NONE, None);

    pub(crate) const fn new(generation: Generation, probe: Option<Probe>) -> Self {
        let place = match probe {
            Some(Probe(number)) => number.saturating_add(1),
            None => 0,
        };
        Self::at(generation, place)
    }

    pub(crate) const fn in_group(generation: Generation, Group(number): Group) -> Self {
        Self::at(generation, number.saturating_add(1))
    }

    const fn at(generation: Generation, place: u16) -> Self {
        Self((generation.0 as u64).wrapping_shl(Self::PLACE_BITS) | place as u64)
    }

    /// Equals no permit that was ever given, nor any that a number stands for.
    pub(crate) const NONE: Self = Self(u64::MAX);

    /// The permit with this number. Of a larger number than a permit can have, the surplus is cut off.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number & Self::LARGEST)
    }

    /// The number of this permit.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// When it was given.
    #[must_use]
    pub const fn generation(self) -> Generation {
        Generation(self.0.wrapping_shr(Self::PLACE_BITS) as u32)
    }

    /// Which probe it is, if the circuit was half-open.
    #[must_use]
    pub fn probe(self) -> Option<Probe> {
        self.place().map(Probe)
    }

    /// Which group of calls under way it belongs to, if the circuit was closed and they are watched.
    #[must_use]
    pub fn group(self) -> Option<Group> {
        self.place().map(Group)
    }

    fn place(self) -> Option<u16> {
        (self.0 as u16).checked_sub(1)
    }
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
    /// The circuit is closed, but the dependency is unproven, and as many calls as allowed are without an answer.
    InFlightLimit,
    /// The circuit has closed again, and this call is beyond the share that the ramp admits so far.
    Recovering,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permit_is_what_it_was_made_of() {
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
