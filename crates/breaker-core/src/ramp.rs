//! Ramp: readmits a growing share of the calls after a recovery.

use crate::time::{Instant, Span};

/// Configured ramp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// Time until every call is admitted again.
    pub duration: Span,
    /// Share of calls admitted at the start.
    pub initial_share: f64,
}

/// Progress of a ramp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RampProgress {
    /// Start of the ramp.
    pub since: Instant,
    /// Credit that the requests so far have earned. An admission costs 1.
    credit: f64,
}

impl Ramp {
    /// Returns the share of calls admitted now. It grows linearly from the initial share to 1.
    #[must_use]
    pub fn share(&self, progress: &RampProgress, now: Instant) -> f64 {
        let elapsed = now.since(progress.since).share_of(self.duration).min(1.0);
        self.initial_share + (1.0 - self.initial_share) * elapsed
    }

    /// Returns the time at which every call is admitted again.
    #[must_use]
    pub fn ends(&self, progress: &RampProgress) -> Instant {
        progress.since.after(self.duration)
    }

    /// Whether the ramp admits the next call. It spreads the admitted calls evenly, without randomness.
    pub fn admits(&self, progress: &mut RampProgress, now: Instant) -> bool {
        progress.credit += self.share(progress, now);
        let admitted = progress.credit >= 1.0;
        if admitted {
            progress.credit -= 1.0;
        }
        admitted
    }
}

impl RampProgress {
    /// Creates a ramp that starts now, and admits its first call.
    #[must_use]
    pub fn starting(since: Instant) -> Self {
        Self { since, credit: 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admits_the_share_evenly_spread() {
        let ramp = Ramp {
            duration: Span::from_millis(1_000.0),
            initial_share: 0.25,
        };
        let start = Instant::from_millis(0.0);
        let mut progress = RampProgress::starting(start);
        let admitted: std::vec::Vec<_> =
            (0..8).map(|_| ramp.admits(&mut progress, start)).collect();
        assert_eq!(
            admitted,
            [true, false, false, true, false, false, false, true]
        );
        let halfway = Instant::from_millis(500.0);
        let admitted = (0..1_000)
            .filter(|_| ramp.admits(&mut progress, halfway))
            .count();
        assert_eq!(admitted, 625);
    }
}
