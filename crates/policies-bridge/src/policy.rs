//! A policy, whichever it is.

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
use limits_core::throttle::Throttle;
use thresholds_core::{Forecast, Schedule};

/// What a policy is, as it crosses.
pub const POLICY: &[(&str, u32)] = &[
    ("DELAYS", 0),
    ("BUDGET", 1),
    ("HEDGE", 2),
    ("BULKHEAD", 3),
    ("RATE", 4),
    ("LIMIT", 5),
    ("THROTTLE", 6),
    ("SCHEDULE", 7),
    ("FORECAST", 8),
];

/// One policy.
#[derive(Debug)]
pub enum Policy {
    /// The delays between attempts, and the random numbers of their jitter.
    Delays(Delays, Random),
    /// What additional attempts are paid from.
    Budget(Box<Budget>),
    /// When a copy of a call is started.
    Hedge(Box<Hedge>),
    /// So many at once.
    Bulkhead(Box<Bulkhead>),
    /// So many in so much time.
    Rate(Box<TokenBucket>),
    /// As many at once as serves the dependency best.
    Limit(Box<AdaptiveLimit>),
    /// As many as the dependency takes on, and the random numbers that decide which.
    Throttle(Box<Throttle>, Random),
    /// Which thresholds hold at a time of the week.
    Schedule(Schedule),
    /// When a breaker's own rule would open its circuit.
    Forecast(Box<Forecast>),
}

impl Policy {
    /// Makes a policy of that kind; see [`POLICY`].
    ///
    /// # Errors
    /// Everything that is wrong with the options.
    pub fn new(kind: u32, given: &Value, now: Instant) -> Result<Self, Vec<Problem>> {
        Ok(match kind {
            0 => {
                let (config, random) = options::delays(given)?;
                Self::Delays(Delays::new(config), random)
            }
            1 => Self::Budget(Box::new(Budget::new(options::budget(given)?, now))),
            2 => Self::Hedge(Box::new(Hedge::new(options::hedge(given)?, now))),
            3 => Self::Bulkhead(Box::new(Bulkhead::new(options::bulkhead(given)?))),
            5 => Self::Limit(Box::new(AdaptiveLimit::new(options::limit(given)?, now))),
            6 => {
                let (config, random) = options::throttle(given)?;
                Self::Throttle(Box::new(Throttle::new(config, now)), random)
            }
            7 => Self::Schedule(schedule::parse(given)?),
            8 => Self::Forecast(Box::new(Forecast::new(forecast::parse(given)?, now))),
            _ => Self::Rate(Box::new(TokenBucket::new(options::rate(given)?, now))),
        })
    }
}
