//! Load shedding: rejects requests that the dependency would refuse.

use breaker_core::ConfigErrors;
use breaker_core::backoff::Random;
use breaker_core::problems::{Check, Range};
use breaker_core::time::{Instant, Span};
use breaker_core::window::{Answer, Sample, TimeWindow};

/// Requests admitted for each accepted one: K in the SRE book.
pub const DEFAULT_MULTIPLIER: f64 = 2.0;
/// Length of the window of requests, in milliseconds.
pub const DEFAULT_WINDOW: f64 = 120_000.0;
/// Largest share of rejected requests.
pub const DEFAULT_MAX_REJECTION: f64 = 0.9;
/// Number of requests in the window from which any is rejected.
pub const DEFAULT_MINIMUM_CALLS: f64 = 20.0;

const MULTIPLIER: &str = "a number from 1 to 100";
const MULTIPLIER_RANGE: Range = Range::any(1.0, 100.0);
const WINDOW: &str = "a number of milliseconds from 1000 to 3600000";
const WINDOW_RANGE: Range = Range::any(1_000.0, 3_600_000.0);
const REJECTION: &str = "a number from 0 to 0.99";
const REJECTION_RANGE: Range = Range::any(0.0, 0.99);
const BUCKETS: u32 = 12;
/// Share of the recent part of the window.
const RECENT_PART: f64 = 1.0 / 12.0;
const RECENT_BUCKETS: u32 = 5;

/// Requests are the failures of the window, accepted ones its successes.
const REQUEST: Sample = Sample {
    answer: Answer::Failure,
    slow: false,
};
const ACCEPT: Sample = Sample {
    answer: Answer::Success,
    slow: false,
};

/// Settings of a load shedder; `None` takes the default. Times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct ShedLoadSettings {
    /// Requests admitted for each accepted one: K in the SRE book.
    pub multiplier: Option<f64>,
    /// Length of the window of requests. It must exceed the duration of the slowest call.
    pub window: Option<f64>,
    /// Largest share of rejected requests, so that the load shedder notices a recovery.
    pub max_rejection: Option<f64>,
    /// Number of requests in the window from which any is rejected.
    pub minimum_calls: Option<f64>,
    /// Seed of the random numbers. The configuration does not contain it: pass it to [`Random::seeded`].
    pub seed: Option<f64>,
}

/// Validated settings of a load shedder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShedLoadConfig {
    multiplier: f64,
    window: Span,
    max_rejection: f64,
    minimum_calls: u32,
}

/// Rejects requests with the probability `(requests − K × accepts) / (requests + 1)`: the client-side throttling of
/// *Site Reliability Engineering* (2016), chapter 21.
///
/// A request counts at its start, not at its end, so that hanging calls count (go-zero issue 5011). A long window
/// remembers an outage for its whole length, so the last twelfth of it is evaluated separately, and the smaller of
/// the two probabilities applies.
#[derive(Clone, Debug)]
pub struct ShedLoad {
    config: ShedLoadConfig,
    window: TimeWindow,
    recent: TimeWindow,
    admitted: u64,
    rejected: u64,
}

/// Stats of a load shedder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShedLoadStats {
    /// Requests in the window, admitted or rejected.
    pub requests: u32,
    /// Accepted requests in the window.
    pub accepts: u32,
    /// Probability that the next request is rejected.
    pub rejection: f64,
    /// Requests that were ever admitted.
    pub admitted: u64,
    /// Requests that were ever rejected.
    pub rejected: u64,
}

impl ShedLoad {
    /// Creates a load shedder before any request.
    #[must_use]
    pub fn new(config: ShedLoadConfig, now: Instant) -> Self {
        let recent = config.window.scaled(RECENT_PART);
        Self {
            config,
            window: TimeWindow::new(config.window, BUCKETS, false, now),
            recent: TimeWindow::new(recent, RECENT_BUCKETS, false, now),
            admitted: 0,
            rejected: 0,
        }
    }

    /// Whether a request may be made. It counts either way.
    pub fn admit(&mut self, now: Instant, random: &mut Random) -> bool {
        let rejection = self.rejection(now);
        self.record(now, REQUEST);
        let admitted = rejection == 0.0 || random.next_unit() >= rejection;
        let total = if admitted {
            &mut self.admitted
        } else {
            &mut self.rejected
        };
        *total = total.saturating_add(1);
        admitted
    }

    /// Records that the dependency accepted a request, whatever its result.
    pub fn accept(&mut self, now: Instant) {
        self.record(now, ACCEPT);
    }

    /// Returns the stats.
    pub fn stats(&mut self, now: Instant) -> ShedLoadStats {
        let rejection = self.rejection(now);
        let counts = self.window.counts();
        ShedLoadStats {
            requests: counts.failures,
            accepts: counts.successes,
            rejection,
            admitted: self.admitted,
            rejected: self.rejected,
        }
    }

    fn record(&mut self, now: Instant, sample: Sample) {
        self.window.record(now, sample);
        self.recent.record(now, sample);
    }

    fn rejection(&mut self, now: Instant) -> f64 {
        self.window.expire(now);
        self.recent.expire(now);
        if self.window.counts().failures < self.config.minimum_calls {
            return 0.0;
        }
        let over_all = self.config.rejection(&self.window);
        over_all.min(self.config.rejection(&self.recent))
    }
}

