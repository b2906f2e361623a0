//! Goes everywhere, the nearest places first, so that what is found wrong is found on a shortest way.

use crate::configuration::Configuration;
use crate::invariants::{self, Violation};
use crate::memory;
use crate::operation::{Operation, Scope};
use crate::step::World;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// What an exploration came to.
#[derive(Debug)]
pub struct Exploration {
    /// Places that differ.
    pub states: usize,
    /// Steps that were made and looked at.
    pub transitions: usize,
    /// How many operations follow one another on the longest way.
    pub depth: usize,
    pub time: Duration,
    pub counterexample: Option<Counterexample>,
}

/// A shortest way to something that is wrong.
#[derive(Debug)]
pub struct Counterexample {
    pub operations: Vec<Operation>,
    pub violations: Vec<Violation>,
}

/// Explores everything that can happen in `depth` operations, or up to the first thing that is wrong.
#[must_use]
pub fn explore(configuration: &Configuration, scope: Scope, depth: usize) -> Exploration {
    let begun = Instant::now();
    let start = World::new(configuration);
    let mut search = Search {
        configuration,
        scope,
        known: HashSet::from([memory::mark(&start, configuration)]),
        transitions: 0,
    };
    let mut reached = 0;
    let mut counterexample = None;
    let mut places = vec![Place {
        world: start,
        way: Vec::new(),
    }];
    while reached < depth && counterexample.is_none() {
        reached += 1;
        match search.around(&places, reached == depth) {
            Ok(next) => places = next,
            Err(found) => counterexample = Some(found),
        }
    }
    Exploration {
        states: search.known.len(),
        transitions: search.transitions,
        depth: reached,
        time: begun.elapsed(),
        counterexample,
    }
}

struct Search<'a> {
    configuration: &'a Configuration,
    scope: Scope,
    /// The marks of all places.
    known: HashSet<u64>,
    transitions: usize,
}

/// A place, and a shortest way there.
struct Place {
    world: World,
    way: Vec<Operation>,
}

impl Search<'_> {
    /// The places that are one operation further on and were not known; those that nobody goes on from are not kept.
    fn around(&mut self, places: &[Place], are_last: bool) -> Result<Vec<Place>, Counterexample> {
        let mut next = Vec::new();
        for place in places {
            for operation in place.world.operations(self.configuration, self.scope) {
                let further = |violations: Vec<Violation>| Counterexample {
                    operations: [&place.way[..], &[operation]].concat(),
                    violations,
                };
                self.transitions += 1;
                let world = self.go(&place.world, operation).map_err(further)?;
                if !self.known.insert(memory::mark(&world, self.configuration)) {
                    continue;
                }
                nothing_or(invariants::violated_at(self.configuration, &world)).map_err(further)?;
                if !are_last {
                    let way = [&place.way[..], &[operation]].concat();
                    next.push(Place { world, way });
                }
            }
        }
        Ok(next)
    }

    fn go(&self, world: &World, operation: Operation) -> Result<World, Vec<Violation>> {
        if let Operation::Clock(step) = operation {
            return Ok(world.at(world.clock_after(self.configuration, step)));
        }
        let (next, scene) = world.step(self.configuration, operation);
        nothing_or(invariants::violated_by(&scene)).map(|()| next)
    }
}

fn nothing_or(violations: Vec<Violation>) -> Result<(), Vec<Violation>> {
    if violations.is_empty() {
        Ok(())
    } else {
        Err(violations)
    }
}
