//! Fingerprints of states: two states are equal if every future step has the same effect on both.
//!
//! The decision state of a breaker is its `Debug` output with instants and generations relative to the present ones.
//! It leaves out what no decision reads: the totals, the last transition unless the circuit is open, and the layout
//! of the window (its contents remain). Two states are equal if breaker and history agree in it. Each step checks the
//! rest against the history.

use crate::configuration::Configuration;
use crate::history::{History, PermitState, Phase};
use crate::step::SystemState;
use breaker_core::{Breaker, Instant};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

const PROBE_BITS: u32 = 16;

/// Returns the decision state: everything that a breaker decides by.
#[must_use]
pub fn decision_state(breaker: &mut Breaker, clock: u64) -> String {
    let generation = u64::from(breaker.generation().number());
    let shown = shown(breaker);
    let mut rest = Unread(&shown);
    rest.after(", now: Instant(");
    let now = number(rest.up_to(")"));
    rest.after(", state: ");
    let state_and_order = rest.up_to(", hold: Hold(");
    rest.after("), window: ");
    rest.after(", counts: ");
    let counts = rest.up_to(" }");
    rest.after(", consecutive_failures: ");
    let failures_probes_and_backoff = rest.up_to(", lifetime: ");
    rest.after(", last: ");
    let last = rest.up_to(", pass: Permit(");
    let pass = number(rest.up_to(")"));
    let random = rest.0;

    let window = breaker.snapshot(Instant::from_micros(clock)).window;
    let now = i128::from(now) - i128::from(raw(clock));
    let pass = pass
        .checked_sub(generation << PROBE_BITS)
        .filter(|_| pass != u64::MAX);
    let mut text = format!("{now} {pass:?} {counts} {window:?} {random}");
    add_with_instants_from(&mut text, state_and_order, clock);
    add_with_instants_from(&mut text, failures_probes_and_backoff, clock);
    if state_and_order.starts_with("Open") {
        add_with_instants_from(&mut text, last, clock);
    }
    text
}

fn shown(breaker: &Breaker) -> String {
    let mut shown = String::with_capacity(4096);
    match write!(shown, "{breaker:?}") {
        Ok(()) => shown,
        Err(error) => panic!("{error}"),
    }
}

/// Unread rest of a text.
struct Unread<'a>(&'a str);

impl<'a> Unread<'a> {
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

/// Returns the fingerprint of a state: 64 bits. With a million states, the chance of a collision is 1 in 30 million.
#[must_use]
pub fn fingerprint(state: &SystemState, configuration: &Configuration) -> u64 {
    let mut hasher = DefaultHasher::new();
    decision_state(&mut state.breaker.clone(), state.clock).hash(&mut hasher);
    let history = state.history.relevant_state(configuration, state.clock);
    history.hash(&mut hasher);
    hasher.finish()
}

impl History {
    /// Returns everything that later expectations depend on, with instants relative to the clock.
    fn relevant_state(&self, configuration: &Configuration, clock: u64) -> impl Hash {
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
            .map(|issued| {
                let age = self.generation - issued.generation;
                let is_live = age == 0 && issued.state == PermitState::InFlight;
                let deadline = issued.probe_until.filter(|_| is_live).map(ago);
                let probe = issued.permit.number() & ((1 << PROBE_BITS) - 1);
                (
                    age,
                    probe,
                    issued.state,
                    issued.uncounted,
                    issued.probe_until.is_some(),
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
            .map(|call| (ago(call.at), call.failed, call.slow, call.aborted))
            .collect();
        let override_ = format!("{:?}", self.override_);
        let bucket = self.time_into_bucket(configuration);
        (
            ago(self.now),
            phase,
            override_,
            permits,
            calls,
            bucket,
            self.failures_in_a_row(),
            self.failed_recoveries,
            (groups, self.evidence),
            [self.holds.latest, self.holds.earlier].map(|hold| hold.is_some()),
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

/// Returns the number by which an instant's `Debug` output shows this time.
fn raw(clock: u64) -> u64 {
    static EARLIEST: LazyLock<u64> = LazyLock::new(|| {
        let shown = format!("{:?}", Instant::from_micros(0));
        let mut rest = Unread(&shown);
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
