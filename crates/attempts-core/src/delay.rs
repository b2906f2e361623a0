//! Delays before the next attempt.

use breaker_core::ConfigErrors;
use breaker_core::backoff::Random;
use breaker_core::config::Problem;
use breaker_core::problems::{Check, MAX_TIMEOUT, Range};
use breaker_core::time::Span;

/// First delay, in milliseconds.
pub const DEFAULT_DELAY: f64 = 200.0;
/// Largest delay, in milliseconds.
pub const DEFAULT_MAX: f64 = 30_000.0;
/// Growth factor of an exponential delay.
pub const DEFAULT_FACTOR: f64 = 2.0;

const MAX_FACTOR: f64 = 100.0;
const FACTOR: &str = "a number from 1 to 100";
const DELAY: &str = "a number of milliseconds from 0 to 2147483647";
const GROWING: &str = "a number of milliseconds from 1 to 2147483647";
const MAX: &str = "at least initial";

/// Growth of the delays; `None` takes the default. Times are in milliseconds.
#[derive(Clone, Debug)]
pub enum GrowthSettings {
    /// The same delay every time.
    Constant {
        /// The delay.
        delay: Option<f64>,
    },
    /// Growth by a constant amount.
    Linear {
        /// First delay.
        initial: Option<f64>,
        /// Amount of the growth; `initial` by default.
        increment: Option<f64>,
        /// Largest delay.
        max: Option<f64>,
    },
    /// Growth by a constant factor.
    Exponential {
        /// First delay, before jitter.
        initial: Option<f64>,
        /// Growth factor.
        factor: Option<f64>,
        /// Largest delay.
        max: Option<f64>,
        /// Random part of the delay.
        jitter: Option<Jitter>,
    },
    /// Random delay between the first one and three times the previous one.
    Decorrelated {
        /// Smallest delay.
        initial: Option<f64>,
        /// Largest delay.
        max: Option<f64>,
    },
}

/// Settings of the delays.
#[derive(Clone, Debug, Default)]
pub struct DelaySettings {
    /// Growth of the delays.
    pub growth: GrowthSettings,
    /// Seed of the random numbers. The configuration does not contain it: pass it to [`Random::seeded`].
    pub seed: Option<f64>,
}

/// Random part of a delay, so that callers do not retry in step. The names are those of the AWS Architecture Blog,
/// *Exponential Backoff and Jitter* (2015).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Jitter {
    /// No random part.
    None,
    /// The whole delay: `random(0, delay)`.
    #[default]
    Full,
    /// The second half: `delay / 2 + random(0, delay / 2)`.
    Equal,
}

/// Validated settings of the delays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DelayConfig {
    growth: Growth,
    initial: Span,
    max: Span,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Growth {
    Linear { increment: Span },
    Exponential { factor: f64, jitter: Jitter },
    Decorrelated,
}

/// Delays of one policy. They have no state, so calls can share them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delays {
    config: DelayConfig,
}

impl Default for GrowthSettings {
    fn default() -> Self {
        Self::Exponential {
            initial: None,
            factor: None,
            max: None,
            jitter: None,
        }
    }
}

impl Delays {
    /// Creates the delays.
    #[must_use]
    pub fn new(config: DelayConfig) -> Self {
        Self { config }
    }

    /// Returns the delay after the failed attempt number `attempt`, counted from 1. `previous` is the delay before
    /// it.
    ///
    /// Exponential delays are `min(max, initial × factor^(attempt − 1))` with the jitter of [`Jitter`], decorrelated
    /// ones `min(max, random(initial, previous × 3))`, both after the AWS Architecture Blog, *Exponential Backoff and
    /// Jitter* (2015).
    #[must_use]
    pub fn next(&self, attempt: u32, previous: Span, random: &mut Random) -> Span {
        let DelayConfig {
            growth,
            initial,
            max,
        } = self.config;
        let growths = attempt.saturating_sub(1);
        match growth {
            Growth::Linear { increment } => {
                initial.plus(increment.times(u64::from(growths))).min(max)
            }
            Growth::Exponential { factor, jitter } => {
                let grown = initial.scaled(power(factor, growths)).min(max);
                jitter.applied_to(grown, random)
            }
            Growth::Decorrelated => {
                let longest = previous.max(initial).times(3);
                let spread =
                    Span::from_micros(longest.as_micros().saturating_sub(initial.as_micros()));
                initial.plus(spread.scaled(random.next_unit())).min(max)
            }
        }
    }
}

