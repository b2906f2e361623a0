//! Histogram of response times in fixed memory.

use crate::time::Span;

const STEP_MICROS: u64 = 125;
const BINS_PER_DOUBLING: u64 = 4;
/// Number of bins.
pub const BINS: usize = 72;
const LAST_BIN: usize = BINS - 1;

/// Counts of response times in bins whose width grows with the time: log-linear, four bins to a doubling, as in
/// Gil Tene's HdrHistogram with two significant bits.
///
/// A quantile is off by at most 12.5 % of its value, or 62.5 µs below half a millisecond; times above 65.5 s share
/// the last bin. When a bin is full, all bins are halved: old calls then weigh less than recent ones.
/// Two histograms are merged by adding them bin by bin.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Histogram {
    bins: [u16; BINS],
}

impl Default for Histogram {
    fn default() -> Self {
        Self { bins: [0; BINS] }
    }
}

impl Histogram {
    /// Records one response time.
    pub fn record(&mut self, time: Span) {
        let Some(bin) = self.bins.get_mut(bin_of(time)) else {
            return;
        };
        match bin.checked_add(1) {
            Some(more) => *bin = more,
            None => {
                self.halve();
                self.record(time);
            }
        }
    }

    /// Returns the time that at least this share of the calls did not exceed; `None` without calls.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Span> {
        quantile(self.bins.iter().map(|bin| u64::from(*bin)), share)
    }

    /// Returns the quantile over the calls of both histograms.
    #[must_use]
    pub fn quantile_with(&self, other: &Self, share: f64) -> Option<Span> {
        let both = self.bins.iter().zip(&other.bins);
        let sums = both.map(|(here, there)| u64::from(*here).saturating_add(u64::from(*there)));
        quantile(sums, share)
    }

    /// Returns the count of each bin.
    #[must_use]
    pub fn bins(&self) -> &[u16] {
        &self.bins
    }

    /// Creates a histogram with these counts; missing bins are empty.
    #[must_use]
    pub fn from_bins(counts: &[u16]) -> Self {
        let mut histogram = Self::default();
        for (bin, count) in histogram.bins.iter_mut().zip(counts) {
            *bin = *count;
        }
        histogram
    }

    fn halve(&mut self) {
        for bin in &mut self.bins {
            *bin /= 2;
        }
    }
}

fn quantile(bins: impl Iterator<Item = u64> + Clone, share: f64) -> Option<Span> {
    let total: u64 = bins.clone().sum();
    if total == 0 {
        return None;
    }
    let wanted = share * total as f64;
    let mut seen: u64 = 0;
    for (index, bin) in bins.enumerate() {
        seen = seen.saturating_add(bin);
        if bin > 0 && seen as f64 >= wanted {
            return Some(middle_of(index as u64));
        }
    }
    None
}

fn bin_of(time: Span) -> usize {
    let steps = time.as_micros() / STEP_MICROS;
    let bin = match steps.checked_ilog2() {
        Some(doublings) if steps >= BINS_PER_DOUBLING => {
            let within = steps.wrapping_shr(doublings.wrapping_sub(2)) % BINS_PER_DOUBLING;
            u64::from(doublings)
                .wrapping_sub(1)
                .wrapping_mul(BINS_PER_DOUBLING)
                .wrapping_add(within)
        }
        Some(_) | None => steps,
    };
    (bin as usize).min(LAST_BIN)
}

/// Returns the middle of a bin, which halves the largest error.
fn middle_of(bin: u64) -> Span {
    let doubling = bin / BINS_PER_DOUBLING;
    let within = bin % BINS_PER_DOUBLING;
    let (start, width) = match doubling.checked_sub(1) {
        None => (within, 1_u64),
        Some(shift) => {
            let width = 1_u64.wrapping_shl(shift as u32);
            (
                BINS_PER_DOUBLING.wrapping_add(within).wrapping_mul(width),
                width,
            )
        }
    };
    let micros = start
        .wrapping_mul(STEP_MICROS)
        .wrapping_add(width.wrapping_mul(STEP_MICROS) / 2);
    Span::from_micros(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_within_its_stated_error() {
        let mut micros = 1;
        while micros < 65_500_000 {
            let mut histogram = Histogram::default();
            histogram.record(Span::from_micros(micros));
            let returned = histogram.quantile(0.5).unwrap().as_micros();
            let error = returned.abs_diff(micros) as f64;
            let bound = if micros < 500 {
                63.0
            } else {
                micros as f64 * 0.125 + 1.0
            };
            assert!(error <= bound, "{micros} µs returned as {returned} µs");
            micros += 1 + micros / 50;
        }
    }

    #[test]
    fn quantiles_are_ascending() {
        let mut histogram = Histogram::default();
        for millis in 1..=1_000 {
            histogram.record(Span::from_millis(f64::from(millis)));
        }
        let quantile = |share| histogram.quantile(share).unwrap().as_millis();
        for (share, exact) in [(0.5, 500.0), (0.9, 900.0), (0.99, 990.0), (1.0, 1_000.0)] {
            assert!(
                (quantile(share) - exact).abs() <= exact * 0.125,
                "{share}: {}",
                quantile(share)
            );
        }
    }

    #[test]
    fn a_quantile_over_two_histograms_covers_all_their_calls() {
        let (mut fast, mut slow) = (Histogram::default(), Histogram::default());
        for _ in 0..60_000 {
            fast.record(Span::from_millis(1.0));
            slow.record(Span::from_millis(1.0));
        }
        for _ in 0..7_000 {
            slow.record(Span::from_millis(1_000.0));
        }
        assert_eq!(fast.quantile_with(&slow, 0.94), fast.quantile(0.5));
        assert_eq!(fast.quantile_with(&slow, 0.95), slow.quantile(1.0));
    }

    #[test]
    fn a_full_bin_halves_all_bins() {
        let mut histogram = Histogram::default();
        for _ in 0..65_535 {
            histogram.record(Span::from_millis(1.0));
        }
        for _ in 0..100 {
            histogram.record(Span::from_millis(1_000.0));
        }
        histogram.record(Span::from_millis(1.0));
        assert_eq!(
            histogram.bins().iter().copied().map(u32::from).sum::<u32>(),
            32_768 + 50
        );
    }

    #[test]
    fn long_times_share_the_last_bin() {
        let mut histogram = Histogram::default();
        histogram.record(Span::from_millis(1e9));
        assert_eq!(histogram.bins().last(), Some(&1));
    }

    #[test]
    fn a_share_of_0_is_below_the_shortest_time() {
        let mut histogram = Histogram::default();
        histogram.record(Span::from_millis(1_000.0));
        assert_eq!(histogram.quantile(0.0), histogram.quantile(1.0));
    }

    #[test]
    fn an_empty_histogram_has_no_quantile() {
        assert_eq!(Histogram::default().quantile(0.5), None);
    }
}
