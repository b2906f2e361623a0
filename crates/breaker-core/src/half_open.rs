//! Probes: the few calls that find out whether the dependency is back.

use crate::time::{Instant, Span};
use alloc::boxed::Box;
use alloc::vec;
use core::iter;

/// How probes are given and judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbeConfig {
    /// How many may be in flight at once.
    pub max_concurrent: u16,
    /// What closes the circuit again.
    pub verdict: VerdictRule,
}

/// What decides about a half-open circuit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum VerdictRule {
    /// So many successes close it; one failure opens it.
    Successes {
        /// How many.
        required: u32,
    },
    /// The failed share of so many probes.
    FailureRate {
        /// How many probes are judged.
        calls: u32,
        /// Opens when the failed share of them is at least this.
        threshold: f64,
    },
}

/// What the half-open state knows.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Probing {
    /// Probes that succeeded.
    pub successes: u32,
    /// Probes that failed or expired.
    pub failures: u32,
}

/// The answer of the probes so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// The dependency is back.
    Recovered,
    /// It is not. With the failures, or their share, that say so.
    Failing {
        /// How many failed, or their share of the probes to be judged.
        observed: f64,
        /// What that reached.
        threshold: f64,
    },
    /// More probes are needed.
    Undecided,
}

impl VerdictRule {
    /// Judges as soon as the answer cannot change any more.
    #[must_use]
    pub fn judge(&self, probing: &Probing) -> Verdict {
        match *self {
            Self::Successes { required } => {
                if probing.failures > 0 {
                    Verdict::Failing {
                        observed: f64::from(probing.failures),
                        threshold: 1.0,
                    }
                } else if probing.successes >= required {
                    Verdict::Recovered
                } else {
                    Verdict::Undecided
                }
            }
            Self::FailureRate { calls, threshold } => {
                let rate_if = |failures: u32| f64::from(failures) / f64::from(calls);
                let at_most = calls.saturating_sub(probing.successes);
                if rate_if(probing.failures) >= threshold {
                    Verdict::Failing {
                        observed: rate_if(probing.failures),
                        threshold,
                    }
                } else if rate_if(at_most) < threshold {
                    Verdict::Recovered
                } else {
                    Verdict::Undecided
                }
            }
        }
    }

    /// How many probes may still be needed for a verdict; `None` where it is not a fixed number of them.
    #[must_use]
    pub fn still_needed(&self, probing: &Probing) -> Option<u32> {
        match *self {
            Self::Successes { .. } => None,
            Self::FailureRate { calls, .. } => Some(
                calls
                    .saturating_sub(probing.successes)
                    .saturating_sub(probing.failures),
            ),
        }
    }
}

/// Which probe. They are numbered as they are given: one that comes back late is never taken for the one that has
/// its slot by then. After 65 535 of one generation the numbers begin anew.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Probe(pub u16);

/// One slot for each probe that may be in flight. The first is kept here, for most breakers have no other.
#[derive(Clone, Debug)]
pub struct ProbeSlots {
    first: Slot,
    others: Box<[Slot]>,
    in_flight: u16,
    next: Probe,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    probe: Probe,
    /// Until when it must answer, or never where the slot is free.
    deadline: Instant,
}

impl Probe {
    const LAST: Self = Self(u16::MAX - 1);

    fn following(self) -> Self {
        if self == Self::LAST {
            Self::default()
        } else {
            Self(self.0.saturating_add(1))
        }
    }
}

impl Slot {
    const FREE: Self = Self {
        probe: Probe(0),
        deadline: Instant::NEVER,
    };

    fn is_free(&self) -> bool {
        self.deadline == Instant::NEVER
    }
}

impl ProbeSlots {
    /// So many free slots, at least one. This is the only time it allocates.
    #[must_use]
    pub fn new(slots: u16) -> Self {
        let others = usize::from(slots).saturating_sub(1);
        Self {
            first: Slot::FREE,
            others: vec![Slot::FREE; others].into_boxed_slice(),
            in_flight: 0,
            next: Probe::default(),
        }
    }

    /// How many probes are in flight.
    #[must_use]
    pub fn in_flight(&self) -> u16 {
        self.in_flight
    }

