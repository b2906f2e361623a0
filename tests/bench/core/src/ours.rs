//! `breaker-core`, on a clock that advances by a microsecond from call to call.

use crate::timer::Contender;
use breaker_core::settings::WindowSettings;
use breaker_core::{Admission, Breaker, Config, Instant, Outcome, Settings, Span};
use std::hint::black_box;
use std::sync::Arc;

pub fn contenders() -> Vec<Contender> {
    vec![
        closed("breaker-core/time", by_rate(TIME), None),
        closed("breaker-core/count", by_rate(COUNT), None),
        closed(
            "breaker-core/time, response times",
            by_rate(TIME),
            Some(Span::from_micros(1_250)),
        ),
        reading_the_clock(),
        open(),
    ]
}

const TIME: WindowSettings = WindowSettings::Time {
    duration: Some(10_000.0),
    buckets: Some(10.0),
};
const COUNT: WindowSettings = WindowSettings::Count { size: Some(100.0) };

fn by_rate(window: WindowSettings) -> Settings {
    Settings {
        failure_rate_threshold: Some(0.5),
        window,
        ..Settings::default()
    }
}

fn closed(name: &'static str, settings: Settings, duration: Option<Span>) -> Contender {
    let mut breaker = breaker(&settings);
    let mut micros = 0;
    let run = move |count| {
        let mut admitted = 0;
        for index in 0..count {
            micros += 1;
            let now = at(black_box(micros));
            admitted += u64::from(call(&mut breaker, index, duration, now));
        }
        admitted
    };
    Contender {
        name,
        run: Box::new(run),
        admits: true,
    }
}

/// One clock read per call, as the others do it.
fn reading_the_clock() -> Contender {
    let mut breaker = breaker(&by_rate(TIME));
    let start = std::time::Instant::now();
    let run = move |count| {
        let mut admitted = 0;
        for index in 0..count {
            let now = at(start.elapsed().as_micros() as u64);
            admitted += u64::from(call(&mut breaker, index, None, now));
        }
        admitted
    };
    Contender {
        name: "breaker-core/time, reading the clock",
        run: Box::new(run),
        admits: true,
    }
}

fn open() -> Contender {
    let mut breaker = breaker(&Settings::default());
    let mut micros = 0;
    for _ in 0..5 {
        if let Admission::Admitted(permit) = breaker.admit(at(0)) {
            breaker.settle(permit, Outcome::Failure, None, at(0));
        }
    }
    let run = move |count| {
        let mut admitted = 0;
        for _ in 0..count {
            // The open time must outlast the run, so the clock stands still.
            micros ^= 1;
            let now = at(black_box(micros));
            admitted += u64::from(black_box(matches!(
                breaker.admit(now),
                Admission::Admitted(_)
            )));
        }
        admitted
    };
    Contender {
        name: "breaker-core/open",
        run: Box::new(run),
        admits: false,
    }
}

#[inline(always)]
fn call(breaker: &mut Breaker, index: u64, duration: Option<Span>, now: Instant) -> bool {
    let Admission::Admitted(permit) = breaker.admit(now) else {
        return false;
    };
    let outcome = if black_box(index) & 15 == 0 {
        Outcome::Failure
    } else {
        Outcome::Success
    };
    black_box(breaker.settle(permit, outcome, duration, now).is_some());
    true
}

fn at(micros: u64) -> Instant {
    Instant::from_micros(micros)
}

fn breaker(settings: &Settings) -> Breaker {
    let config = Config::try_from(settings).unwrap_or_else(|errors| panic!("{errors}"));
    Breaker::new(Arc::new(config), 0, at(0))
}