impl ShedLoadConfig {
    fn rejection(&self, window: &TimeWindow) -> f64 {
        let counts = window.counts();
        let requests = f64::from(counts.failures);
        let accepts = f64::from(counts.successes);
        let excess = (requests - self.multiplier * accepts) / (requests + 1.0);
        excess.clamp(0.0, self.max_rejection)
    }
}

impl TryFrom<&ShedLoadSettings> for ShedLoadConfig {
    type Error = ConfigErrors;

    fn try_from(settings: &ShedLoadSettings) -> Result<Self, ConfigErrors> {
        let mut check = Check::default();
        let multiplier = settings.multiplier.unwrap_or(DEFAULT_MULTIPLIER);
        let window = settings.window.unwrap_or(DEFAULT_WINDOW);
        let rejection = settings.max_rejection.unwrap_or(DEFAULT_MAX_REJECTION);
        let minimum = settings.minimum_calls.unwrap_or(DEFAULT_MINIMUM_CALLS);
        let config = Self {
            multiplier: check.number("multiplier", multiplier, MULTIPLIER_RANGE, MULTIPLIER),
            window: check.time("window", window, WINDOW_RANGE, WINDOW),
            max_rejection: check.number("maxRejection", rejection, REJECTION_RANGE, REJECTION),
            minimum_calls: check.count("minimumCalls", minimum),
        };
        check.seed(settings.seed);
        check.finish(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn at(millis: f64) -> Instant {
        Instant::from_millis(millis)
    }

    fn load_shedder(settings: &ShedLoadSettings) -> ShedLoad {
        ShedLoad::new(ShedLoadConfig::try_from(settings).unwrap(), at(0.0))
    }

    /// Makes requests of which one in `one_in` is accepted as soon as it is admitted.
    fn requests(shed_load: &mut ShedLoad, count: u32, one_in: u32, now: Instant) {
        let mut random = Random::seeded(u64::from(count));
        for request in 0..count {
            if shed_load.admit(now, &mut random) && request.is_multiple_of(one_in) {
                shed_load.accept(now);
            }
        }
    }

    #[test]
    fn the_probability_matches_the_sre_book() {
        let mut shed_load = load_shedder(&ShedLoadSettings::default());
        for _ in 0..100 {
            shed_load.record(at(1.0), REQUEST);
        }
        for _ in 0..30 {
            shed_load.accept(at(1.0));
        }
        assert_eq!(
            shed_load.stats(at(1.0)).rejection,
            (100.0 - 2.0 * 30.0) / 101.0
        );
        for _ in 0..20 {
            shed_load.accept(at(1.0));
        }
        assert_eq!(shed_load.stats(at(1.0)).rejection, 0.0);
    }

    #[test]
    fn rejects_nothing_while_half_is_accepted() {
        let mut shed_load = load_shedder(&ShedLoadSettings::default());
        requests(&mut shed_load, 10_000, 2, at(1.0));
        assert_eq!(shed_load.stats(at(1.0)).rejected, 0);
    }

    #[test]
    fn admits_a_tenth_of_any_load() {
        let mut shed_load = load_shedder(&ShedLoadSettings::default());
        requests(&mut shed_load, 10_000, u32::MAX, at(1.0));
        let stats = shed_load.stats(at(1.0));
        assert_eq!(stats.rejection, 0.9);
        assert!((900..1_200).contains(&stats.admitted), "{}", stats.admitted);
        assert_eq!(stats.admitted + stats.rejected, 10_000);
    }

    #[test]
    fn rejects_nothing_below_the_minimum_of_requests() {
        let mut shed_load = load_shedder(&ShedLoadSettings::default());
        requests(&mut shed_load, 20, u32::MAX, at(1.0));
        let stats = shed_load.stats(at(1.0));
        assert_eq!((stats.admitted, stats.requests), (20, 20));
        assert!(stats.rejection > 0.8);
    }

    #[test]
    fn old_requests_expire() {
        let mut shed_load = load_shedder(&ShedLoadSettings::default());
        requests(&mut shed_load, 1_000, u32::MAX, at(1.0));
        assert_eq!(shed_load.stats(at(9_000.0)).rejection, 0.9);
        let later = shed_load.stats(at(10_001.0));
        assert_eq!((later.requests, later.rejection), (1_000, 0.0));
        assert_eq!(shed_load.stats(at(120_001.0)).requests, 0);
    }

    #[test]
    fn an_earlier_time_is_ignored() {
        let mut shed_load = load_shedder(&ShedLoadSettings::default());
        requests(&mut shed_load, 100, u32::MAX, at(1e6));
        requests(&mut shed_load, 100, u32::MAX, at(f64::NAN));
        assert_eq!(shed_load.stats(at(0.0)).requests, 200);
    }

    #[test]
    fn reports_all_problems_at_once() {
        let settings = ShedLoadSettings {
            multiplier: Some(0.9),
            window: Some(1.0),
            max_rejection: Some(1.0),
            minimum_calls: Some(0.0),
            seed: Some(-1.0),
        };
        assert_eq!(
            ShedLoadConfig::try_from(&settings).unwrap_err().to_string(),
            "multiplier must be a number from 1 to 100; \
             window must be a number of milliseconds from 1000 to 3600000; \
             maxRejection must be a number from 0 to 0.99; \
             minimumCalls must be a whole number from 1 to 1000000; \
             seed must be a whole number from 0 to 9007199254740991"
        );
    }
}
