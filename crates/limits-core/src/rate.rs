//! So many calls in so much time.

use breaker_core::ConfigErrors;
use breaker_core::problems::{Check, MAX_COUNT, Range};
use breaker_core::time::{Instant, Span};

/// The time that a limit is for, in milliseconds.
pub const DEFAULT_INTERVAL: f64 = 1_000.0;

const LIMIT: &str = "given: how many calls an interval";
const INTERVAL: &str = "a number of milliseconds from 1 to 86400000";
const MAX_INTERVAL: f64 = 86_400_000.0;

/// A rate as given; `None` takes the default. Times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct RateSettings {
    /// How many tokens come in an interval. It must be given.
    pub limit: Option<f64>,
    /// How long an interval is.
    pub interval: Option<f64>,
    /// How many tokens can be saved up; as many as `limit` where it is not given.
    pub burst: Option<f64>,
}

/// A rate that has been proven sound.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RateConfig {
    limit: u32,
    interval: Span,
    burst: u32,
}

/// A token bucket: it holds up to `burst` tokens, `limit` come in an interval, evenly, and a call takes some.
///
/// It is exact for ever. The level is a whole number, in units of which `interval` (in microseconds) make a token and
/// `limit` come each microsecond, so nothing is ever rounded.
#[derive(Clone, Debug)]
pub struct TokenBucket {
    config: RateConfig,
    level: u64,
    filled: Instant,
    taken: u64,
    refused: u64,
}

/// There are not enough tokens. None was taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refused {
    /// How long until there will be enough, if nobody else takes any; `None` where the bucket can never hold so many.
    pub wait: Option<Span>,
}

/// What a bucket has counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RateStats {
    /// Whole tokens that are there.
    pub available: u64,
    /// Tokens that were ever taken.
    pub taken: u64,
    /// How often there were not enough.
    pub refused: u64,
}

impl TokenBucket {
    /// A full bucket.
    #[must_use]
    pub fn new(config: RateConfig, now: Instant) -> Self {
        Self {
            config,
            level: config.capacity(),
            filled: now,
            taken: 0,
            refused: 0,
        }
    }

    /// Takes so many tokens, or none.
    ///
    /// # Errors
    /// How long to wait, where there are not enough.
    pub fn take(&mut self, tokens: u32, now: Instant) -> Result<(), Refused> {
        self.fill(now);
        let wanted = self.config.cost(tokens);
        match self.level.checked_sub(wanted) {
            Some(left) => {
                self.level = left;
                self.taken = self.taken.saturating_add(u64::from(tokens));
                Ok(())
            }
            None => {
                self.refused = self.refused.saturating_add(1);
                Err(self.refusal(wanted))
            }
        }
    }

    /// How long until so many more tokens have come, if each is taken as it comes: what a call waits for that needs the last of
    /// them. More may be asked for than the bucket holds.
    pub fn wait(&mut self, tokens: u32, now: Instant) -> Span {
        self.fill(now);
        self.until(self.config.cost(tokens))
    }

    /// What is counted now.
    pub fn stats(&mut self, now: Instant) -> RateStats {
        self.fill(now);
        let token = self.config.cost(1);
        RateStats {
            available: self.level.checked_div(token).unwrap_or(0),
            taken: self.taken,
            refused: self.refused,
        }
    }

    fn fill(&mut self, now: Instant) {
        let elapsed = now.since(self.filled).as_micros();
        let come = elapsed.saturating_mul(u64::from(self.config.limit));
        self.level = self.level.saturating_add(come).min(self.config.capacity());
        self.filled = self.filled.max(now);
    }

    fn refusal(&self, wanted: u64) -> Refused {
        let fits = wanted <= self.config.capacity();
        Refused {
            wait: fits.then(|| self.until(wanted)),
        }
    }

    fn until(&self, wanted: u64) -> Span {
        let missing = wanted.saturating_sub(self.level);
        Span::from_micros(missing.div_ceil(u64::from(self.config.limit)))
    }
}

impl RateConfig {
    fn cost(&self, tokens: u32) -> u64 {
        u64::from(tokens).saturating_mul(self.interval.as_micros())
    }

    fn capacity(&self) -> u64 {
        self.cost(self.burst)
    }
}

impl TryFrom<&RateSettings> for RateConfig {
    type Error = ConfigErrors;

    fn try_from(settings: &RateSettings) -> Result<Self, ConfigErrors> {
        let mut check = Check::default();
        let limit = check.required("limit", settings.limit, LIMIT);
        let limit = limit.map_or(1, |limit| check.count("limit", limit));
        let interval = check.time(
            "interval",
            settings.interval.unwrap_or(DEFAULT_INTERVAL),
            Range::any(1.0, MAX_INTERVAL),
            INTERVAL,
        );
        let config = Self {
            limit,
            interval,
            burst: settings
                .burst
                .map_or(limit, |burst| check.count("burst", burst)),
        };
        check.finish(config)
    }
}

