//! A policy, whichever it is.

use crate::options;
use alloc::boxed::Box;
use alloc::vec::Vec;
use attempts_core::budget::Budget;
use attempts_core::delay::Delays;
use attempts_core::hedge::Hedge;
use breaker_bridge::{Problem, Value};
use breaker_core::backoff::Random;
use breaker_core::time::Instant;

/// What a policy is, as it crosses.
pub const POLICY: &[(&str, u32)] = &[("DELAYS", 0), ("BUDGET", 1), ("HEDGE", 2)];

/// One policy.
#[derive(Debug)]
pub enum Policy {
    /// The delays between attempts, and the random numbers of their jitter.
    Delays(Delays, Random),
    /// What additional attempts are paid from.
    Budget(Box<Budget>),
    /// When a copy of a call is started.
    Hedge(Box<Hedge>),
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
            _ => Self::Hedge(Box::new(Hedge::new(options::hedge(given)?, now))),
        })
    }
}
