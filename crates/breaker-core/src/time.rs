//! Points on the caller's clock, and the spans between them.

/// A point on the caller's monotonic clock, in whole microseconds. Where the clock starts does not matter.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Instant(u64);

/// A length of time in whole microseconds.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Span(u64);

pub(crate) const MICROS_PER_MILLI: f64 = 1_000.0;
/// Where the caller's clock shows 0: ten years in, so that what was before it can be written down too.
const CLOCK_START_MICROS: f64 = 10.0 * 365.0 * 86_400.0 * 1_000_000.0;
/// The last instant that a clock shows, 146 000 years in: what is reckoned from it does not run into the end.
const CLOCK_END_MICROS: u64 = 1 << 62;
const TO_NEAREST: f64 = 0.5;

impl Instant {
    /// Later than every instant a clock can show: the mark of "never".
    pub const NEVER: Self = Self(u64::MAX);

    /// Reads a clock that counts milliseconds. What is not a finite number reads as earlier than all
    /// else, which a breaker then treats as standing still.
    #[must_use]
    pub fn from_millis(millis: f64) -> Self {
        if !millis.is_finite() {
            return Self(0);
        }
        let micros = (millis * MICROS_PER_MILLI + (CLOCK_START_MICROS + TO_NEAREST)) as u64;
        Self(micros.min(CLOCK_END_MICROS))
    }

    /// Reads a clock that counts microseconds.
    #[must_use]
    pub fn from_micros(micros: u64) -> Self {
        let micros = micros.saturating_add(CLOCK_START_MICROS as u64);
        Self(micros.min(CLOCK_END_MICROS))
    }

    /// The time from `earlier` to here; nothing if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The instant `span` after this one, held below [`NEVER`](Self::NEVER).
    #[must_use]
    pub fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0).min(u64::MAX - 1))
    }

    /// The instant `span` before this one.
    #[must_use]
    pub fn before(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// 365 days: longer than a circuit is ever left open by itself.
    pub const LONGEST: Self = Self(365 * 86_400 * 1_000_000);

    /// A span of so many microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// A span of so many milliseconds, to the nearest microsecond. What is not a finite number above 0 is no time.
    #[must_use]
    pub fn from_millis(millis: f64) -> Self {
        let micros = millis * MICROS_PER_MILLI + TO_NEAREST;
        Self(if micros.is_finite() { micros as u64 } else { 0 })
    }

    /// Whole microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Milliseconds, with the microseconds as fraction.
    #[must_use]
    pub fn as_millis(self) -> f64 {
        self.0 as f64 / MICROS_PER_MILLI
    }

    /// This span and another, one after the other.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The span `times` over.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }

    /// The span made longer or shorter by a factor.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor) as u64)
    }

    /// This span as a share of a whole; 1 where the whole is no time.
    #[must_use]
    pub fn share_of(self, whole: Self) -> f64 {
        if whole == Self::ZERO {
            1.0
        } else {
            self.0 as f64 / whole.0 as f64
        }
    }

    /// How many whole parts fit into this span; 0 where the part is no time.
    #[must_use]
    pub fn divided_by(self, part: Self) -> u64 {
        self.0.checked_div(part.0).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_time_reads_as_earlier_than_all_else() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(
                Instant::from_millis(odd) < Instant::from_millis(-1e11),
                "{odd}"
            );
        }
    }

    #[test]
    fn microseconds_and_milliseconds_name_the_same_instants() {
        assert_eq!(
            Instant::from_micros(1_234_567),
            Instant::from_millis(1_234.567)
        );
        assert!(Instant::from_micros(u64::MAX) < Instant::NEVER);
    }

    #[test]
    fn the_clock_may_start_below_nought() {
        let before = Instant::from_millis(-250.0);
        assert_eq!(
            Instant::from_millis(0.0).since(before),
            Span::from_millis(250.0)
        );
        assert_eq!(
            before.before(Span::from_millis(50.0)),
            Instant::from_millis(-300.0)
        );
    }

    #[test]
    fn milliseconds_keep_their_microseconds() {
        assert_eq!(Span::from_millis(1.001).as_micros(), 1_001);
        assert_eq!(Span::from_millis(0.29).as_millis(), 0.29);
    }

    #[test]
    fn the_end_of_the_clock_is_before_never() {
        let end = Instant::from_millis(f64::MAX);
        assert!(end < Instant::NEVER);
        assert!(end.after(Span::from_millis(1.0)) < Instant::NEVER);
        assert!(end.after(Span::from_micros(u64::MAX)) < Instant::NEVER);
    }

    #[test]
    fn dividing_by_no_time_gives_nothing() {
        assert_eq!(Span::from_millis(5.0).divided_by(Span::ZERO), 0);
        assert_eq!(Span::from_millis(5.0).divided_by(Span::from_millis(2.0)), 2);
    }
}
