//! Calls of the last intervals, and the window projected over future ones.

use alloc::boxed::Box;
use alloc::vec;

/// Calls of one interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Calls {
    pub(super) all: f64,
    pub(super) failed: f64,
    pub(super) slow: f64,
}

/// Ring of intervals, and their sum.
#[derive(Clone, Debug)]
pub(super) struct History {
    intervals: Box<[Calls]>,
    oldest: usize,
    sum: Calls,
}

/// Window that advances from the history over future intervals.
#[derive(Debug)]
pub(super) struct FutureWindow<'h> {
    history: &'h History,
    /// Size of a count window.
    size: Option<f64>,
    gone: usize,
    calls: Calls,
}

impl Calls {
    pub(super) fn record(&mut self, failed: bool, slow: bool) {
        self.all += 1.0;
        self.failed += f64::from(u8::from(failed));
        self.slow += f64::from(u8::from(slow));
    }

    pub(super) fn add(&mut self, more: Self) {
        self.all += more.all;
        self.failed += more.failed;
        self.slow += more.slow;
    }

    fn remove(&mut self, gone: Self) {
        self.all -= gone.all;
        self.failed -= gone.failed;
        self.slow -= gone.slow;
    }

    fn scaled(self, factor: f64) -> Self {
        Self {
            all: self.all * factor,
            failed: self.failed * factor,
            slow: self.slow * factor,
        }
    }

    /// Returns a part as a share of all calls.
    pub(super) fn share(&self, part: f64) -> f64 {
        if self.all > 0.0 { part / self.all } else { 0.0 }
    }
}

impl History {
    pub(super) fn new(intervals: u32) -> Self {
        Self {
            intervals: vec![Calls::default(); intervals.max(1) as usize].into_boxed_slice(),
            oldest: 0,
            sum: Calls::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.intervals.len()
    }

    /// Replaces the oldest interval. The counts are integers, so the sum stays exact.
    pub(super) fn push(&mut self, calls: Calls) {
        self.sum.remove(self.nth(0));
        self.sum.add(calls);
        if let Some(slot) = self.intervals.get_mut(self.oldest) {
            *slot = calls;
        }
        let next = self.oldest.saturating_add(1);
        self.oldest = if next < self.intervals.len() { next } else { 0 };
    }

    pub(super) fn clear(&mut self) {
        self.intervals.fill(Calls::default());
        self.sum = Calls::default();
    }

    /// Returns the present window: the whole history, or its last calls.
    pub(super) fn window(&self, size: Option<f64>) -> FutureWindow<'_> {
        let mut window = FutureWindow {
            history: self,
            size,
            gone: 0,
            calls: self.sum,
        };
        window.shrink();
        window
    }

    /// Returns the interval at an index from the oldest; empty beyond the newest.
    fn nth(&self, index: usize) -> Calls {
        let length = self.intervals.len();
        if index >= length {
            return Calls::default();
        }
        let slot = self.oldest.saturating_add(index);
        let slot = slot.checked_sub(length).unwrap_or(slot);
        self.intervals.get(slot).copied().unwrap_or_default()
    }
}

impl FutureWindow<'_> {
    /// Returns the calls in the window. If a count window holds the oldest interval only in part, the excess is
    /// removed in proportion to the window's calls.
    pub(super) fn calls(&self) -> Calls {
        match self.size {
            Some(size) if self.calls.all > size => self.calls.scaled(size / self.calls.all),
            _ => self.calls,
        }
    }

    /// Advances the window by an interval with these calls.
    pub(super) fn advance(&mut self, calls: Calls) {
        self.calls.add(calls);
        if self.size.is_none() {
            self.calls.remove(self.history.nth(self.gone));
            self.gone = self.gone.saturating_add(1);
        } else {
            self.shrink();
        }
    }

    /// Removes the oldest intervals that exceed a count window.
    fn shrink(&mut self) {
        let Some(size) = self.size else { return };
        while self.gone < self.history.len() {
            let oldest = self.history.nth(self.gone);
            if self.calls.all - oldest.all < size {
                return;
            }
            self.calls.remove(oldest);
            self.gone = self.gone.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(all: f64, failed: f64) -> Calls {
        Calls {
            all,
            failed,
            slow: 0.0,
        }
    }

    #[test]
    fn a_time_window_drops_the_oldest_interval() {
        let mut history = History::new(3);
        for failed in [1.0, 2.0, 3.0, 4.0] {
            history.push(calls(10.0, failed));
        }
        let mut window = history.window(None);
        assert_eq!(window.calls(), calls(30.0, 9.0));
        window.advance(calls(10.0, 10.0));
        assert_eq!(window.calls(), calls(30.0, 17.0));
        for _ in 0..5 {
            window.advance(calls(1.0, 0.0));
        }
        assert_eq!(window.calls().failed, 10.0);
    }

    #[test]
    fn a_count_window_holds_the_last_calls() {
        let mut history = History::new(4);
        for failed in [0.0, 0.0, 10.0] {
            history.push(calls(10.0, failed));
        }
        let mut window = history.window(Some(15.0));
        let held = |window: &FutureWindow<'_>| {
            let Calls { all, failed, .. } = window.calls();
            (all.round(), failed.round())
        };
        // The history has twenty calls, of which the window holds three quarters.
        assert_eq!(held(&window), (15.0, 8.0));
        window.advance(calls(10.0, 0.0));
        assert_eq!(held(&window), (15.0, 8.0));
        window.advance(calls(100.0, 50.0));
        assert_eq!(held(&window).0, 15.0);
    }
}