    /// Takes a free slot for a probe that must answer within `lifetime`.
    pub fn take(&mut self, now: Instant, lifetime: Span) -> Option<Probe> {
        let probe = self.next;
        let free = self.slots_mut().find(|slot| slot.is_free())?;
        *free = Slot {
            probe,
            deadline: now.after(lifetime),
        };
        self.next = probe.following();
        self.in_flight = self.in_flight.saturating_add(1);
        Some(probe)
    }

    /// Frees the slot of a probe. Says whether it still had one.
    pub fn give_back(&mut self, probe: Probe) -> bool {
        let held = self
            .slots_mut()
            .find(|slot| slot.probe == probe && !slot.is_free());
        let Some(slot) = held else {
            return false;
        };
        *slot = Slot::FREE;
        self.in_flight = self.in_flight.saturating_sub(1);
        true
    }

    /// The earliest deadline, and the probe it belongs to.
    #[must_use]
    pub fn earliest(&self) -> Option<(Probe, Instant)> {
        let taken = self.slots().filter(|slot| !slot.is_free());
        taken
            .min_by_key(|slot| slot.deadline)
            .map(|slot| (slot.probe, slot.deadline))
    }

    /// Frees every slot: the probes in flight no longer count, and those of the next generation are numbered anew.
    pub fn clear(&mut self) {
        self.first = Slot::FREE;
        self.others.fill(Slot::FREE);
        self.in_flight = 0;
        self.next = Probe::default();
    }

    fn slots(&self) -> impl Iterator<Item = &Slot> {
        iter::once(&self.first).chain(&self.others)
    }

    fn slots_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        iter::once(&mut self.first).chain(&mut self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_judged_as_soon_as_it_is_decided() {
        let rule = VerdictRule::FailureRate {
            calls: 5,
            threshold: 0.4,
        };
        let judge = |successes, failures| {
            rule.judge(&Probing {
                successes,
                failures,
            })
        };
        assert_eq!(judge(3, 1), Verdict::Undecided);
        assert_eq!(
            judge(3, 2),
            Verdict::Failing {
                observed: 0.4,
                threshold: 0.4
            }
        );
        assert_eq!(
            judge(0, 2),
            Verdict::Failing {
                observed: 0.4,
                threshold: 0.4
            }
        );
        assert_eq!(judge(4, 0), Verdict::Recovered);
        assert_eq!(judge(4, 1), Verdict::Recovered);
    }

    #[test]
    fn slots_are_given_once_and_given_back_once() {
        let mut slots = ProbeSlots::new(2);
        let lifetime = Span::from_millis(10.0);
        let first = slots.take(Instant::from_millis(0.0), lifetime).unwrap();
        let second = slots.take(Instant::from_millis(1.0), lifetime).unwrap();
        assert_ne!(first, second);
        assert_eq!(slots.take(Instant::from_millis(2.0), lifetime), None);
        assert_eq!(slots.earliest(), Some((first, Instant::from_millis(10.0))));
        assert!(slots.give_back(first));
        assert!(!slots.give_back(first));
        assert_eq!(slots.in_flight(), 1);
    }

    #[test]
    fn a_probe_is_not_taken_for_the_next_in_its_slot() {
        let mut slots = ProbeSlots::new(1);
        let (now, lifetime) = (Instant::from_millis(0.0), Span::from_millis(10.0));
        let hung = slots.take(now, lifetime).unwrap();
        assert!(slots.give_back(hung));
        let next = slots.take(now, lifetime).unwrap();
        assert!(!slots.give_back(hung));
        assert!(slots.give_back(next));
    }

    #[test]
    fn the_numbers_of_probes_begin_anew_below_that_of_no_permit() {
        let mut slots = ProbeSlots::new(1);
        let mut probes = std::vec::Vec::new();
        for _ in 0..=u16::MAX {
            let probe = slots.take(Instant::from_millis(0.0), Span::from_millis(1.0));
            probes.extend(probe.filter(|probe| slots.give_back(*probe)));
        }
        assert_eq!(probes.len(), 65_536);
        assert_eq!(probes.first(), probes.last());
        assert!(probes.iter().all(|probe| *probe != Probe(u16::MAX)));
    }
}