const _: () = assert!(
    MAX_COUNT * MAX_INTERVAL * 1_000.0 < u64::MAX as f64 / 2.0,
    "a full bucket can be written down"
);

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn at(millis: f64) -> Instant {
        Instant::from_millis(millis)
    }

    fn bucket(limit: f64, interval: f64, burst: Option<f64>) -> TokenBucket {
        let settings = RateSettings {
            limit: Some(limit),
            interval: Some(interval),
            burst,
        };
        TokenBucket::new(RateConfig::try_from(&settings).unwrap(), at(0.0))
    }

    fn wait(millis: f64) -> Result<(), Refused> {
        Err(Refused {
            wait: Some(Span::from_millis(millis)),
        })
    }

    #[test]
    fn a_burst_is_let_through_and_the_rest_comes_evenly() {
        let mut bucket = bucket(10.0, 1_000.0, Some(3.0));
        for _ in 0..3 {
            assert_eq!(bucket.take(1, at(0.0)), Ok(()));
        }
        assert_eq!(bucket.take(1, at(0.0)), wait(100.0));
        assert_eq!(bucket.take(1, at(60.0)), wait(40.0));
        assert_eq!(bucket.take(1, at(100.0)), Ok(()));
        assert_eq!(bucket.take(2, at(100.0)), wait(200.0));
    }

    #[test]
    fn waiting_for_as_long_as_told_is_enough() {
        let mut bucket = bucket(7.0, 1_000.0, None);
        assert_eq!(bucket.take(7, at(0.0)), Ok(()));
        let Err(Refused { wait: Some(span) }) = bucket.take(1, at(0.0)) else {
            panic!()
        };
        assert_eq!(span.as_micros(), 142_858);
        let almost = Span::from_micros(span.as_micros() - 1);
        assert!(bucket.take(1, at(0.0).after(almost)).is_err());
        assert_eq!(bucket.take(1, at(0.0).after(span)), Ok(()));
    }

    #[test]
    fn more_than_it_can_hold_is_never_there() {
        let mut bucket = bucket(10.0, 1_000.0, None);
        assert_eq!(bucket.take(11, at(0.0)), Err(Refused { wait: None }));
        assert_eq!(bucket.take(u32::MAX, at(1e9)), Err(Refused { wait: None }));
        assert_eq!(bucket.take(10, at(1e9)), Ok(()));
    }

    #[test]
    fn who_stands_behind_others_waits_for_them_too() {
        let mut bucket = bucket(10.0, 1_000.0, Some(2.0));
        assert_eq!(bucket.wait(2, at(0.0)), Span::ZERO);
        assert_eq!(bucket.wait(5, at(0.0)), Span::from_millis(300.0));
        assert_eq!(bucket.take(2, at(0.0)), Ok(()));
        assert_eq!(bucket.wait(1, at(0.0)), Span::from_millis(100.0));
        assert_eq!(bucket.wait(7, at(50.0)), Span::from_millis(650.0));
        assert_eq!(bucket.wait(0, at(50.0)), Span::ZERO);
        assert_eq!(bucket.stats(at(50.0)).refused, 0);
        let longest = bucket.wait(u32::MAX, at(50.0));
        assert!(longest > Span::from_millis(4e11), "{longest:?}");
    }

    #[test]
    fn a_long_idle_time_fills_it_once() {
        let mut bucket = bucket(1_000_000.0, 1.0, None);
        assert_eq!(bucket.take(1_000_000, at(0.0)), Ok(()));
        assert_eq!(bucket.stats(at(f64::MAX)).available, 1_000_000);
        assert_eq!(bucket.take(1_000_000, at(f64::MAX)), Ok(()));
        assert!(bucket.take(1, at(f64::MAX)).is_err());
    }

    #[test]
    fn a_clock_that_goes_back_stands_still() {
        let mut bucket = bucket(1.0, 1_000.0, None);
        assert_eq!(bucket.take(1, at(5_000.0)), Ok(()));
        assert_eq!(bucket.take(1, at(0.0)), wait(1_000.0));
        assert_eq!(bucket.take(1, at(f64::NAN)), wait(1_000.0));
        assert_eq!(bucket.take(1, at(5_999.0)), wait(1.0));
        assert_eq!(bucket.take(1, at(6_000.0)), Ok(()));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let settings = RateSettings {
            limit: None,
            interval: Some(0.0),
            burst: Some(0.5),
        };
        assert_eq!(
            RateConfig::try_from(&settings).unwrap_err().to_string(),
            "limit must be given: how many calls an interval; \
             interval must be a number of milliseconds from 1 to 86400000; \
             burst must be a whole number from 1 to 1000000"
        );
    }
}
