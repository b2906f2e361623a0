//! One step: an operation on a breaker and on its history.
//!
//! It is done three times over: at once, after somebody has looked, and under a true clock where the clock went back.
//! All must come to the same.

use crate::configuration::Configuration;
use crate::ghost::{Answer, Ghost};
use crate::memory::memory_of;
use crate::operation::Operation;
use breaker_core::{
    Admission, Breaker, Explanation, Instant, Override, Snapshot, Stats, Transition,
};

/// When the explorer's clock starts, in microseconds: late enough to go back.
pub const START: u64 = 1_000_000;

/// More than two moves are never due at once; a breaker that does not stop moving must not stop the explorer.
const MOST_MOVES_AT_ONCE: usize = 5;

/// A breaker, its history, and what the clock shows.
#[derive(Clone, Debug)]
pub struct World {
    pub breaker: Breaker,
    pub ghost: Ghost,
    pub clock: u64,
}

/// What one step came to.
pub struct Scene<'a> {
    pub configuration: &'a Configuration,
    pub operation: Operation,
    /// The history when time had done what was due, and the operation had not begun.
    pub before: Ghost,
    /// The history when somebody looked at the breaker afterwards.
    pub after: Ghost,
    /// Every move on the way: what had to be made, and what was made.
    pub moves: Vec<Move>,
    /// What had to be answered to a request.
    pub answer: Option<Answer>,
    /// The memory before a permit was handed back that counts no more.
    pub memory_before: Option<String>,
    pub reading: Reading,
    /// The same after somebody had looked first.
    pub looked: Reading,
    /// The same under a clock that did not go back.
    pub standing: Option<Reading>,
}

pub struct Move {
    pub demanded: Option<Transition>,
    pub made: Option<Transition>,
}

/// Everything that can be read after an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub reply: Reply,
    pub stats: Stats,
    pub explanation: Explanation,
    pub memory: String,
}

/// What an operation returns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    pub admission: Option<Admission>,
    pub transition: Option<Transition>,
    /// A snapshot, and the one that the breaker made from it would give.
    pub snapshots: Option<[Snapshot; 2]>,
}

impl World {
    #[must_use]
    pub fn new(configuration: &Configuration) -> Self {
        Self {
            breaker: configuration.breaker(START),
            ghost: Ghost::new(START),
            clock: START,
        }
    }

    /// Moves the clock; nobody is told.
    #[must_use]
    pub fn at(&self, clock: u64) -> Self {
        Self {
            clock,
            ..self.clone()
        }
    }

    /// Does `operation` here, and tells how it went.
    pub fn step<'a>(
        &self,
        configuration: &'a Configuration,
        operation: Operation,
    ) -> (Self, Scene<'a>) {
        let mut next = self.clone();
        if operation == Operation::Restore {
            next.clock = self.clock.max(self.ghost.now);
        }
        let clock = next.clock;
        let reply = self.perform(&mut next.breaker, configuration, operation, clock);
        let reading = Reading::of(&next.breaker, reply, clock);

        let mut watch = Watch {
            configuration,
            breaker: self.breaker.clone(),
            ghost: self.ghost.clone(),
            clock,
            moves: Vec::new(),
        };
        watch.ghost.told(clock);
        watch.time_passes();
        let before = watch.ghost.clone();
        let memory_before = is_settled_for_nothing(&before, operation)
            .then(|| memory_of(&mut watch.breaker.clone(), clock));
        let due = watch.moves.last().and_then(|last| last.made);
        let mut reply = self.perform(&mut watch.breaker, configuration, operation, clock);
        let answer = watch.happened(operation, &reply);
        watch.ghost.let_go();
        next.ghost = if self.is_no_matter(operation) {
            next.ghost.told(clock);
            next.ghost
        } else {
            watch.ghost.clone()
        };
        if matches!(operation, Operation::Settle(..) | Operation::Poll) {
            reply.transition = reply.transition.or(due);
        }
        let looked = Reading::of(&watch.breaker, reply, clock);
        watch.time_passes();

        let standing = (clock < self.ghost.now).then(|| {
            let mut breaker = self.breaker.clone();
            let reply = self.perform(&mut breaker, configuration, operation, self.ghost.now);
            Reading::of(&breaker, reply, clock)
        });
        let scene = Scene {
            configuration,
            operation,
            before,
            after: watch.ghost,
            moves: watch.moves,
            answer,
            memory_before,
            reading,
            looked,
            standing,
        };
        (next, scene)
    }

    /// Where nobody holds it open there is nothing to release, and the breaker does not even look at what is due.
    fn is_no_matter(&self, operation: Operation) -> bool {
        let is_held = matches!(self.ghost.order, Override::ForcedOpen { .. });
        operation == Operation::ReleaseForcedOpen && !is_held
    }

    fn perform(
        &self,
        breaker: &mut Breaker,
        configuration: &Configuration,
        operation: Operation,
        clock: u64,
    ) -> Reply {
        let now = Instant::from_micros(clock);
        let mut reply = Reply::default();
        reply.transition = match operation {
            Operation::Clock(_) => None,
            Operation::Admit => {
                reply.admission = Some(breaker.admit(now));
                None
            }
            Operation::Settle(place, ending) => {
                let permit = self.ghost.permits[place].permit;
                breaker.settle(
                    permit,
                    ending.outcome(),
                    ending.duration(configuration),
                    now,
                )
            }
            Operation::Poll => std::iter::from_fn(|| breaker.poll(now)).last(),
            Operation::ForceOpen => breaker.set_override(Override::ForcedOpen { holders: 1 }, now),
            Operation::ReleaseForcedOpen => breaker.release_forced_open(now),
            Operation::ForceClosed => breaker.set_override(Override::ForcedClosed, now),
            Operation::Shadow => breaker.set_override(Override::Shadow, now),
            Operation::ReleaseOverride => breaker.set_override(Override::None, now),
            Operation::Reset => Some(breaker.reset(now)),
            Operation::Restore => {
                let snapshot = breaker.snapshot(now);
                *breaker = Breaker::restore(configuration.config(), 0, &snapshot, now);
                let again = breaker.clone().snapshot(now);
                reply.snapshots = Some([snapshot, again]);
                None
            }
        };
        reply
    }
}

