//! Results of the predictions.

use breaker_core::time::{Instant, Span};

/// Counts of true and false predictions. A prediction comes true if the breaker's own rule opens its circuit before
/// its window and the horizon have passed. Otherwise it is false.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Predictions that were made.
    pub predicted: u64,
    /// Predictions that came true.
    pub came_true: u64,
    /// Predictions that were false.
    pub were_false: u64,
    /// Openings without a prediction.
    pub missed: u64,
    /// Time between the true predictions and their openings, in total.
    pub gained: Span,
    patience: Span,
    pending: Option<Instant>,
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
            pending: None,
        }
    }

    pub(super) fn is_standing(&self) -> bool {
        self.pending.is_some()
    }

    pub(super) fn predicted(&mut self, now: Instant) {
        self.predicted = self.predicted.saturating_add(1);
        self.pending = Some(now);
    }

    pub(super) fn opened(&mut self, now: Instant) {
        self.expire(now);
        match self.pending.take() {
            Some(since) => {
                self.came_true = self.came_true.saturating_add(1);
                self.gained = self.gained.plus(now.since(since));
            }
            None => self.missed = self.missed.saturating_add(1),
        }
    }

    /// Counts a prediction that did not come true in time as false.
    pub(super) fn expire(&mut self, now: Instant) {
        if self
            .pending
            .is_some_and(|since| now.since(since) >= self.patience)
        {
            self.were_false = self.were_false.saturating_add(1);
            self.pending = None;
        }
    }

    /// Withdraws the pending prediction, because its result cannot be known.
    pub(super) fn withdraw(&mut self) {
        self.pending = None;
    }
}
