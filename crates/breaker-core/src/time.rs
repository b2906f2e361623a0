//! Instants on the caller's clock, and durations.

/// A point on the caller's monotonic clock, in whole microseconds. The start of the clock does not matter.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Instant(u64);

/// A duration in whole microseconds.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Span(u64);

pub(crate) const MICROS_PER_MILLI: f64 = 1_000.0;
/// Internal value of time 0 on the caller's clock: ten years, so that earlier times are representable.
const CLOCK_START_MICROS: f64 = 10.0 * 365.0 * 86_400.0 * 1_000_000.0;
/// Latest instant on a clock, after 146 000 years, with room for durations beyond it.
const CLOCK_END_MICROS: u64 = 1 << 62;
const TO_NEAREST: f64 = 0.5;

impl Instant {
    /// The mark of "never": later than every instant on a clock.
    pub const NEVER: Self = Self(u64::MAX);

    /// Converts milliseconds on the caller's clock. NaN and infinity become the earliest instant, which a breaker
    /// ignores.
    #[must_use]
    pub fn from_millis(millis: f64) -> Self {
        if !millis.is_finite() {
            return Self(0);
        }
        let micros = (millis * MICROS_PER_MILLI + (CLOCK_START_MICROS + TO_NEAREST)) as u64;
        Self(micros.min(CLOCK_END_MICROS))
    }

    /// Converts microseconds on the caller's clock.
    #[must_use]
    pub fn from_micros(micros: u64) -> Self {
        let micros = micros.saturating_add(CLOCK_START_MICROS as u64);
        Self(micros.min(CLOCK_END_MICROS))
    }

    /// Returns the time since `earlier`; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// Returns the instant `span` after this one, below [`NEVER`](Self::NEVER).
    #[must_use]
    pub fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0).min(u64::MAX - 1))
    }

    /// Returns the instant `span` before this one.
    #[must_use]
    pub fn before(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Span {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// Longest open time that a rule can set: 365 days.
    pub const LONGEST: Self = Self(365 * 86_400 * 1_000_000);

    /// Creates a span of microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Creates a span of milliseconds, rounded to microseconds. NaN, infinity and negative numbers become zero.
    #[must_use]
    pub fn from_millis(millis: f64) -> Self {
        let micros = millis * MICROS_PER_MILLI + TO_NEAREST;
        Self(if micros.is_finite() { micros as u64 } else { 0 })
    }

    /// Returns whole microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Returns milliseconds, with the microseconds as fraction.
    #[must_use]
    pub fn as_millis(self) -> f64 {
        self.0 as f64 / MICROS_PER_MILLI
    }

    /// Returns the sum of two spans.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Returns a multiple of the span.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }

    /// Returns the span multiplied by a factor.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor) as u64)
    }

    /// Returns the span as a share of `whole`; 1 if `whole` is zero.
    #[must_use]
    pub fn share_of(self, whole: Self) -> f64 {
        if whole == Self::ZERO {
            1.0
        } else {
            self.0 as f64 / whole.0 as f64
        }
    }

    /// Returns how many whole `part`s fit into the span; 0 if `part` is zero.
    #[must_use]
    pub fn divided_by(self, part: Self) -> u64 {
        self.0.checked_div(part.0).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_time_is_the_earliest() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(
                Instant::from_millis(odd) < Instant::from_millis(-1e11),
                "{odd}"
            );
        }
    }

    #[test]
    fn microseconds_and_milliseconds_give_the_same_instants() {
        assert_eq!(
            Instant::from_micros(1_234_567),
            Instant::from_millis(1_234.567)
        );
        assert!(Instant::from_micros(u64::MAX) < Instant::NEVER);
    }

    #[test]
    fn times_before_0_are_valid() {
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
    fn the_latest_instant_is_before_never() {
        let end = Instant::from_millis(f64::MAX);
        assert!(end < Instant::NEVER);
        assert!(end.after(Span::from_millis(1.0)) < Instant::NEVER);
        assert!(end.after(Span::from_micros(u64::MAX)) < Instant::NEVER);
    }

    #[test]
    fn division_by_zero_gives_zero() {
        assert_eq!(Span::from_millis(5.0).divided_by(Span::ZERO), 0);
        assert_eq!(Span::from_millis(5.0).divided_by(Span::from_millis(2.0)), 2);
    }
}
