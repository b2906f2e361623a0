//! Sampling window: the calls that are evaluated together.

use breaker_core::time::{Instant, Span};

/// Longest duration of a window with too few calls, as a multiple of its length.
const LONGEST: u64 = 10;
/// Divisor of the calls: one part of them must be light. If fewer are, they are the longest of a light phase.
const LIGHT_PART: u32 = 4;

#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// Time of the first call.
    since: Instant,
    all: Mean,
    light: Mean,
    dropped: u32,
    max_in_flight: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: u64,
    count: u32,
}

impl Window {
    /// Adds a call; one without a response time was dropped.
    pub(super) fn add(&mut self, rtt: Option<Span>, is_light: bool, in_flight: u32, now: Instant) {
        if self.calls() == 0 {
            self.since = now;
        }
        self.max_in_flight = self.max_in_flight.max(in_flight);
        match rtt {
            None => self.dropped = self.dropped.saturating_add(1),
            Some(rtt) => {
                self.all.add(rtt);
                if is_light {
                    self.light.add(rtt);
                }
            }
        }
    }

    /// Whether the window is long enough and has enough calls, or has lasted too long.
    pub(super) fn is_over(&self, least: Span, minimum_calls: u32, now: Instant) -> bool {
        let lasted = now.since(self.since);
        let is_full = lasted >= least && self.calls() >= minimum_calls;
        is_full || lasted >= least.times(LONGEST)
    }

    /// Returns the mean response time, in microseconds.
    pub(super) fn rtt(&self) -> Option<f64> {
        self.all.mean()
    }

    /// Returns the mean response time of the light calls, if there are enough.
    pub(super) fn light_rtt(&self, minimum_calls: u32) -> Option<f64> {
        let is_typical = self.light.count.saturating_mul(LIGHT_PART) >= self.all.count;
        let is_enough = self.light.count >= minimum_calls.min(self.all.count);
        self.light.mean().filter(|_| is_typical && is_enough)
    }

    /// Starts the window after a probe. Its unfinished calls still count, because only the short ones would
    /// otherwise.
    pub(super) fn after_probe(self) -> Self {
        Self {
            light: self.light,
            ..Self::default()
        }
    }

    pub(super) fn max_in_flight(&self) -> u32 {
        self.max_in_flight
    }

    pub(super) fn dropped_share(&self) -> f64 {
        f64::from(self.dropped) / f64::from(self.calls().max(1))
    }

    fn calls(&self) -> u32 {
        self.all.count.saturating_add(self.dropped)
    }
}

impl Mean {
    fn add(&mut self, rtt: Span) {
        self.sum = self.sum.saturating_add(rtt.as_micros());
        self.count = self.count.saturating_add(1);
    }

    /// Returns the mean, at least a microsecond, so that it can be a divisor.
    fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum.max(1) as f64 / f64::from(self.count))
    }
}
