//! Generator of programs: small options with many equal numbers, so that edge cases coincide, and operations in any
//! order.

use breaker_model::case::{Act, Thresholds, WrittenOutcome};
use breaker_model::options::{
    HalfOpen, InFlight, Recovery, WrittenNumber, WrittenOpenTime, WrittenWindow,
};
use breaker_model::program::Operation;
use breaker_model::{Options, Program};
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::select;

const MOST_OPERATIONS: usize = 70;
const LARGEST_SEED: u64 = (1 << 53) - 1;

const CLOCKS: &[f64] = &[0.0, 0.0, 7.0, -5_000.0, 1_763_716_647_123.0];
const SPANS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 10.001, 30.0, 100.0];
const RATES: &[f64] = &[1.0, 0.5, 0.75, 0.25, 0.3, 0.1];
const STEPS: &[f64] = &[1.0, 0.001, 2.0, 5.0, 9.999, 10.0, 30.0, 100.0];
const GAPS: &[f64] = &[1_000.0, 60_000.0, 1e9];
const AROUND: &[f64] = &[0.0, -0.001, 0.001];
const DURATIONS: &[f64] = &[0.0, 0.4, 0.999, 1.0, 4.999, 5.0, 10.0, 123.456, 70_000.0];
const OPEN_FOR: &[f64] = &[1.0, 0.001, 7.0, 40.0, 1e12];

pub(crate) fn programs() -> impl Strategy<Value = Program> {
    (
        select(CLOCKS),
        options(),
        vec(operation(), 1..=MOST_OPERATIONS),
    )
        .prop_map(|(at, options, operations)| Program {
            at,
            options,
            operations,
        })
}

fn options() -> impl Strategy<Value = Options> {
    let rules = (
        of(1..=4_u64),
        of(1..=4_u64),
        of(select(RATES)),
        of((select(RATES), select(&[1.0, 5.0, 10.0][..]))),
        of(1..=5_u64),
    );
    let recovery = (
        of(1..=3_u64),
        weighted(0.3, half_open()),
        of(1..=4_u64),
        of(timeout()),
        weighted(0.3, ramp()),
    );
    let others = (
        window(),
        weighted(0.9, open_time()),
        of(0..=LARGEST_SEED),
        any::<bool>(),
        weighted(0.4, in_flight()),
    );
    (rules, recovery, others).prop_map(|(rules, recovery, others)| {
        let (failures, in_a_row, failure_rate, slow, minimum) = rules;
        let (successes, half_open, at_once, timeout, recovery) = recovery;
        let (window, reset_timeout, seed, timed, in_flight) = others;
        let most = match window {
            Some(WrittenWindow::Count { size: Some(size) }) => size,
            _ => u64::MAX,
        };
        let without_rule = failures.is_none() && in_a_row.is_none();
        let rate_is_looked_at = without_rule || failure_rate.is_some() || slow.is_some();
        Options {
            failure_threshold: failures.map(|failures| failures.min(most)),
            consecutive_failure_threshold: in_a_row,
            failure_rate_threshold: failure_rate,
            slow_call_rate_threshold: slow.map(|(rate, _)| rate),
            slow_call_duration: slow.map(|(_, duration)| duration),
            minimum_calls: minimum
                .filter(|_| rate_is_looked_at)
                .map(|minimum| minimum.min(most)),
            window,
            monitoring_window: None,
            reset_timeout,
            success_threshold: successes.filter(|_| half_open.is_none()),
            half_open,
            max_concurrent_requests: at_once,
            timeout,
            recovery,
            in_flight: in_flight.filter(|watched| {
                watched
                    .limit
                    .is_none_or(|limit| slow.is_some() || is_a_limit(limit))
            }),
            response_times: (!timed && slow.is_none()).then_some(false),
            seed,
        }
    })
}

fn window() -> impl Strategy<Value = Option<WrittenWindow>> {
    let time = (of(select(SPANS)), of(select(&[1, 2, 3, 5, 10][..])))
        .prop_map(|(duration, buckets)| WrittenWindow::Time { duration, buckets });
    let count = of(select(&[1, 2, 3, 5, 6, 33][..])).prop_map(|size| WrittenWindow::Count { size });
    prop_oneof![1 => Just(None), 6 => time.prop_map(Some), 3 => count.prop_map(Some)]
}

fn open_time() -> impl Strategy<Value = WrittenOpenTime> {
    let growing = (
        select(SPANS),
        of(select(&[1.0, 1.5, 2.0, 3.7, 100.0][..])),
        of(select(&[1.0, 1.7, 4.0][..])),
        of(select(&[0.0, 0.5, 1.0][..])),
    )
        .prop_map(
            |(initial, factor, growth, jitter)| WrittenOpenTime::Growing {
                initial: Some(initial),
                factor,
                max: growth.map(|growth| initial * growth),
                jitter,
            },
        );
    prop_oneof![select(SPANS).prop_map(WrittenOpenTime::Fixed), growing]
}

fn half_open() -> impl Strategy<Value = HalfOpen> {
    (1..=5_u64, select(RATES)).prop_map(|(calls, failure_rate_threshold)| HalfOpen {
        calls,
        failure_rate_threshold,
    })
}

