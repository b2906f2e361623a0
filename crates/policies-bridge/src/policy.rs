//! Union of all policies.

use crate::{forecast, options, schedule};
use alloc::boxed::Box;
use alloc::vec::Vec;
use attempts_core::budget::Budget;
use attempts_core::delay::Delays;
use attempts_core::hedge::Hedge;
use breaker_bridge::{Problem, Value};
use breaker_core::backoff::Random;
use breaker_core::time::Instant;
use limits_core::adaptive::AdaptiveLimit;
use limits_core::bulkhead::Bulkhead;
use limits_core::rate::TokenBucket;
use limits_core::shed_load::ShedLoad;
use thresholds_core::{Forecast, Schedule};

/// Codes of the kinds of policies.
pub const POLICY: &[(&str, u32)] = &[
    ("DELAYS", 0),
    ("BUDGET", 1),
    ("HEDGE", 2),
    ("BULKHEAD", 3),
    ("RATE", 4),
    ("LIMIT", 5),
    ("SHED_LOAD", 6),
    ("SCHEDULE", 7),
    ("FORECAST", 8),
];

/// A policy of any kind.
#[derive(Debug)]
pub enum Policy {
    /// Delays between attempts, and the random numbers of their jitter.
    Delays(Delays, Random),
    /// Budget of additional attempts.
    Budget(Box<Budget>),
    /// Delay before a hedge.
    Hedge(Box<Hedge>),
    /// Limit of concurrent calls, with a queue.
    Bulkhead(Box<Bulkhead>),
    /// Limit of calls per interval.
    Rate(Box<TokenBucket>),
    /// Limit of concurrent calls that adapts to the dependency.
    Limit(Box<AdaptiveLimit>),
    /// Load shedding by the accepted share, and the random numbers of its rejections.
    ShedLoad(Box<ShedLoad>, Random),
    /// Schedule of thresholds over the week.
    Schedule(Schedule),
    /// Forecast of the breaker's own rule.
    Forecast(Box<Forecast>),
}

impl Policy {
    /// Creates a policy of this kind (see [`POLICY`]).
    ///
    /// # Errors
    /// Returns all problems of the options.
    pub fn new(kind: u32, options: &Value, now: Instant) -> Result<Self, Vec<Problem>> {
        Ok(match kind {
            0 => {
                let (config, random) = options::delays(options)?;
                Self::Delays(Delays::new(config), random)
            }
            1 => Self::Budget(Box::new(Budget::new(options::budget(options)?, now))),
            2 => Self::Hedge(Box::new(Hedge::new(options::hedge(options)?, now))),
            3 => Self::Bulkhead(Box::new(Bulkhead::new(options::bulkhead(options)?))),
            5 => Self::Limit(Box::new(AdaptiveLimit::new(options::limit(options)?, now))),
            6 => {
                let (config, random) = options::shed_load(options)?;
                Self::ShedLoad(Box::new(ShedLoad::new(config, now)), random)
            }
            7 => Self::Schedule(schedule::parse(options)?),
            8 => Self::Forecast(Box::new(Forecast::new(forecast::parse(options)?, now))),
            _ => Self::Rate(Box::new(TokenBucket::new(options::rate(options)?, now))),
        })
    }
}
