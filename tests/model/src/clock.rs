//! Time, in whole microseconds.

/// A point in time, or the time between two of them.
pub type Micros = i64;

/// 365 days: a circuit is never left open for longer by itself.
pub const LONGEST_OPEN_TIME: Micros = 365 * 86_400 * 1_000_000;

/// The first instant that a clock can show: ten years before nought. One that shows no number shows this, at birth.
const FIRST: Micros = -10 * 365 * 86_400 * 1_000_000;
/// The last one.
const LAST: Micros = FIRST + (1 << 62);

/// Milliseconds to the nearest microsecond.
#[must_use]
pub fn micros(millis: f64) -> Micros {
    (millis * 1_000.0).round() as Micros
}

/// Microseconds as milliseconds.
#[must_use]
pub fn millis(micros: Micros) -> f64 {
    micros as f64 / 1_000.0
}

/// A time that is stretched or shortened, cut down to whole microseconds.
#[must_use]
pub fn scaled(time: Micros, factor: f64) -> Micros {
    (time as f64 * factor) as Micros
}

/// The clock of whoever owns the breaker. One that goes backwards, or that shows no number, stands still.
///
/// A snapshot may be brought back under another clock. The model's own time goes on: only the distance between the two
/// is another one then.
#[derive(Clone, Debug)]
pub struct Clock {
    now: Micros,
    ahead: Micros,
}

impl Clock {
    /// A clock that shows this now.
    #[must_use]
    pub fn starting(shown: f64) -> Self {
        Self {
            now: instant(shown).unwrap_or(FIRST),
            ahead: 0,
        }
    }

    /// The time as it was last told.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.now
    }

    /// What the owner's clock shows at a time of ours.
    #[must_use]
    pub fn shown_at(&self, time: Micros) -> Micros {
        time + self.ahead
    }

    /// Is told what the clock shows.
    pub fn tell(&mut self, shown: f64) {
        if let Some(told) = instant(shown) {
            self.now = self.now.max(told - self.ahead);
        }
    }

    /// From now on another clock is looked at.
    pub fn replace(&mut self, shown: f64) {
        self.ahead = micros(shown) - self.now;
    }
}

fn instant(shown: f64) -> Option<Micros> {
    shown.is_finite().then(|| micros(shown).clamp(FIRST, LAST))
}