fn timeout() -> impl Strategy<Value = WrittenNumber> {
    prop_oneof![
        2 => Just(WrittenNumber::Off(false)),
        1 => Just(WrittenNumber::Value(0.0)),
        3 => select(SPANS).prop_map(WrittenNumber::Value),
    ]
}

fn ramp() -> impl Strategy<Value = Recovery> {
    let shares = of(select(&[0.25, 0.1, 0.5, 1.0, 0.3][..]));
    (select(SPANS), shares).prop_map(|(ramp, initial_share)| Recovery {
        ramp,
        initial_share,
    })
}

fn in_flight() -> impl Strategy<Value = InFlight> {
    let limit = prop_oneof![
        1 => Just(None),
        1 => Just(Some(WrittenNumber::Off(false))),
        1 => Just(Some(WrittenNumber::Value(0.0))),
        5 => (1..=4_u8).prop_map(|limit| Some(WrittenNumber::Value(f64::from(limit)))),
    ];
    limit.prop_map(|limit| InFlight { limit })
}

fn is_a_limit(limit: WrittenNumber) -> bool {
    matches!(limit, WrittenNumber::Value(value) if value > 0.0)
}

fn operation() -> impl Strategy<Value = Operation> {
    (wait(), act()).prop_map(|(wait, operation)| Operation {
        wait: wait.wait,
        due: wait.due,
        blank: wait.blank,
        ..operation
    })
}

fn wait() -> impl Strategy<Value = Operation> {
    let waited = |wait| Operation {
        wait,
        ..Operation::default()
    };
    let due = (0..4_usize, select(AROUND)).prop_map(|(due, wait)| Operation {
        wait,
        due: Some(due),
        ..Operation::default()
    });
    prop_oneof![
        40 => Just(waited(0.0)),
        25 => select(STEPS).prop_map(waited),
        25 => due,
        3 => select(GAPS).prop_map(waited),
        3 => Just(waited(-5.0)),
        1 => Just(Operation { blank: true, ..Operation::default() }),
    ]
}

fn act() -> impl Strategy<Value = Operation> {
    let plain = |act| Operation {
        act,
        ..Operation::default()
    };
    let others = [
        Act::Poll,
        Act::Look,
        Act::Look,
        Act::ReleaseOverride,
        Act::ReleaseOverride,
        Act::ForceOpen,
        Act::ForceClosed,
        Act::Shadow,
        Act::Reset,
        Act::OpenEarly,
        Act::Open,
    ];
    let call = (
        settled(),
        weighted(0.3, 2..=6_u32),
        weighted(0.3, select(STEPS)),
    )
        .prop_map(|(settled, times, every)| Operation {
            act: Act::Call,
            every: every.filter(|_| times.is_some()),
            times,
            ..settled
        });
    let settle = (settled(), 0..8_usize, proptest::bool::weighted(0.15)).prop_map(
        |(settled, which, again)| Operation {
            act: Act::Settle,
            which,
            again,
            ..settled
        },
    );
    let retune = thresholds().prop_map(|thresholds| Operation {
        act: Act::Retune,
        thresholds: Some(thresholds),
        ..Operation::default()
    });
    let release = (0..4_usize).prop_map(|which| Operation {
        act: Act::Release,
        which,
        ..Operation::default()
    });
    let restore = of(select(CLOCKS)).prop_map(|restore_at| Operation {
        act: Act::Restore,
        restore_at,
        ..Operation::default()
    });
    prop_oneof![
        35 => call,
        25 => Just(plain(Act::Admit)),
        25 => settle,
        14 => select(others.to_vec()).prop_map(plain),
        3 => release,
        1 => restore,
        2 => retune,
    ]
}

/// Thresholds of a `retune`. Some are invalid.
fn thresholds() -> impl Strategy<Value = Thresholds> {
    let count = || weighted(0.5, select(&[1.0, 2.0, 3.0, 7.0, 0.0][..]));
    let rate = || weighted(0.3, select(RATES));
    (
        count(),
        weighted(0.3, select(&[1.0, 2.0, 4.0][..])),
        rate(),
        weighted(0.1, select(RATES)),
        weighted(0.2, select(&[1.0, 3.0][..])),
    )
        .prop_map(
            |(
                failure_threshold,
                consecutive_failure_threshold,
                failure_rate_threshold,
                slow_call_rate_threshold,
                minimum_calls,
            )| Thresholds {
                failure_threshold,
                consecutive_failure_threshold,
                failure_rate_threshold,
                slow_call_rate_threshold,
                minimum_calls,
            },
        )
}

fn settled() -> impl Strategy<Value = Operation> {
    let outcomes = prop_oneof![
        8 => Just(None),
        10 => Just(Some(WrittenOutcome::Failure)),
        2 => Just(Some(WrittenOutcome::Timeout)),
        2 => Just(Some(WrittenOutcome::Ignored)),
        2 => Just(Some(WrittenOutcome::Withdrawn)),
        3 => Just(Some(WrittenOutcome::Aborted)),
        3 => Just(Some(WrittenOutcome::Deadline)),
    ];
    let open_for = weighted(0.04, select(OPEN_FOR));
    (outcomes, of(select(DURATIONS)), open_for).prop_map(|(outcome, duration, open_for)| {
        Operation {
            outcome: outcome.filter(|_| open_for.is_none()),
            duration,
            open_for,
            ..Operation::default()
        }
    })
}