impl Jitter {
    fn applied_to(self, delay: Span, random: &mut Random) -> Span {
        match self {
            Self::None => delay,
            Self::Full => delay.scaled(random.next_unit()),
            Self::Equal => delay.scaled(0.5 + 0.5 * random.next_unit()),
        }
    }
}

/// Returns an integer power, by squaring. An overflow is infinite; the largest delay then applies.
fn power(mut base: f64, mut exponent: u32) -> f64 {
    let mut power = 1.0;
    while exponent > 0 {
        if exponent % 2 == 1 {
            power *= base;
        }
        base *= base;
        exponent /= 2;
    }
    power
}

impl TryFrom<&DelaySettings> for DelayConfig {
    type Error = ConfigErrors;

    fn try_from(settings: &DelaySettings) -> Result<Self, ConfigErrors> {
        let mut check = Check::default();
        let config = match settings.growth {
            GrowthSettings::Constant { delay } => {
                let delay = wait(&mut check, "delay", delay.unwrap_or(DEFAULT_DELAY));
                Self {
                    growth: Growth::Linear {
                        increment: Span::ZERO,
                    },
                    initial: delay,
                    max: delay,
                }
            }
            GrowthSettings::Linear {
                initial,
                increment,
                max,
            } => {
                let increment = increment.or(initial).unwrap_or(DEFAULT_DELAY);
                let increment = wait(&mut check, "increment", increment);
                Self::growing(&mut check, Growth::Linear { increment }, initial, max)
            }
            GrowthSettings::Exponential {
                initial,
                factor,
                max,
                jitter,
            } => {
                let factor = check.number(
                    "factor",
                    factor.unwrap_or(DEFAULT_FACTOR),
                    Range::any(1.0, MAX_FACTOR),
                    FACTOR,
                );
                let jitter = jitter.unwrap_or_default();
                let growth = Growth::Exponential { factor, jitter };
                Self::growing(&mut check, growth, initial, max)
            }
            GrowthSettings::Decorrelated { initial, max } => {
                Self::growing(&mut check, Growth::Decorrelated, initial, max)
            }
        };
        check.seed(settings.seed);
        check.finish(config)
    }
}

impl DelayConfig {
    fn growing(check: &mut Check, growth: Growth, initial: Option<f64>, max: Option<f64>) -> Self {
        let initial = initial.unwrap_or(DEFAULT_DELAY);
        if max.is_some_and(|max| max < initial) {
            check.report("max", Problem::Range, MAX);
        }
        let growing = Range::any(1.0, MAX_TIMEOUT);
        let max = max.unwrap_or(DEFAULT_MAX.max(initial));
        Self {
            growth,
            initial: check.time("initial", initial, growing, GROWING),
            max: check.time("max", max, growing, GROWING),
        }
    }
}

