//! Stats of each policy as an array of numbers.

use crate::Policy;
use crate::forecast::{self, FORECAST_STATS};
use breaker_core::time::{Instant, Span};

/// Names of the stats of a retry budget.
pub const BUDGET_STATS: &[&str] = &["calls", "added", "balance", "granted", "refused"];
/// Names of the stats of a hedge.
pub const HEDGE_STATS: &[&str] = &["samples", "delay", "maxHedges"];

/// Names of the stats of a bulkhead.
pub const BULKHEAD_STATS: &[&str] = &[
    "limit",
    "running",
    "waiting",
    "totalEntered",
    "totalQueued",
    "totalRejected",
    "totalStarted",
    "totalCancelled",
    "totalDisplaced",
];
/// Names of the stats of a rate limiter.
pub const RATE_STATS: &[&str] = &["available", "taken", "refused"];
/// Names of the stats of an adaptive limit. The baseline is in milliseconds, NaN before it is known.
pub const LIMIT_STATS: &[&str] = &["limit", "baseline", "isProbing"];
/// Names of the stats of a load shedder.
pub const SHED_LOAD_STATS: &[&str] = &["requests", "accepts", "rejection", "admitted", "rejected"];

/// All names, by constant.
pub const ROWS: &[(&str, &[&str])] = &[
    ("BUDGET_STATS", BUDGET_STATS),
    ("HEDGE_STATS", HEDGE_STATS),
    ("BULKHEAD_STATS", BULKHEAD_STATS),
    ("RATE_STATS", RATE_STATS),
    ("LIMIT_STATS", LIMIT_STATS),
    ("SHED_LOAD_STATS", SHED_LOAD_STATS),
    ("FORECAST_STATS", FORECAST_STATS),
];

/// Writes the stats in the order of the constants above.
pub fn write(policy: &mut Policy, now: Instant, out: &mut [f64]) {
    match policy {
        Policy::Delays(..) | Policy::Schedule(_) => {}
        Policy::Forecast(forecast) => fill(out, &forecast::row(&forecast.stats(now))),
        Policy::Budget(budget) => {
            let stats = budget.stats(now);
            fill(
                out,
                &[
                    f64::from(stats.calls),
                    f64::from(stats.added),
                    stats.balance as f64,
                    stats.granted as f64,
                    stats.refused as f64,
                ],
            );
        }
        Policy::Hedge(hedge) => fill(
            out,
            &[
                f64::from(hedge.samples()),
                hedge.delay(now).as_millis(),
                f64::from(hedge.max_hedges()),
            ],
        ),
        Policy::Bulkhead(bulkhead) => {
            let totals = bulkhead.totals();
            fill(
                out,
                &[
                    f64::from(bulkhead.limit()),
                    f64::from(bulkhead.running()),
                    f64::from(bulkhead.waiting()),
                    totals.entered as f64,
                    totals.queued as f64,
                    totals.rejected as f64,
                    totals.started as f64,
                    totals.cancelled as f64,
                    totals.displaced as f64,
                ],
            );
        }
        Policy::Rate(bucket) => {
            let stats = bucket.stats(now);
            fill(
                out,
                &[
                    stats.available as f64,
                    stats.taken as f64,
                    stats.refused as f64,
                ],
            );
        }
        Policy::Limit(limit) => {
            let stats = limit.stats();
            let baseline = stats.baseline.map_or(f64::NAN, Span::as_millis);
            fill(
                out,
                &[
                    f64::from(stats.limit),
                    baseline,
                    f64::from(u8::from(stats.is_probing)),
                ],
            );
        }
        Policy::ShedLoad(shed_load, _) => {
            let stats = shed_load.stats(now);
            fill(
                out,
                &[
                    f64::from(stats.requests),
                    f64::from(stats.accepts),
                    stats.rejection,
                    stats.admitted as f64,
                    stats.rejected as f64,
                ],
            );
        }
    }
}

// Not generic, so that it is compiled once for arrays of any length.
#[inline(never)]
fn fill(out: &mut [f64], row: &[f64]) {
    for (slot, value) in out.iter_mut().zip(row) {
        *slot = *value;
    }
}