impl Reading {
    fn of(breaker: &Breaker, reply: Reply, clock: u64) -> Self {
        let now = Instant::from_micros(clock);
        let mut breaker = breaker.clone();
        Self {
            reply,
            stats: breaker.stats(now),
            explanation: breaker.explain(now),
            memory: memory_of(&mut breaker, clock),
        }
    }
}

fn is_settled_for_nothing(ghost: &Ghost, operation: Operation) -> bool {
    matches!(operation, Operation::Settle(place, _) if !ghost.counts(&ghost.permits[place]))
}

/// A breaker that is looked at all the time, and the history that is written on the way.
struct Watch<'a> {
    configuration: &'a Configuration,
    breaker: Breaker,
    ghost: Ghost,
    clock: u64,
    moves: Vec<Move>,
}

impl Watch<'_> {
    /// Makes every move that time has made due.
    fn time_passes(&mut self) {
        let now = Instant::from_micros(self.clock);
        for _ in 0..MOST_MOVES_AT_ONCE {
            let demanded = self.ghost.due(self.configuration);
            let made = self.breaker.poll(now);
            self.moved(demanded, made, self.ghost.order);
            if made.is_none() {
                break;
            }
        }
        self.breaker.stats(now);
        self.breaker.explain(now);
    }

    /// Writes down what came of an operation.
    fn happened(&mut self, operation: Operation, reply: &Reply) -> Option<Answer> {
        let order = self.ghost.order;
        match operation {
            Operation::Admit => {
                let answer = self.ghost.request(self.configuration);
                let permit = match reply.admission {
                    Some(Admission::Admitted(permit)) => Some(permit),
                    Some(Admission::Rejected { .. }) | None => None,
                };
                self.ghost.answered(self.configuration, answer, permit);
                return Some(answer);
            }
            Operation::Settle(place, ending) => {
                let demanded = self.ghost.settled(self.configuration, place, ending);
                self.moved(demanded, reply.transition, order);
            }
            Operation::Clock(_) | Operation::Poll => {}
            Operation::Restore => self.ghost.restored(),
            Operation::ForceOpen
            | Operation::ReleaseForcedOpen
            | Operation::ForceClosed
            | Operation::Shadow
            | Operation::ReleaseOverride
            | Operation::Reset => {
                let (order, demanded) = self.ghost.ordered(operation);
                self.moved(demanded, reply.transition, order);
            }
        }
        None
    }

    fn moved(&mut self, demanded: Option<Transition>, made: Option<Transition>, order: Override) {
        if let Some(made) = &made {
            self.ghost.moved(self.configuration, made, order);
        }
        self.ghost.order = order;
        if demanded.is_some() || made.is_some() {
            self.moves.push(Move { demanded, made });
        }
    }
}
