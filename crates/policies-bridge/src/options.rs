//! Readers of the options of each policy, by their JavaScript names. The crates of the policies define the accepted
//! values.

use crate::reader::Reader;
use alloc::vec::Vec;
use attempts_core::budget::{BudgetConfig, BudgetSettings};
use attempts_core::delay::{DelayConfig, DelaySettings, GrowthSettings, Jitter};
use attempts_core::hedge::{HedgeConfig, HedgeSettings};
use breaker_bridge::{Problem, Value};
use breaker_core::backoff::Random;
use limits_core::adaptive::{AdaptiveConfig, AdaptiveSettings, Algorithm};
use limits_core::bulkhead::{BulkheadConfig, BulkheadSettings};
use limits_core::rate::{RateConfig, RateSettings};
use limits_core::shed_load::{ShedLoadConfig, ShedLoadSettings};

type Read<T> = Result<T, Vec<Problem>>;

const TYPES: &str = "'constant', 'linear', 'exponential' or 'decorrelated'";
const ALGORITHMS: &str = "'gradient' or 'vegas'";
const JITTERS: &str = "'none', 'full' or 'equal'";

#[derive(Clone, Copy)]
enum Growing {
    Constant,
    Linear,
    Exponential,
    Decorrelated,
}

pub(crate) fn delays(options: &Value) -> Read<(DelayConfig, Random)> {
    let mut reader = Reader::new(options)?;
    let growing = reader.word(
        "type",
        &[
            ("constant", Growing::Constant),
            ("linear", Growing::Linear),
            ("exponential", Growing::Exponential),
            ("decorrelated", Growing::Decorrelated),
        ],
        TYPES,
    );
    let growth = match growing.unwrap_or(Growing::Exponential) {
        Growing::Constant => GrowthSettings::Constant {
            delay: reader.number("delay"),
        },
        Growing::Linear => GrowthSettings::Linear {
            initial: reader.number("initial"),
            increment: reader.number("increment"),
            max: reader.number("max"),
        },
        Growing::Exponential => GrowthSettings::Exponential {
            initial: reader.number("initial"),
            factor: reader.number("factor"),
            max: reader.number("max"),
            jitter: reader.word(
                "jitter",
                &[
                    ("none", Jitter::None),
                    ("full", Jitter::Full),
                    ("equal", Jitter::Equal),
                ],
                JITTERS,
            ),
        },
        Growing::Decorrelated => GrowthSettings::Decorrelated {
            initial: reader.number("initial"),
            max: reader.number("max"),
        },
    };
    let seed = reader.number("seed");
    let config = DelayConfig::try_from(&DelaySettings { growth, seed });
    let config = reader.finish(config)?;
    Ok((config, Random::seeded(seed.unwrap_or(0.0) as u64)))
}

pub(crate) fn budget(options: &Value) -> Read<BudgetConfig> {
    let mut reader = Reader::new(options)?;
    let settings = BudgetSettings {
        share: reader.number("share"),
        minimum_per_second: reader.number("minimumPerSecond"),
        window: reader.number("window"),
    };
    reader.finish(BudgetConfig::try_from(&settings))
}

pub(crate) fn hedge(options: &Value) -> Read<HedgeConfig> {
    let mut reader = Reader::new(options)?;
    let settings = HedgeSettings {
        delay: reader.number("delay"),
        quantile: reader.number("quantile"),
        minimum_calls: reader.number("minimumCalls"),
        window: reader.number("window"),
        max_hedges: reader.number("maxHedges"),
    };
    reader.finish(HedgeConfig::try_from(&settings))
}

pub(crate) fn bulkhead(options: &Value) -> Read<BulkheadConfig> {
    let mut reader = Reader::new(options)?;
    let settings = BulkheadSettings {
        limit: reader.number("limit"),
        queue_size: reader.number("queueSize"),
    };
    reader.finish(BulkheadConfig::try_from(&settings))
}

pub(crate) fn rate(options: &Value) -> Read<RateConfig> {
    let mut reader = Reader::new(options)?;
    let settings = RateSettings {
        limit: reader.number("limit"),
        per: reader.number("per"),
        burst: reader.number("burst"),
    };
    reader.finish(RateConfig::try_from(&settings))
}

pub(crate) fn limit(options: &Value) -> Read<AdaptiveConfig> {
    let mut reader = Reader::new(options)?;
    let settings = AdaptiveSettings {
        algorithm: reader.word(
            "algorithm",
            &[
                ("gradient", Algorithm::Gradient),
                ("vegas", Algorithm::Vegas),
            ],
            ALGORITHMS,
        ),
        initial: reader.number("initial"),
        min: reader.number("min"),
        max: reader.number("max"),
        window: reader.number("window"),
        minimum_calls: reader.number("minimumCalls"),
    };
    reader.finish(AdaptiveConfig::try_from(&settings))
}

pub(crate) fn shed_load(options: &Value) -> Read<(ShedLoadConfig, Random)> {
    let mut reader = Reader::new(options)?;
    let settings = ShedLoadSettings {
        multiplier: reader.number("multiplier"),
        window: reader.number("window"),
        max_rejection: reader.number("maxRejection"),
        minimum_calls: reader.number("minimumCalls"),
        seed: reader.number("seed"),
    };
    let seed = settings.seed.unwrap_or(0.0) as u64;
    let config = reader.finish(ShedLoadConfig::try_from(&settings))?;
    Ok((config, Random::seeded(seed)))
}
