//! Synthetic traces, from fixed seeds.

use crate::breakers;
use crate::scenario::{Bounds, Call, Scenario};
use breaker_core::backoff::Random;

const SEEDS: u64 = 20;
const SECOND: f64 = 1_000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;
/// Healthy time at the start of a trace.
const HEALTHY: f64 = 5.0 * MINUTE;

/// Condition of a dependency at one time.
#[derive(Clone, Copy)]
struct Condition {
    /// Calls per second.
    pace: f64,
    /// Share of failing calls.
    failing: f64,
    /// Response time of an ordinary call, in milliseconds.
    takes: f64,
}

const HEALTHY_CONDITION: Condition = Condition {
    pace: 10.0,
    failing: 0.01,
    takes: 100.0,
};

pub fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario {
            name: "failures grow over 3 minutes",
            breaker: breakers::by_rate(),
            traces: traces(HEALTHY + 4.0 * MINUTE, |at, _| failures_grow(at)),
            bounds: Bounds::of(20, 0, 10_000.0),
        },
        Scenario {
            name: "failures grow over 3 minutes",
            breaker: breakers::by_calls(),
            traces: traces(HEALTHY + 4.0 * MINUTE, |at, _| failures_grow(at)),
            bounds: Bounds::of(11, 0, 4_000.0),
        },
        Scenario {
            name: "failures grow over 3 minutes",
            breaker: breakers::by_count(),
            traces: traces(HEALTHY + 4.0 * MINUTE, |at, _| failures_grow(at)),
            bounds: Bounds::of(20, 0, 8_500.0),
        },
        Scenario {
            name: "sudden outage",
            breaker: breakers::by_rate(),
            traces: traces(HEALTHY + 2.0 * MINUTE, |at, _| Condition {
                failing: if at < HEALTHY {
                    HEALTHY_CONDITION.failing
                } else {
                    1.0
                },
                ..HEALTHY_CONDITION
            }),
            bounds: Bounds::of(20, 0, 15_000.0),
        },
        Scenario {
            name: "response times creep up over 5 minutes",
            breaker: breakers::by_rate(),
            traces: traces(HEALTHY + 7.0 * MINUTE, |at, _| Condition {
                takes: 100.0 + 1_900.0 * progress(at, 5.0 * MINUTE),
                ..HEALTHY_CONDITION
            }),
            bounds: Bounds::of(20, 0, 27_000.0),
        },
        Scenario {
            name: "a week of days and nights, all well",
            breaker: breakers::by_rate(),
            traces: vec![trace(1, 7.0 * DAY, |at, _| week(at))],
            bounds: Bounds::quiet(0),
        },
        Scenario {
            name: "noise with bursts, 4 hours",
            breaker: breakers::by_rate(),
            traces: traces(4.0 * HOUR, bursts),
            bounds: Bounds::quiet(0),
        },
        Scenario {
            name: "noise with bursts, 4 hours",
            breaker: breakers::by_calls(),
            traces: traces(4.0 * HOUR, bursts),
            bounds: Bounds::quiet(26),
        },
        Scenario {
            name: "flapping every 20 s, the circuit stays closed",
            breaker: breakers::by_rate(),
            traces: traces(30.0 * MINUTE, |at, _| Condition {
                failing: if at > HEALTHY && at % (20.0 * SECOND) < 8.0 * SECOND {
                    0.8
                } else {
                    0.01
                },
                ..HEALTHY_CONDITION
            }),
            bounds: Bounds::quiet(0),
        },
        Scenario {
            name: "a third fails, and it passes",
            breaker: breakers::by_rate(),
            traces: traces(HEALTHY + 10.0 * MINUTE, |at, _| Condition {
                failing: HEALTHY_CONDITION.failing + 0.35 * hill(at, 4.0 * MINUTE),
                ..HEALTHY_CONDITION
            }),
            bounds: Bounds::quiet(0),
        },
        Scenario {
            name: "nearly half fails, and it passes",
            breaker: breakers::by_rate(),
            traces: traces(HEALTHY + 10.0 * MINUTE, |at, _| Condition {
                failing: HEALTHY_CONDITION.failing
                    + (0.46 * 2.0 * hill(at, 8.0 * MINUTE)).min(0.46),
                ..HEALTHY_CONDITION
            }),
            bounds: Bounds::of(10, 11, 22_000.0),
        },
    ]
}

fn failures_grow(at: f64) -> Condition {
    Condition {
        failing: HEALTHY_CONDITION.failing
            + (1.0 - HEALTHY_CONDITION.failing) * progress(at, 3.0 * MINUTE),
        ..HEALTHY_CONDITION
    }
}

/// Most calls fail for a few seconds, about once a minute.
fn bursts(at: f64, random: &mut Bursts) -> Condition {
    Condition {
        failing: if random.is_bursting(at) { 0.8 } else { 0.02 },
        ..HEALTHY_CONDITION
    }
}

/// Busy by day, quiet at night and at the weekend. Busy hours are slower, and have more failures.
fn week(at: f64) -> Condition {
    let day = (at / DAY) as u32 % 7;
    let hour = at % DAY / HOUR;
    let busy = if (8.0..18.0).contains(&hour) && day < 5 {
        1.0 - ((hour - 13.0) / 5.0).powi(2)
    } else {
        0.0
    };
    Condition {
        pace: 0.3 + 2.7 * busy,
        failing: 0.01 + 0.04 * busy,
        takes: 100.0 + 400.0 * busy,
    }
}

/// Returns the progress from 0 to 1 after the healthy time.
fn progress(at: f64, over: f64) -> f64 {
    ((at - HEALTHY) / over).clamp(0.0, 1.0)
}

/// Returns a hill from 0 to 1 and back after the healthy time.
fn hill(at: f64, over: f64) -> f64 {
    let up = progress(at, over / 2.0);
    up - progress(at - over / 2.0, over / 2.0)
}

/// Time of the next burst.
struct Bursts {
    random: Random,
    from: f64,
    to: f64,
}

impl Bursts {
    fn new(seed: u64) -> Self {
        Self {
            random: Random::seeded(seed),
            from: 0.0,
            to: 0.0,
        }
    }

    fn is_bursting(&mut self, at: f64) -> bool {
        if at >= self.to {
            self.from = at + 2.0 * MINUTE * self.random.next_unit();
            self.to = self.from + SECOND * (1.0 + 4.0 * self.random.next_unit());
        }
        at >= self.from
    }
}

fn traces(length: f64, condition: fn(f64, &mut Bursts) -> Condition) -> Vec<Vec<Call>> {
    (1..=SEEDS)
        .map(|seed| trace(seed, length, condition))
        .collect()
}

/// Generates calls at random intervals. A twentieth of them takes up to four times as long.
fn trace(seed: u64, length: f64, condition: fn(f64, &mut Bursts) -> Condition) -> Vec<Call> {
    let mut random = Random::seeded(seed);
    let mut bursts = Bursts::new(!seed);
    let mut calls = Vec::new();
    let mut start = 0.0;
    while start < length {
        let Condition {
            pace,
            failing,
            takes,
        } = condition(start, &mut bursts);
        let tail = if random.next_unit() < 0.05 {
            1.0 + 3.0 * random.next_unit()
        } else {
            1.0
        };
        calls.push(Call {
            start,
            duration: takes * (0.7 + 0.6 * random.next_unit()) * tail,
            failed: random.next_unit() < failing,
        });
        start += SECOND / pace * 2.0 * random.next_unit();
    }
    calls
}
