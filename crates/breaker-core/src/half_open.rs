//! Probes: the few calls that test whether the dependency has recovered.

use crate::time::{Instant, Span};
use alloc::boxed::Box;
use alloc::vec;
use core::iter;

/// Configuration of the probes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbeConfig {
    /// Largest number of probes in flight.
    pub max_concurrent: u16,
    /// Rule that closes or reopens the circuit.
    pub verdict: VerdictRule,
}

/// Rule that closes or reopens a half-open circuit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum VerdictRule {
    /// This many successes close it; one failure opens it.
    Successes {
        /// Number of successes.
        required: u32,
    },
    /// The failure rate of this many probes decides.
    FailureRate {
        /// Number of probes.
        calls: u32,
        /// Failure rate that reopens the circuit.
        threshold: f64,
    },
}

/// Results of the probes in the half-open state.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Probing {
    /// Probes that succeeded.
    pub successes: u32,
    /// Probes that failed or expired.
    pub failures: u32,
}

/// Verdict over the probes so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// The dependency has recovered.
    Recovered,
    /// The dependency still fails.
    Failing {
        /// Number of failed probes, or their failure rate.
        observed: f64,
        /// Threshold that it reached.
        threshold: f64,
    },
    /// More probes are needed.
    Undecided,
}

impl VerdictRule {
    /// Returns the verdict as soon as no further probe can change it.
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

    /// Returns the number of probes that the verdict may still need; `None` if it is not fixed.
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

/// Number of a probe, in order of admission, so that a late probe is never confused with the next one in its slot.
/// After 65 535 probes of one generation the numbers start again.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Probe(pub u16);

/// One slot for each concurrent probe. The first is stored inline, because most breakers have no other.
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
    /// Deadline of the probe; [`Instant::NEVER`] if the slot is free.
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
    /// Creates free slots, at least one. Later operations allocate nothing.
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

    /// Returns the number of probes in flight.
    #[must_use]
    pub fn in_flight(&self) -> u16 {
        self.in_flight
    }

    /// Takes a free slot for a probe that must settle within `lifetime`.
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

    /// Frees the slot of a probe. Returns whether the probe had one.
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

    /// Returns the probe with the earliest deadline.
    #[must_use]
    pub fn earliest(&self) -> Option<(Probe, Instant)> {
        let taken = self.slots().filter(|slot| !slot.is_free());
        taken
            .min_by_key(|slot| slot.deadline)
            .map(|slot| (slot.probe, slot.deadline))
    }

    /// Frees every slot. Probes in flight no longer count, and numbers start again in the next generation.
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
    fn the_rate_verdict_comes_as_early_as_possible() {
        let rule = VerdictRule::FailureRate {
            calls: 5,
            threshold: 0.4,
        };
        let verdict = |successes, failures| {
            rule.judge(&Probing {
                successes,
                failures,
            })
        };
        assert_eq!(verdict(3, 1), Verdict::Undecided);
        assert_eq!(
            verdict(3, 2),
            Verdict::Failing {
                observed: 0.4,
                threshold: 0.4
            }
        );
        assert_eq!(
            verdict(0, 2),
            Verdict::Failing {
                observed: 0.4,
                threshold: 0.4
            }
        );
        assert_eq!(verdict(4, 0), Verdict::Recovered);
        assert_eq!(verdict(4, 1), Verdict::Recovered);
    }

    #[test]
    fn a_slot_is_taken_once_and_freed_once() {
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
    fn a_late_probe_is_distinct_from_the_next_in_its_slot() {
        let mut slots = ProbeSlots::new(1);
        let (now, lifetime) = (Instant::from_millis(0.0), Span::from_millis(10.0));
        let hung = slots.take(now, lifetime).unwrap();
        assert!(slots.give_back(hung));
        let next = slots.take(now, lifetime).unwrap();
        assert!(!slots.give_back(hung));
        assert!(slots.give_back(next));
    }

    #[test]
    fn probe_numbers_start_again_below_that_of_no_permit() {
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
