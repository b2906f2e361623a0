//! Count window: the last calls, four bits each.

use super::{Answer, Counts, Sample, WindowSnapshot};
use alloc::boxed::Box;
use alloc::vec;

const BITS_PER_CALL: u32 = 4;
const CALLS_PER_WORD: u32 = u64::BITS / BITS_PER_CALL;
const FAILED: u64 = 0b01;
const SLOW: u64 = 0b10;
const MISSING: u64 = 0b100;
const ALL: u64 = 0b1111;

/// Ring of the last `size` calls. A call leaves when `size` later ones have been recorded.
#[derive(Clone, Debug)]
pub struct CountWindow {
    size: u32,
    ring: Box<[u64]>,
    next: u32,
    held: u32,
    counts: Counts,
}

impl CountWindow {
    /// Creates an empty window.
    #[must_use]
    pub fn new(size: u32) -> Self {
        let size = size.max(1);
        let words = size.div_ceil(CALLS_PER_WORD) as usize;
        Self {
            size,
            ring: vec![0; words].into_boxed_slice(),
            next: 0,
            held: 0,
            counts: Counts::default(),
        }
    }

    #[inline]
    pub(super) fn record(&mut self, sample: Sample) {
        if self.held == self.size {
            let mut oldest = Counts::default();
            oldest.add(self.get(self.next));
            self.counts.remove(oldest);
        } else {
            self.held = self.held.saturating_add(1);
        }
        self.set(self.next, sample);
        self.counts.add(sample);
        self.next = self.following(self.next);
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) fn clear(&mut self) {
        self.next = 0;
        self.held = 0;
        self.counts = Counts::default();
    }

    pub(super) fn snapshot(&self) -> WindowSnapshot {
        let oldest = if self.held == self.size { self.next } else { 0 };
        let calls = core::iter::successors(Some(oldest), |&index| Some(self.following(index)))
            .take(self.held as usize)
            .map(|index| self.get(index))
            .collect();
        WindowSnapshot::Count {
            size: self.size,
            calls,
        }
    }

    pub(super) fn restore(&mut self, size: u32, calls: &[Sample]) {
        if size != self.size {
            return;
        }
        self.clear();
        for &call in calls {
            self.record(call);
        }
    }

    fn following(&self, index: u32) -> u32 {
        let next = index.saturating_add(1);
        if next < self.size { next } else { 0 }
    }

    fn get(&self, index: u32) -> Sample {
        let (word, shift) = Self::place(index);
        let bits = self
            .ring
            .get(word)
            .copied()
            .unwrap_or(0)
            .wrapping_shr(shift);
        let answer = match bits & (FAILED | MISSING) {
            0 => Answer::Success,
            FAILED => Answer::Failure,
            _ => Answer::Missing,
        };
        Sample {
            answer,
            slow: bits & SLOW != 0,
        }
    }

    fn set(&mut self, index: u32, sample: Sample) {
        let (word, shift) = Self::place(index);
        let answer = match sample.answer {
            Answer::Success => 0,
            Answer::Failure => FAILED,
            Answer::Missing => MISSING,
        };
        let bits = answer | if sample.slow { SLOW } else { 0 };
        if let Some(word) = self.ring.get_mut(word) {
            *word = *word & !ALL.wrapping_shl(shift) | bits.wrapping_shl(shift);
        }
    }

    fn place(index: u32) -> (usize, u32) {
        (
            (index / CALLS_PER_WORD) as usize,
            (index % CALLS_PER_WORD).wrapping_mul(BITS_PER_CALL),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUCCESS: Sample = Sample {
        answer: Answer::Success,
        slow: false,
    };
    const SLOW_FAILURE: Sample = Sample {
        answer: Answer::Failure,
        slow: true,
    };

    #[test]
    fn the_oldest_call_makes_room_for_the_newest() {
        for size in [1, 2, 31, 32, 33, 100] {
            let mut window = CountWindow::new(size);
            for _ in 0..size {
                window.record(SLOW_FAILURE);
            }
            assert_eq!(
                window.counts(),
                Counts {
                    successes: 0,
                    failures: size,
                    slow: size,
                    ..Counts::default()
                }
            );
            for gone in 1..=size {
                window.record(SUCCESS);
                assert_eq!(
                    window.counts(),
                    Counts {
                        successes: gone,
                        failures: size - gone,
                        slow: size - gone,
                        ..Counts::default()
                    }
                );
            }
        }
    }

    #[test]
    fn a_restored_window_continues_like_the_original() {
        let mut window = CountWindow::new(3);
        for sample in [SUCCESS, SLOW_FAILURE, SUCCESS, SLOW_FAILURE] {
            window.record(sample);
        }
        let WindowSnapshot::Count { size, calls } = window.snapshot() else {
            panic!()
        };
        assert_eq!(calls, [SLOW_FAILURE, SUCCESS, SLOW_FAILURE]);
        let mut restored = CountWindow::new(3);
        restored.restore(size, &calls);
        restored.record(SUCCESS);
        assert_eq!(
            restored.counts(),
            Counts {
                successes: 2,
                failures: 1,
                slow: 1,
                ..Counts::default()
            }
        );
    }
}
