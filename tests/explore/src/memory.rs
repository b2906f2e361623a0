//! Which places are the same: those from which everything goes on alike.
//!
//! A breaker's memory is all that it shows when debugged, with instants and generations told from the present ones,
//! without what no decision reads: its totals, its last transition unless it is open, and how its window is laid out
//! (what is in the window counts). Two places are taken for one if breaker and history agree in that. Each step holds
//! the rest against the history, from whichever of the two it is made.

use crate::configuration::Configuration;
use crate::ghost::{Ghost, Phase, Standing};
use crate::step::World;
use breaker_core::{Breaker, Instant};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

const PROBE_BITS: u32 = 16;

/// All that a breaker will decide by.
#[must_use]
pub fn memory_of(breaker: &mut Breaker, clock: u64) -> String {
    let generation = u64::from(breaker.generation().number());
    let shown = shown(breaker);
    let mut rest = Rest(&shown);
    rest.after(", now: Instant(");
    let told = number(rest.up_to(")"));
    rest.after(", state: ");
    let state_and_order = rest.up_to(", window: ");
    rest.after(", counts: ");
    let counts = rest.up_to(" }");
    rest.after(", consecutive_failures: ");
    let failures_probes_and_backoff = rest.up_to(", lifetime: ");
    rest.after(", last: ");
    let last = rest.up_to(", pass: Permit(");
    let pass = number(rest.up_to(")"));
    let random = rest.0;

    let window = breaker.snapshot(Instant::from_micros(clock)).window;
    let told = i128::from(told) - i128::from(raw(clock));
    let pass = pass
        .checked_sub(generation << PROBE_BITS)
        .filter(|_| pass != u64::MAX);
    let mut memory = format!("{told} {pass:?} {counts} {window:?} {random}");
    add_with_instants_from(&mut memory, state_and_order, clock);
    add_with_instants_from(&mut memory, failures_probes_and_backoff, clock);
    if state_and_order.starts_with("Open") {
        add_with_instants_from(&mut memory, last, clock);
    }
    memory
}

fn shown(breaker: &Breaker) -> String {
    let mut shown = String::with_capacity(4096);
    match write!(shown, "{breaker:?}") {
        Ok(()) => shown,
        Err(error) => panic!("{error}"),
    }
}

/// What is still to be read of a text.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn up_to(&mut self, end: &str) -> &'a str {
        let Some((part, rest)) = self.0.split_once(end) else {
            panic!("a breaker no longer shows {end:?}: {}", self.0);
        };
        self.0 = rest;
        part
    }

    fn after(&mut self, start: &str) {
        self.up_to(start);
    }
}

/// The mark of a place: 64 bits, so that with a million places two are taken for one by chance once in 30 million times.
#[must_use]
pub fn mark(world: &World, configuration: &Configuration) -> u64 {
    let mut hasher = DefaultHasher::new();
    memory_of(&mut world.breaker.clone(), world.clock).hash(&mut hasher);
    let ghost = world.ghost.what_matters(configuration, world.clock);
    ghost.hash(&mut hasher);
    hasher.finish()
}

impl Ghost {
    /// All that what must happen depends on, with instants told from the clock.
    fn what_matters(&self, configuration: &Configuration, clock: u64) -> impl Hash {
        let ago = |at: u64| i64::try_from(i128::from(clock) - i128::from(at)).unwrap_or(i64::MAX);
        let phase = match self.phase {
            Phase::Closed { ramp: None } => [0; 4],
            Phase::Closed { ramp: Some(ramp) } => [
                1,
                ago(ramp.since),
                ramp.shares.to_bits() as i64,
                i64::from(ramp.admitted),
            ],
            Phase::Open { since, until, ends } => [2, ago(since), ago(until), ago(ends)],
            Phase::HalfOpen {
                successes,
                failures,
            } => [3, i64::from(successes), i64::from(failures), 0],
        };
        let mut permits: Vec<_> = self
            .permits
            .iter()
            .map(|held| {
                let age = self.generation - held.generation;
                let is_live = age == 0 && held.standing == Standing::InFlight;
                let deadline = held.probe_until.filter(|_| is_live).map(ago);
                let probe = held.permit.number() & ((1 << PROBE_BITS) - 1);
                (
                    age,
                    probe,
                    held.standing,
                    held.uncounted,
                    held.probe_until.is_some(),
                    deadline,
                )
            })
            .collect();
        permits.sort_unstable();
        let groups: Vec<_> = self
            .groups
            .iter()
            .map(|group| (ago(group.first), ago(group.last), group.overdue))
            .collect();
        let in_window = self.calls_in_window(configuration, self.now);
        let calls: Vec<_> = in_window
            .iter()
            .map(|call| (ago(call.at), call.failed, call.slow))
            .collect();
        let order = format!("{:?}", self.order);
        let bucket = self.time_into_bucket(configuration);
        (
            ago(self.now),
            phase,
            order,
            permits,
            calls,
            bucket,
            self.failures_in_a_row(),
            self.failed_recoveries,
            (groups, self.evidence),
        )
    }
}

fn add_with_instants_from(memory: &mut String, shown: &str, clock: u64) {
    let mut parts = shown.split("Instant(");
    memory.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (instant, rest) = part.split_once(')').unwrap_or((part, ""));
        match number(instant) {
            u64::MAX => memory.push_str("never"),
            instant => {
                let from_now = i128::from(instant) - i128::from(raw(clock));
                memory.push_str(&from_now.to_string());
            }
        }
        memory.push_str(rest);
    }
}

/// How an instant shows itself.
fn raw(clock: u64) -> u64 {
    static EARLIEST: LazyLock<u64> = LazyLock::new(|| {
        let shown = format!("{:?}", Instant::from_micros(0));
        let mut rest = Rest(&shown);
        rest.after("Instant(");
        number(rest.up_to(")"))
    });
    *EARLIEST + clock
}

fn number(shown: &str) -> u64 {
    match shown.parse() {
        Ok(number) => number,
        Err(error) => panic!("{shown}: {error}"),
    }
}
