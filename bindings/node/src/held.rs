//! Calls in flight and overrides of one handle. They end with the handle, and so with its thread.

use breaker_bridge::codes::{instant_of, permit_of};
use breaker_core::{Breaker, Hold, Instant, Outcome, Override, Permit};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Calls in flight and overrides that one handle holds of a shared breaker.
#[derive(Default)]
pub struct Held {
    /// Number of calls in flight by permit: those of one group have the same permit. Only probes and watched calls are
    /// here, because no other call holds anything in the engine.
    calls: HashMap<u64, u32, BuildHasherDefault<PermitHasher>>,
    /// The latest override. It has ended every earlier one.
    hold: Hold,
    /// How often this handle holds that override.
    holders: u32,
}

impl Held {
    /// Records an admission: a permit, or the code of a rejection.
    pub fn admitted(&mut self, admission: f64) {
        let permit = permit_of(admission);
        if admission >= 0.0 && holds_a_slot(permit) {
            let calls = self.calls.entry(permit.number()).or_default();
            *calls = calls.saturating_add(1);
        }
    }

    /// Records that a call has settled.
    pub fn settled(&mut self, permit: f64) {
        let permit = permit_of(permit);
        if !holds_a_slot(permit) {
            return;
        }
        let Some(calls) = self.calls.get_mut(&permit.number()) else {
            return;
        };
        *calls = calls.saturating_sub(1);
        if *calls == 0 {
            self.calls.remove(&permit.number());
        }
    }

    /// Records an override of this handle.
    pub fn holds(&mut self, hold: Hold) {
        if self.hold != hold {
            self.hold = hold;
            self.holders = 0;
        }
        self.holders = self.holders.saturating_add(1);
    }

    /// Records the release of an override of this handle.
    pub fn released(&mut self, hold: Hold) {
        if self.hold == hold {
            self.holders = self.holders.saturating_sub(1);
        }
    }

    /// Whether this handle has neither calls in flight nor an override.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.holders == 0
    }

    /// Whether an override of this handle still stands.
    pub fn has_override(&self, breaker: &Breaker) -> bool {
        self.holders > 0
            && self.hold == breaker.hold()
            && breaker.standing_override() != Override::None
    }

    /// Settles the calls in flight as ignored ones.
    pub fn end_calls(&mut self, breaker: &mut Breaker) {
        for (permit, calls) in self.calls.drain() {
            for _ in 0..calls {
                let permit = Permit::from_number(permit);
                breaker.settle(permit, Outcome::Ignored, None, latest());
            }
        }
    }

    /// Releases the override.
    pub fn end_override(&mut self, breaker: &mut Breaker) {
        for _ in 0..self.holders {
            breaker.release(self.hold, latest());
        }
        self.holders = 0;
    }
}

/// Hash of the number of a permit. The engine issues these numbers, so that nobody can choose them to collide.
#[derive(Default)]
struct PermitHasher(u64);

impl Hasher for PermitHasher {
    fn write_u64(&mut self, number: u64) {
        const GOLDEN_RATIO: u64 = 0x9E37_79B9_7F4A_7C15;
        self.0 = number.wrapping_mul(GOLDEN_RATIO).rotate_left(u32::BITS);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Whether a call occupies a slot: of the probes, or of a group of watched calls.
fn holds_a_slot(permit: Permit) -> bool {
    permit.probe().is_some() || permit.group().is_some()
}

/// Returns the latest time that a breaker has seen, whichever that is. A thread that ends has no clock left.
fn latest() -> Instant {
    instant_of(f64::NAN)
}
