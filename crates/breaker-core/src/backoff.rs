//! Open time of the circuit, and its growth.

use crate::time::Span;

/// Configured open time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OpenTime {
    /// Open time of the first opening.
    pub initial: Span,
    /// Factor by which the open time grows on each failed recovery.
    pub factor: f64,
    /// Largest open time.
    pub max: Span,
    /// Largest share of the open time that is cut off at random, so that a fleet does not come back in step. 1 is the
    /// "full jitter" of the AWS Architecture Blog, *Exponential Backoff and Jitter* (2015).
    pub jitter: f64,
}

/// State of the growth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// Failed recoveries since the last successful one.
    pub failed_recoveries: u32,
    /// The next open time, before jitter.
    pub next: Span,
}

/// Seeded generator of random numbers: SplitMix64, after Steele, Lea and Flood, *Fast Splittable Pseudorandom Number
/// Generators* (2014). Equal seeds give equal sequences.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Random(u64);

const SHORTEST: Span = Span::from_micros(1_000);

impl Backoff {
    /// Creates the state before any failed recovery.
    #[must_use]
    pub fn new(open_time: &OpenTime) -> Self {
        Self {
            failed_recoveries: 0,
            next: open_time.initial,
        }
    }

    /// Continues the growth of another breaker, within the limits configured here.
    #[must_use]
    pub fn resumed(failed_recoveries: u32, next: Span, open_time: &OpenTime) -> Self {
        if failed_recoveries == 0 {
            return Self::new(open_time);
        }
        Self {
            failed_recoveries,
            next: next.max(open_time.initial).min(open_time.max),
        }
    }

    /// Returns the same number of failed recoveries under another configuration.
    #[must_use]
    pub fn under(self, open_time: &OpenTime) -> Self {
        let mut backoff = Self::new(open_time);
        for _ in 0..self.failed_recoveries {
            let before = backoff.next;
            backoff.grow(open_time);
            if backoff.next == before {
                break;
            }
        }
        Self {
            failed_recoveries: self.failed_recoveries,
            ..backoff
        }
    }

    /// Counts a failed recovery: the next open time grows.
    pub fn grow(&mut self, open_time: &OpenTime) {
        self.failed_recoveries = self.failed_recoveries.saturating_add(1);
        self.next = self.next.scaled(open_time.factor).min(open_time.max);
    }

    /// Returns the open time of an opening now: `next × (1 − jitter × random)`, at least a millisecond.
    #[must_use]
    pub fn open_time(&self, open_time: &OpenTime, random: &mut Random) -> Span {
        if open_time.jitter == 0.0 {
            return self.next;
        }
        self.next
            .scaled(1.0 - open_time.jitter * random.next_unit())
            .max(SHORTEST)
    }
}

impl Random {
    /// Creates the generator of this seed.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number, from 0 to just below 1.
    pub fn next_unit(&mut self) -> f64 {
        const BITS_OF_A_FRACTION: u32 = 53;
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed.wrapping_shr(30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed.wrapping_shr(27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed.wrapping_shr(31);
        let numerator = mixed.wrapping_shr(u64::BITS.wrapping_sub(BITS_OF_A_FRACTION)) as f64;
        numerator / 1_u64.wrapping_shl(BITS_OF_A_FRACTION) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOUBLING: OpenTime = OpenTime {
        initial: Span::from_micros(1_000_000),
        factor: 2.0,
        max: Span::from_micros(5_000_000),
        jitter: 0.0,
    };

    #[test]
    fn the_open_time_grows_to_its_limit_and_stays_there() {
        let mut backoff = Backoff::new(&DOUBLING);
        let mut random = Random::seeded(1);
        let mut grown = std::vec::Vec::new();
        for _ in 0..5 {
            grown.push(backoff.open_time(&DOUBLING, &mut random).as_millis());
            backoff.grow(&DOUBLING);
        }
        assert_eq!(grown, [1_000.0, 2_000.0, 4_000.0, 5_000.0, 5_000.0]);
    }

    #[test]
    fn jitter_only_ever_shortens() {
        let full = OpenTime {
            jitter: 1.0,
            ..DOUBLING
        };
        let backoff = Backoff::new(&full);
        let mut random = Random::seeded(7);
        let spans: std::vec::Vec<_> = (0..1_000)
            .map(|_| backoff.open_time(&full, &mut random))
            .collect();
        assert!(
            spans
                .iter()
                .all(|span| *span >= SHORTEST && *span <= full.initial)
        );
        assert!(spans.iter().any(|span| *span < full.initial.scaled(0.1)));
        assert!(spans.iter().any(|span| *span > full.initial.scaled(0.9)));
    }

    /// The first outputs for the seed 0 are published with the reference implementation.
    #[test]
    fn random_numbers_match_the_reference_implementation() {
        let mut random = Random::seeded(0);
        assert_eq!(
            random.next_unit(),
            (0xE220_A839_7B1D_CDAF_u64 >> 11) as f64 / (1_u64 << 53) as f64
        );
        assert_eq!(
            random.next_unit(),
            (0x6E78_9E6A_A1B9_65F4_u64 >> 11) as f64 / (1_u64 << 53) as f64
        );
    }
}
