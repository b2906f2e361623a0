//! Rate limit: a number of calls per interval.

use breaker_core::ConfigErrors;
use breaker_core::problems::{Check, MAX_COUNT, Range};
use breaker_core::time::{Instant, Span};

/// Default length of an interval, in milliseconds.
pub const DEFAULT_INTERVAL: f64 = 1_000.0;

const LIMIT: &str = "set: the number of calls per interval";
const INTERVAL: &str = "a number of milliseconds from 1 to 86400000";
const MAX_INTERVAL: f64 = 86_400_000.0;

/// Settings of a rate limit; `None` takes the default. Times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct RateSettings {
    /// Tokens per interval. Required.
    pub limit: Option<f64>,
    /// Length of an interval.
    pub per: Option<f64>,
    /// Capacity of the bucket; `limit` by default.
    pub burst: Option<f64>,
}

/// Validated settings of a rate limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RateConfig {
    limit: u32,
    interval: Span,
    burst: u32,
}

/// Token bucket: it holds up to `burst` tokens, `limit` arrive evenly in each interval, and a call takes some.
///
/// The level never drifts. It is an integer in units of which `interval` (in microseconds) make a token and `limit`
/// arrive each microsecond, so nothing is ever rounded.
#[derive(Clone, Debug)]
pub struct TokenBucket {
    config: RateConfig,
    level: u64,
    filled: Instant,
    taken: u64,
    refused: u64,
}

/// Rejection: too few tokens. None was taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refused {
    /// Time until there are enough, if no other call takes any; `None` if the bucket can never hold so many.
    pub wait: Option<Span>,
}

/// Stats of a bucket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RateStats {
    /// Whole tokens available.
    pub available: u64,
    /// Tokens that were ever taken.
    pub taken: u64,
    /// Number of rejections.
    pub refused: u64,
}

impl TokenBucket {
    /// Creates a full bucket.
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

    /// Takes this many tokens, or none.
    ///
    /// # Errors
    /// The bucket holds too few; the error has the time to wait.
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
                Err(self.rejection(wanted))
            }
        }
    }

    /// Returns the time until this many more tokens have arrived, if each is taken as it arrives. The number may
    /// exceed the capacity.
    pub fn wait(&mut self, tokens: u32, now: Instant) -> Span {
        self.fill(now);
        self.until(self.config.cost(tokens))
    }

    /// Returns the stats.
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

    fn rejection(&self, wanted: u64) -> Refused {
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
            "per",
            settings.per.unwrap_or(DEFAULT_INTERVAL),
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

    fn bucket(limit: f64, per: f64, burst: Option<f64>) -> TokenBucket {
        let settings = RateSettings {
            limit: Some(limit),
            per: Some(per),
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
    fn admits_a_burst_then_an_even_rate() {
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
    fn the_returned_wait_is_sufficient() {
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
    fn rejects_more_than_the_capacity_for_ever() {
        let mut bucket = bucket(10.0, 1_000.0, None);
        assert_eq!(bucket.take(11, at(0.0)), Err(Refused { wait: None }));
        assert_eq!(bucket.take(u32::MAX, at(1e9)), Err(Refused { wait: None }));
        assert_eq!(bucket.take(10, at(1e9)), Ok(()));
    }

    #[test]
    fn a_queued_call_waits_for_the_tokens_of_all_before_it() {
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
    fn a_long_idle_time_fills_the_bucket_once() {
        let mut bucket = bucket(1_000_000.0, 1.0, None);
        assert_eq!(bucket.take(1_000_000, at(0.0)), Ok(()));
        assert_eq!(bucket.stats(at(f64::MAX)).available, 1_000_000);
        assert_eq!(bucket.take(1_000_000, at(f64::MAX)), Ok(()));
        assert!(bucket.take(1, at(f64::MAX)).is_err());
    }

    #[test]
    fn an_earlier_time_is_ignored() {
        let mut bucket = bucket(1.0, 1_000.0, None);
        assert_eq!(bucket.take(1, at(5_000.0)), Ok(()));
        assert_eq!(bucket.take(1, at(0.0)), wait(1_000.0));
        assert_eq!(bucket.take(1, at(f64::NAN)), wait(1_000.0));
        assert_eq!(bucket.take(1, at(5_999.0)), wait(1.0));
        assert_eq!(bucket.take(1, at(6_000.0)), Ok(()));
    }

    #[test]
    fn reports_all_problems_at_once() {
        let settings = RateSettings {
            limit: None,
            per: Some(0.0),
            burst: Some(0.5),
        };
        assert_eq!(
            RateConfig::try_from(&settings).unwrap_err().to_string(),
            "limit must be set: the number of calls per interval; \
             per must be a number of milliseconds from 1 to 86400000; \
             burst must be a whole number from 1 to 1000000"
        );
    }
}
