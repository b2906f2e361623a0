//! How predictions turn out.

use breaker_core::time::{Instant, Span};

/// What became of predictions: each comes true when the breaker's own rule opens its circuit before its window and the
/// horizon have passed, or else is false.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Predictions that were made.
    pub predicted: u64,
    /// Those that came true.
    pub came_true: u64,
    /// Those that did not.
    pub were_false: u64,
    /// Openings that nothing had predicted.
    pub missed: u64,
    /// How long before the openings those that came true were made, in all.
    pub gained: Span,
    patience: Span,
    standing: Option<Instant>,
}

impl Score {
    pub(super) fn new(patience: Span) -> Self {
        Self {
            predicted: 0,
            came_true: 0,
            were_false: 0,
            missed: 0,
            gained: Span::ZERO,
            patience,
            standing: None,
        }
    }

    pub(super) fn is_standing(&self) -> bool {
        self.standing.is_some()
    }

    pub(super) fn predicted(&mut self, now: Instant) {
        self.predicted = self.predicted.saturating_add(1);
        self.standing = Some(now);
    }

    pub(super) fn opened(&mut self, now: Instant) {
        self.expire(now);
        match self.standing.take() {
            Some(since) => {
                self.came_true = self.came_true.saturating_add(1);
                self.gained = self.gained.plus(now.since(since));
            }
            None => self.missed = self.missed.saturating_add(1),
        }
    }

    /// A prediction that did not come true in time was false.
    pub(super) fn expire(&mut self, now: Instant) {
        if self
            .standing
            .is_some_and(|since| now.since(since) >= self.patience)
        {
            self.were_false = self.were_false.saturating_add(1);
            self.standing = None;
        }
    }

    /// Takes the prediction that stands back: nobody will know whether it would have come true.
    pub(super) fn withdraw(&mut self) {
        self.standing = None;
    }
}
