//! What each policy counts, as a row of numbers.

use crate::Policy;
use breaker_core::time::Instant;

/// What a budget counts.
pub const BUDGET_STATS: &[&str] = &["calls", "added", "balance", "granted", "refused"];
/// What a hedge counts.
pub const HEDGE_STATS: &[&str] = &["samples", "delay", "maxHedges"];

/// What a bulkhead counts.
pub const BULKHEAD_STATS: &[&str] = &[
    "limit",
    "running",
    "waiting",
    "totalEntered",
    "totalQueued",
    "totalRejected",
    "totalStarted",
    "totalCancelled",
];
/// What a rate limiter counts.
pub const RATE_STATS: &[&str] = &["available", "taken", "refused"];

/// All of them, by name.
pub const ROWS: &[(&str, &[&str])] = &[
    ("BUDGET_STATS", BUDGET_STATS),
    ("HEDGE_STATS", HEDGE_STATS),
    ("BULKHEAD_STATS", BULKHEAD_STATS),
    ("RATE_STATS", RATE_STATS),
];

/// Writes what is counted, in the order of the constants above.
pub fn write(policy: &mut Policy, now: Instant, out: &mut [f64]) {
    match policy {
        Policy::Delays(..) => {}
        Policy::Budget(budget) => {
            let stats = budget.stats(now);
            fill(
                out,
                [
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
            [
                f64::from(hedge.samples()),
                hedge.delay(now).as_millis(),
                f64::from(hedge.max_hedges()),
            ],
        ),
        Policy::Bulkhead(bulkhead) => {
            let totals = bulkhead.totals();
            fill(
                out,
                [
                    f64::from(bulkhead.limit()),
                    f64::from(bulkhead.running()),
                    f64::from(bulkhead.waiting()),
                    totals.entered as f64,
                    totals.queued as f64,
                    totals.rejected as f64,
                    totals.started as f64,
                    totals.cancelled as f64,
                ],
            );
        }
        Policy::Rate(bucket) => {
            let stats = bucket.stats(now);
            fill(
                out,
                [
                    stats.available as f64,
                    stats.taken as f64,
                    stats.refused as f64,
                ],
            );
        }
    }
}

fn fill<const N: usize>(out: &mut [f64], row: [f64; N]) {
    for (slot, value) in out.iter_mut().zip(row) {
        *slot = value;
    }
}
