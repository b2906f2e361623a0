//! Breadth-first search over all states, so that a counterexample is a shortest one.

use crate::configuration::Configuration;
use crate::fingerprint;
use crate::invariants::{self, Violation};
use crate::operation::{Operation, Scope};
use crate::step::SystemState;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// Result of an exploration.
#[derive(Debug)]
pub struct Exploration {
    /// Number of distinct states.
    pub states: usize,
    /// Number of checked steps.
    pub transitions: usize,
    /// Length of the longest path, in operations.
    pub depth: usize,
    pub time: Duration,
    pub counterexample: Option<Counterexample>,
}

/// A shortest path to a violation.
#[derive(Debug)]
pub struct Counterexample {
    pub operations: Vec<Operation>,
    pub violations: Vec<Violation>,
}

/// Explores all paths of `depth` operations, or up to the first violation.
#[must_use]
pub fn explore(configuration: &Configuration, scope: Scope, depth: usize) -> Exploration {
    let begun = Instant::now();
    let start = SystemState::new(configuration);
    let mut search = Search {
        configuration,
        scope,
        known: HashSet::from([fingerprint::fingerprint(&start, configuration)]),
        transitions: 0,
    };
    let mut reached = 0;
    let mut counterexample = None;
    let mut nodes = vec![Node {
        state: start,
        path: Vec::new(),
    }];
    while reached < depth && counterexample.is_none() {
        reached += 1;
        match search.expand(&nodes, reached == depth) {
            Ok(next) => nodes = next,
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
    /// Fingerprints of all states.
    known: HashSet<u64>,
    transitions: usize,
}

/// A state, and a shortest path to it.
struct Node {
    state: SystemState,
    path: Vec<Operation>,
}

impl Search<'_> {
    /// Returns the new states one operation further. The last level is checked but not kept.
    fn expand(&mut self, nodes: &[Node], are_last: bool) -> Result<Vec<Node>, Counterexample> {
        let mut next = Vec::new();
        for node in nodes {
            for operation in node.state.operations(self.configuration, self.scope) {
                let further = |violations: Vec<Violation>| Counterexample {
                    operations: [&node.path[..], &[operation]].concat(),
                    violations,
                };
                self.transitions += 1;
                let state = self.check_step(&node.state, operation).map_err(further)?;
                if !self
                    .known
                    .insert(fingerprint::fingerprint(&state, self.configuration))
                {
                    continue;
                }
                error_if_any(invariants::violations_of_state(self.configuration, &state))
                    .map_err(further)?;
                if !are_last {
                    let path = [&node.path[..], &[operation]].concat();
                    next.push(Node { state, path });
                }
            }
        }
        Ok(next)
    }

    fn check_step(
        &self,
        state: &SystemState,
        operation: Operation,
    ) -> Result<SystemState, Vec<Violation>> {
        if let Operation::Clock(step) = operation {
            return Ok(state.at(state.clock_after(self.configuration, step)));
        }
        let (next, step) = state.step(self.configuration, operation);
        error_if_any(invariants::violations_of_step(&step)).map(|()| next)
    }
}

fn error_if_any(violations: Vec<Violation>) -> Result<(), Vec<Violation>> {
    if violations.is_empty() {
        Ok(())
    } else {
        Err(violations)
    }
}
