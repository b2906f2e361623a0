//! Other breakers, each with a rule that one failure in 16 does not trip.

use crate::timer::Contender;
use failsafe::CircuitBreaker as _;
use failsafe::{backoff, failure_policy};
use std::future::{Future, Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tower::{Layer, Service, service_fn};
use tower_resilience_circuitbreaker::{CircuitBreakerLayer, SlidingWindowType};

const A_LONG_TIME: Duration = Duration::from_secs(3_600);

pub fn contenders() -> Vec<Contender> {
    vec![
        recloser(true),
        recloser(false),
        failsafe_consecutive(true),
        failsafe_consecutive(false),
        failsafe_rate(),
        tower_count(),
        tower_time(),
    ]
}

/// Operation to protect. Returns a number, or fails without a reason.
fn operation(index: u64) -> Result<u64, ()> {
    if black_box(index) & 15 == 0 {
        Err(())
    } else {
        Ok(index)
    }
}

fn recloser(closed: bool) -> Contender {
    let breaker = recloser::Recloser::custom()
        .error_rate(0.5)
        .closed_len(100)
        .open_wait(A_LONG_TIME)
        .build();
    for _ in 0..if closed { 0 } else { 200 } {
        let _ = breaker.call(|| Err::<u64, ()>(()));
    }
    let run = move |count| {
        let mut admitted = 0;
        for index in 0..count {
            let result = black_box(breaker.call(|| operation(index)));
            admitted += u64::from(!matches!(result, Err(recloser::Error::Rejected)));
        }
        admitted
    };
    Contender {
        name: if closed {
            "recloser/count"
        } else {
            "recloser/open"
        },
        run: Box::new(run),
        admits: closed,
    }
}

fn failsafe_consecutive(closed: bool) -> Contender {
    let policy = failure_policy::consecutive_failures(5, backoff::constant(A_LONG_TIME));
    let breaker = failsafe::Config::new().failure_policy(policy).build();
    for _ in 0..if closed { 0 } else { 10 } {
        let _ = breaker.call(|| Err::<u64, ()>(()));
    }
    let name = if closed {
        "failsafe/consecutive"
    } else {
        "failsafe/open"
    };
    Contender {
        name,
        run: Box::new(move |count| failsafe_calls(&breaker, count)),
        admits: closed,
    }
}

fn failsafe_rate() -> Contender {
    let policy = failure_policy::success_rate_over_time_window(
        0.5,
        20,
        Duration::from_secs(10),
        backoff::constant(A_LONG_TIME),
    );
    let breaker = failsafe::Config::new().failure_policy(policy).build();
    Contender {
        name: "failsafe/rate",
        run: Box::new(move |count| failsafe_calls(&breaker, count)),
        admits: true,
    }
}

fn failsafe_calls(breaker: &impl failsafe::CircuitBreaker, count: u64) -> u64 {
    let mut admitted = 0;
    for index in 0..count {
        let result = black_box(breaker.call(|| operation(index)));
        admitted += u64::from(!matches!(result, Err(failsafe::Error::Rejected)));
    }
    admitted
}

fn tower_count() -> Contender {
    let layer = CircuitBreakerLayer::builder()
        .failure_rate_threshold(0.5)
        .sliding_window_size(100)
        .build();
    tower(
        "tower-resilience/count",
        layer.unwrap_or_else(|error| panic!("{error}")),
    )
}

fn tower_time() -> Contender {
    let layer = CircuitBreakerLayer::builder()
        .failure_rate_threshold(0.5)
        .sliding_window_type(SlidingWindowType::TimeBased)
        .sliding_window_duration(Duration::from_millis(10))
        .build();
    tower(
        "tower-resilience/time, 10 ms",
        layer.unwrap_or_else(|error| panic!("{error}")),
    )
}

fn tower<L>(name: &'static str, layer: L) -> Contender
where
    L: Layer<tower::util::ServiceFn<fn(u64) -> Ready<Result<u64, ()>>>>,
    L::Service: Service<u64, Response = u64, Error: std::fmt::Debug> + 'static,
{
    let protected: fn(u64) -> Ready<Result<u64, ()>> = |index| ready(operation(index));
    let mut service = layer.layer(service_fn(protected));
    let run = move |count| {
        let mut context = Context::from_waker(Waker::noop());
        let mut admitted = 0;
        for index in 0..count {
            let ready: Poll<Result<(), _>> = service.poll_ready(&mut context);
            assert!(matches!(ready, Poll::Ready(Ok(()))), "{name}: not ready");
            let Poll::Ready(result) = pin!(service.call(index)).poll(&mut context) else {
                panic!("{name}: not done at once")
            };
            let rejected = black_box(&result).is_err() && index & 15 != 0;
            admitted += u64::from(!rejected);
        }
        admitted
    };
    Contender {
        name,
        run: Box::new(run),
        admits: true,
    }
}
