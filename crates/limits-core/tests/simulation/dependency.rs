//! Simulated dependency with a number of workers and one queue, and its callers.

use breaker_core::backoff::Random;
use breaker_core::{Instant, Span};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Policy under test.
pub(crate) trait Policy {
    fn admits(&mut self, in_flight: u32, now: Instant) -> bool;
    /// Records a finished call. `in_flight` is the number of calls in flight at its start, `dropped` means that its
    /// caller gave up.
    fn record(&mut self, rtt: Span, in_flight: u32, dropped: bool, now: Instant);
    /// Records that the dependency refused a call.
    fn record_refusal(&mut self, _now: Instant) {}
}

/// Conditions of the dependency and its callers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conditions {
    /// Number of calls that the dependency processes at once.
    pub(crate) workers: usize,
    /// Mean processing time, in milliseconds, exponentially distributed.
    pub(crate) service: f64,
    /// Calls that callers want to make per second, at random times.
    pub(crate) offered: f64,
    /// Milliseconds after which a caller gives up. The dependency continues its work.
    pub(crate) timeout: f64,
    /// Length of the dependency's queue; calls beyond it are refused.
    pub(crate) backlog: usize,
}

/// Totals of a period.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) wanted: u64,
    pub(crate) admitted: u64,
    pub(crate) answered: u64,
    pub(crate) dropped: u64,
    pub(crate) refused: u64,
    pub(crate) millis: f64,
    rtt: f64,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Event {
    Arrival,
    Served(usize),
    TimedOut(usize),
}

#[derive(Clone, Copy, Debug)]
struct Call {
    began: Instant,
    in_flight: u32,
    is_awaited: bool,
    is_at_dependency: bool,
}

pub(crate) struct Simulation {
    pub(crate) conditions: Conditions,
    pub(crate) now: Instant,
    random: Random,
    events: BinaryHeap<Reverse<(Instant, u64, Event)>>,
    order: u64,
    calls: Vec<Call>,
    free: Vec<usize>,
    waiting: VecDeque<usize>,
    working: usize,
    in_flight: u32,
    tally: Tally,
}

impl Tally {
    /// Adds a later period.
    pub(crate) fn add(&mut self, more: Self) {
        self.wanted += more.wanted;
        self.admitted += more.admitted;
        self.answered += more.answered;
        self.dropped += more.dropped;
        self.refused += more.refused;
        self.millis += more.millis;
        self.rtt += more.rtt;
    }

    /// Returns the throughput, in calls per second.
    pub(crate) fn rate(&self) -> f64 {
        self.answered as f64 * 1_000.0 / self.millis
    }

    /// Returns the mean response time, in milliseconds.
    pub(crate) fn rtt(&self) -> f64 {
        self.rtt / (self.answered.max(1)) as f64
    }
}

impl Simulation {
    pub(crate) fn new(conditions: Conditions, seed: u64) -> Self {
        let mut simulation = Self {
            conditions,
            now: Instant::from_millis(0.0),
            random: Random::seeded(seed),
            events: BinaryHeap::new(),
            order: 0,
            calls: Vec::new(),
            free: Vec::new(),
            waiting: VecDeque::new(),
            working: 0,
            in_flight: 0,
            tally: Tally::default(),
        };
        simulation.schedule(Span::ZERO, Event::Arrival);
        simulation
    }

    /// Runs the simulation for this many seconds.
    pub(crate) fn run(&mut self, seconds: f64, policy: &mut impl Policy) -> Tally {
        let until = self.now.after(Span::from_millis(seconds * 1_000.0));
        self.start_work();
        while let Some(Reverse((at, _, event))) = self.events.peek().copied()
            && at <= until
        {
            self.events.pop();
            self.now = at;
            match event {
                Event::Arrival => self.arrive(policy),
                Event::Served(call) => self.served(call, policy),
                Event::TimedOut(call) => self.timed_out(call, policy),
            }
        }
        self.now = until;
        Tally {
            millis: seconds * 1_000.0,
            ..std::mem::take(&mut self.tally)
        }
    }

    fn arrive(&mut self, policy: &mut impl Policy) {
        let next = self.exponential(1_000.0 / self.conditions.offered);
        self.schedule(next, Event::Arrival);
        self.tally.wanted += 1;
        if !policy.admits(self.in_flight, self.now) {
            return;
        }
        self.tally.admitted += 1;
        if self.waiting.len() >= self.conditions.backlog {
            self.tally.refused += 1;
            policy.record_refusal(self.now);
            return;
        }
        self.in_flight += 1;
        let call = Call {
            began: self.now,
            in_flight: self.in_flight,
            is_awaited: true,
            is_at_dependency: true,
        };
        let index = match self.free.pop() {
            Some(index) => {
                self.calls[index] = call;
                index
            }
            None => {
                self.calls.push(call);
                self.calls.len() - 1
            }
        };
        self.schedule(
            Span::from_millis(self.conditions.timeout),
            Event::TimedOut(index),
        );
        self.waiting.push_back(index);
        self.start_work();
    }

    fn start_work(&mut self) {
        while self.working < self.conditions.workers
            && let Some(call) = self.waiting.pop_front()
        {
            self.working += 1;
            let service = self.exponential(self.conditions.service);
            self.schedule(service, Event::Served(call));
        }
    }

    fn served(&mut self, index: usize, policy: &mut impl Policy) {
        self.working -= 1;
        self.calls[index].is_at_dependency = false;
        if self.calls[index].is_awaited {
            self.tally.answered += 1;
            self.tally.rtt += self.now.since(self.calls[index].began).as_millis();
            self.end(index, false, policy);
        }
        self.start_work();
    }

    /// Handles a timeout. A slot is reused only after its timeout has passed, so a timeout always belongs to its own
    /// call.
    fn timed_out(&mut self, index: usize, policy: &mut impl Policy) {
        if self.calls[index].is_awaited {
            self.tally.dropped += 1;
            self.end(index, true, policy);
        }
        if self.calls[index].is_at_dependency {
            self.schedule(
                Span::from_millis(self.conditions.timeout),
                Event::TimedOut(index),
            );
        } else {
            self.free.push(index);
        }
    }

    fn end(&mut self, index: usize, dropped: bool, policy: &mut impl Policy) {
        self.calls[index].is_awaited = false;
        self.in_flight -= 1;
        let Call {
            began, in_flight, ..
        } = self.calls[index];
        policy.record(self.now.since(began), in_flight, dropped, self.now);
    }

    fn schedule(&mut self, later: Span, event: Event) {
        self.order += 1;
        self.events
            .push(Reverse((self.now.after(later), self.order, event)));
    }

    fn exponential(&mut self, mean_millis: f64) -> Span {
        Span::from_millis(-(1.0 - self.random.next_unit()).ln() * mean_millis)
    }
}
