//! Letting traffic back in by degrees after a recovery.

use crate::time::{Instant, Span};

/// The configured ramp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// How long until every call is admitted again.
    pub duration: Span,
    /// The share of calls admitted at the start.
    pub initial_share: f64,
}

/// A ramp under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RampProgress {
    /// When it began.
    pub since: Instant,
    /// What the calls so far have earned towards the next admission; a whole one buys it.
    credit: f64,
}

impl Ramp {
    /// The share of calls admitted now: it grows evenly from the initial share to all.
    #[must_use]
    pub fn share(&self, progress: &RampProgress, now: Instant) -> f64 {
        let elapsed = now.since(progress.since).share_of(self.duration).min(1.0);
        self.initial_share + (1.0 - self.initial_share) * elapsed
    }

    /// When every call is admitted again.
    #[must_use]
    pub fn ends(&self, progress: &RampProgress) -> Instant {
        progress.since.after(self.duration)
    }

    /// Whether the next call is within the share. Spreads the admitted calls evenly, without randomness.
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
    /// A ramp that begins here, and admits its first call.
    #[must_use]
    pub fn starting(since: Instant) -> Self {
        Self { since, credit: 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_admits_the_share_and_spreads_it_evenly() {
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
