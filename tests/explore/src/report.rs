//! What people read of an exploration.

use crate::case::case;
use crate::configuration::{CONFIGURATIONS, Configuration};
use crate::operation::Scope;
use crate::search::{Counterexample, Exploration, explore};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// One exploration to be made.
#[derive(Clone, Copy)]
pub struct Task {
    pub configuration: &'static Configuration,
    pub scope: Scope,
    pub depth: usize,
}

/// Every configuration whose name contains `name`, with calls alone and with everything, to its own depth or another.
#[must_use]
pub fn tasks(name: &str, depth: impl Fn(usize) -> usize) -> Vec<Task> {
    let scopes = [Scope::Calls, Scope::Everything];
    let chosen = CONFIGURATIONS
        .iter()
        .filter(|configuration| configuration.name.contains(name));
    let task = |configuration: &'static Configuration, index: usize| Task {
        configuration,
        scope: scopes[index],
        depth: depth(configuration.depth[index]),
    };
    chosen
        .flat_map(|configuration| [task(configuration, 0), task(configuration, 1)])
        .collect()
}

/// Makes all explorations, as many at once as there are processors, and tells of each as it ends.
#[must_use]
pub fn explore_all(tasks: &[Task]) -> Vec<Exploration> {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let mut done = Vec::new();
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let exploration = explore(task.configuration, task.scope, task.depth);
            println!("{}", row(task, &exploration));
            if let Some(counterexample) = &exploration.counterexample {
                println!("{}", told(task.configuration, counterexample));
            }
            done.push(exploration);
        }
        done
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().flat_map(|worker| match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        results.collect()
    })
}

/// The heading of the rows.
#[must_use]
pub fn heading() -> String {
    line(
        [
            "configuration",
            "what happens",
            "depth",
            "states",
            "transitions",
            "seconds",
        ]
        .map(str::to_owned),
    )
}

/// All explorations together.
#[must_use]
pub fn total(explorations: &[Exploration], seconds: f64) -> String {
    let sum =
        |of: fn(&Exploration) -> usize| explorations.iter().map(of).sum::<usize>().to_string();
    line([
        "all".to_owned(),
        String::new(),
        String::new(),
        sum(|exploration| exploration.states),
        sum(|exploration| exploration.transitions),
        format!("{seconds:.1}"),
    ])
}

fn row(task: &Task, exploration: &Exploration) -> String {
    let scope = match task.scope {
        Scope::Calls => "calls",
        Scope::Everything => "calls and orders",
    };
    line([
        task.configuration.name.to_owned(),
        scope.to_owned(),
        exploration.depth.to_string(),
        exploration.states.to_string(),
        exploration.transitions.to_string(),
        format!("{:.1}", exploration.time.as_secs_f64()),
    ])
}

fn line([configuration, scope, depth, states, transitions, seconds]: [String; 6]) -> String {
    format!(
        "{configuration:<32}  {scope:<16}  {depth:>5}  {states:>9}  {transitions:>11}  {seconds:>7}"
    )
}

/// What is wrong, and a shortest way there.
fn told(configuration: &Configuration, counterexample: &Counterexample) -> String {
    let wrong = counterexample
        .violations
        .iter()
        .map(|violation| format!("VIOLATED {}: {}\n", violation.invariant, violation.detail));
    let case = case(configuration, &counterexample.operations);
    format!("{}{case}\n", wrong.collect::<String>())
}
