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

struct Place {
    world: World,
    way: Vec<Operation>,
}

/// Explores everything that can happen in `depth` operations, or up to the first thing that is wrong.
#[must_use]
pub fn explore(configuration: &Configuration, scope: Scope, depth: usize) -> Exploration {
    let begun = Instant::now();
    let mut exploration = Exploration {
        states: 1,
        transitions: 0,
        depth,
        time: Duration::ZERO,
        counterexample: None,
    };
    let start = Place {
        world: World::new(configuration),
        way: Vec::new(),
    };
    let mut known = HashSet::new();
    let mut places = vec![start];
    for nearer in 0..depth {
        let is_last = nearer + 1 == depth;
        let mut next = Vec::new();
        for place in &places {
            for operation in place.world.operations(configuration, scope) {
                exploration.transitions += 1;
                let (world, violations, mark) = go(configuration, &place.world, operation);
                let is_new = known.insert(mark);
                exploration.states += usize::from(is_new);
                let violations = match is_new && violations.is_empty() {
                    true => invariants::violated_at(configuration, &world),
                    false => violations,
                };
                if !violations.is_empty() {
                    let operations = [&place.way[..], &[operation]].concat();
                    exploration.depth = operations.len();
                    exploration.time = begun.elapsed();
                    exploration.counterexample = Some(Counterexample {
                        operations,
                        violations,
                    });
                    return exploration;
                }
                if is_new && !is_last {
                    let way = [&place.way[..], &[operation]].concat();
                    next.push(Place { world, way });
                }
            }
        }
        places = next;
    }
    exploration.time = begun.elapsed();
    exploration
}

fn go(
    configuration: &Configuration,
    world: &World,
    operation: Operation,
) -> (World, Vec<Violation>, u64) {
    if let Operation::Clock(step) = operation {
        let next = world.at(world.clock_after(configuration, step));
        let memory = memory::memory_of(&mut next.breaker.clone(), next.clock);
        let mark = memory::mark(&next, configuration, &memory);
        return (next, Vec::new(), mark);
    }
    let (next, scene) = world.step(configuration, operation);
    let mark = memory::mark(&next, configuration, &scene.reading.memory);
    (next, invariants::violated_by(&scene), mark)
}