fn wait(check: &mut Check, option: &'static str, value: f64) -> Span {
    check.time(option, value, Range::any(0.0, MAX_TIMEOUT), DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn settings(growth: GrowthSettings) -> DelaySettings {
        DelaySettings { growth, seed: None }
    }

    fn delays(growth: GrowthSettings) -> Delays {
        Delays::new(DelayConfig::try_from(&settings(growth)).unwrap())
    }

    fn exponential(jitter: Jitter) -> Delays {
        delays(GrowthSettings::Exponential {
            initial: Some(100.0),
            factor: None,
            max: Some(1_000.0),
            jitter: Some(jitter),
        })
    }

    fn row(delays: &Delays, attempts: u32) -> Vec<f64> {
        let mut random = Random::seeded(1);
        (1..=attempts)
            .map(|attempt| delays.next(attempt, Span::ZERO, &mut random).as_millis())
            .collect()
    }

    fn errors(growth: GrowthSettings) -> String {
        DelayConfig::try_from(&settings(growth))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_constant_delay_never_grows_and_may_be_0() {
        let constant = |delay| delays(GrowthSettings::Constant { delay });
        assert_eq!(row(&constant(None), 3), [200.0, 200.0, 200.0]);
        assert_eq!(row(&constant(Some(0.0)), 2), [0.0, 0.0]);
    }

    #[test]
    fn a_linear_delay_grows_to_its_limit() {
        let linear = |increment| {
            delays(GrowthSettings::Linear {
                initial: Some(100.0),
                increment,
                max: Some(330.0),
            })
        };
        assert_eq!(row(&linear(None), 5), [100.0, 200.0, 300.0, 330.0, 330.0]);
        assert_eq!(row(&linear(Some(50.0)), 3), [100.0, 150.0, 200.0]);
    }

    #[test]
    fn an_exponential_delay_doubles_to_its_limit() {
        let without_jitter = exponential(Jitter::None);
        assert_eq!(
            row(&without_jitter, 5),
            [100.0, 200.0, 400.0, 800.0, 1_000.0]
        );
        let mut random = Random::seeded(1);
        for attempt in [64, 2_000, u32::MAX] {
            let delay = without_jitter.next(attempt, Span::ZERO, &mut random);
            assert_eq!(delay.as_millis(), 1_000.0, "attempt {attempt}");
        }
    }

    #[test]
    fn attempt_0_counts_as_the_first() {
        assert_eq!(
            exponential(Jitter::None)
                .next(0, Span::ZERO, &mut Random::seeded(1))
                .as_millis(),
            100.0
        );
    }

    /// The mean of `random(0, d)` is d / 2, that of the half with a random half is 3 d / 4.
    #[test]
    fn jitter_has_the_documented_mean() {
        for (jitter, least, mean) in [(Jitter::Full, 0.0, 500.0), (Jitter::Equal, 500.0, 750.0)] {
            let jittered = exponential(jitter);
            let mut random = Random::seeded(7);
            let row: Vec<f64> = (0..10_000)
                .map(|_| jittered.next(9, Span::ZERO, &mut random).as_millis())
                .collect();
            let (low, high) = row.iter().fold((f64::MAX, 0.0_f64), |(low, high), delay| {
                (low.min(*delay), high.max(*delay))
            });
            assert!(low >= least && low < least + 5.0, "{jitter:?}: {low}");
            assert!(high < 1_000.0 && high > 995.0, "{jitter:?}: {high}");
            let observed = row.iter().sum::<f64>() / 10_000.0;
            assert!((observed - mean).abs() < 10.0, "{jitter:?}: {observed}");
        }
    }

    #[test]
    fn decorrelated_delays_depend_on_the_previous_one() {
        let decorrelated = delays(GrowthSettings::Decorrelated {
            initial: Some(100.0),
            max: Some(2_000.0),
        });
        let mut random = Random::seeded(3);
        let mut previous = Span::ZERO;
        let mut reached_the_limit = false;
        for attempt in 1..1_000 {
            let next = decorrelated.next(attempt, previous, &mut random);
            let longest = (previous.as_millis().max(100.0) * 3.0).min(2_000.0);
            assert!(next.as_millis() >= 100.0 && next.as_millis() <= longest);
            reached_the_limit |= next.as_millis() == 2_000.0;
            previous = next;
        }
        assert!(reached_the_limit);
    }

    #[test]
    fn reports_all_problems_at_once() {
        let settings = DelaySettings {
            growth: GrowthSettings::Exponential {
                initial: Some(f64::NAN),
                factor: Some(0.5),
                max: Some(-1.0),
                jitter: None,
            },
            seed: Some(0.5),
        };
        assert_eq!(
            DelayConfig::try_from(&settings).unwrap_err().to_string(),
            "factor must be a number from 1 to 100; \
             initial must be a number of milliseconds from 1 to 2147483647; \
             max must be a number of milliseconds from 1 to 2147483647; \
             seed must be a whole number from 0 to 9007199254740991"
        );
    }

    #[test]
    fn rejects_a_limit_below_the_first_delay_and_raises_the_default_limit() {
        let linear = |initial, max| GrowthSettings::Linear {
            initial: Some(initial),
            increment: Some(0.0),
            max,
        };
        assert_eq!(
            errors(linear(200.0, Some(199.0))),
            "max must be at least initial"
        );
        assert_eq!(
            row(&delays(linear(60_000.0, None)), 2),
            [60_000.0, 60_000.0]
        );
    }
}
