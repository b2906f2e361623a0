//! Time, in whole microseconds.

/// A point in time or a duration, in microseconds.
pub type Micros = i64;

/// Longest open time that a rule can set: 365 days.
pub const LONGEST_OPEN_TIME: Micros = 365 * 86_400 * 1_000_000;

/// Earliest time that a clock can show: ten years before 0. A clock that shows no number at construction starts here.
const FIRST: Micros = -10 * 365 * 86_400 * 1_000_000;
/// Latest time that a clock can show.
const LAST: Micros = FIRST + (1 << 62);

/// Converts milliseconds to the nearest microsecond.
#[must_use]
pub fn micros(millis: f64) -> Micros {
    (millis * 1_000.0).round() as Micros
}

/// Converts microseconds to milliseconds.
#[must_use]
pub fn millis(micros: Micros) -> f64 {
    micros as f64 / 1_000.0
}

/// Multiplies a duration by a factor, rounded down to whole microseconds.
#[must_use]
pub fn scaled(time: Micros, factor: f64) -> Micros {
    (time as f64 * factor) as Micros
}

/// Clock of the breaker's owner. It never goes backwards: an earlier time, or no number, leaves it unchanged.
///
/// A snapshot may be restored under another clock. The model's own time continues; only the offset between the two
/// changes.
#[derive(Clone, Debug)]
pub struct Clock {
    now: Micros,
    ahead: Micros,
}

impl Clock {
    /// Creates a clock that shows this time.
    #[must_use]
    pub fn starting(shown: f64) -> Self {
        Self {
            now: instant(shown).unwrap_or(FIRST),
            ahead: 0,
        }
    }

    /// Returns the latest observed time.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.now
    }

    /// Returns the time that the owner's clock shows at a time of the model.
    #[must_use]
    pub fn shown_at(&self, time: Micros) -> Micros {
        time + self.ahead
    }

    /// Records the time that the owner's clock shows.
    pub fn observe(&mut self, shown: f64) {
        if let Some(transition) = instant(shown) {
            self.now = self.now.max(transition - self.ahead);
        }
    }

    /// Switches to another clock, which shows this time now.
    pub fn replace(&mut self, shown: f64) {
        self.ahead = micros(shown) - self.now;
    }
}

fn instant(shown: f64) -> Option<Micros> {
    shown.is_finite().then(|| micros(shown).clamp(FIRST, LAST))
}
