//! Open time: `initial × factor ^ failed recoveries`, at most `max`, times `1 − jitter × random`.

use crate::clock::{Micros, micros, scaled};
use crate::history::{Circuit, Event, Reason, after_last};
use crate::model::Model;

impl Model {
    /// Whether an opening now would be a failed recovery: probes or a ramp are in progress.
    pub(crate) fn is_recovering(&self) -> bool {
        self.circuit() == Circuit::HalfOpen || self.ramp_began().is_some()
    }

    /// Returns the number of failed recoveries since the last successful one. With a ramp, a recovery succeeds when
    /// the ramp ends.
    #[must_use]
    pub fn failed_recoveries(&self) -> usize {
        let has_ramp = self.options.ramp().is_some();
        let succeeded = |event: &Event| {
            *event == Event::RampEnded
                || event.is_transition_for(Reason::Reset)
                || !has_ramp && event.is_transition_for(Reason::ProbesSucceeded)
        };
        let since = after_last(&self.history, succeeded).iter();
        let failed = |event: &&Event| {
            matches!(
                event,
                Event::Moved {
                    failed_recovery: true,
                    ..
                }
            )
        };
        since.filter(failed).count()
    }

    /// Returns the open time after this many failed recoveries, before jitter. It grows in whole microseconds.
    pub(crate) fn open_time_after(&self, failed_recoveries: usize) -> Micros {
        let open_time = self.options.open_time();
        (0..failed_recoveries).fold(open_time.initial, |time, _| {
            scaled(time, open_time.factor).min(open_time.max)
        })
    }

    /// Returns the open time after this many failed recoveries, reduced by jitter; at least a millisecond.
    pub(crate) fn drawn_open_time(&self, failed_recoveries: usize) -> Micros {
        let open_time = self.open_time_after(failed_recoveries);
        let jitter = self.options.open_time().jitter;
        if jitter == 0.0 {
            return open_time;
        }
        scaled(open_time, 1.0 - jitter * self.next_random()).max(micros(1.0))
    }

    /// Returns the next random number of the seed. Each opening by a rule or a probe consumes one.
    fn next_random(&self) -> f64 {
        let life = after_last(&self.history, Event::is_restoration).iter();
        let drew = |event: &&Event| matches!(event, Event::Moved { transition, .. } if draws(transition.reason));
        let seed = self.options.seed.unwrap_or(0);
        random(seed, life.filter(drew).count() as u64)
    }
}

fn draws(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::FailureThreshold
            | Reason::ConsecutiveFailures
            | Reason::FailureRate
            | Reason::SlowCallRate
            | Reason::ProbeFailed
            | Reason::ProbeExpired
            | Reason::ProbeFailureRate
            | Reason::Predicted
            | Reason::Manual
    )
}

/// Returns the random number at this index of a seed's sequence, from 0 to just below 1: the upper 53 bits of
/// SplitMix64 (Steele, Lea and Flood 2014), which allows random access.
fn random(seed: u64, index: u64) -> f64 {
    const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
    let counter = seed.wrapping_add(GOLDEN_GAMMA.wrapping_mul(index + 1));
    let mixed = (counter ^ (counter >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let mixed = mixed ^ (mixed >> 31);
    (mixed >> 11) as f64 / 2_f64.powi(53)
}
