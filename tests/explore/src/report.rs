//! What people read of an exploration.

use crate::case::case;
use crate::configuration::{CONFIGURATIONS, Configuration};
use crate::operation::Scope;
use crate::parallel;
use crate::search::{Counterexample, Exploration, explore};

/// One exploration to be made.
#[derive(Clone, Copy)]
pub struct Task {
    pub configuration: &'static Configuration,
    pub scope: Scope,
    pub depth: usize,
}

/// What is to be explored of all there is.
#[derive(Default)]
pub struct Choice {
    /// A configuration by its name, or all whose names contain this.
    pub configuration: String,
    /// One of the scopes by its name, or both.
    pub what: String,
    /// Another depth than each configuration's own.
    pub depth: Option<usize>,
    /// By how much less deep than that.
    pub less: usize,
}

/// The explorations that were chosen.
#[must_use]
pub fn tasks(choice: &Choice) -> Vec<Task> {
    let is_named = |configuration: &&Configuration| configuration.name == choice.configuration;
    let one = CONFIGURATIONS.iter().find(is_named);
    let is_meant = |configuration: &&Configuration| match one {
        Some(one) => configuration.name == one.name,
        None => configuration.name.contains(&choice.configuration),
    };
    let task = |configuration: &'static Configuration, scope: Scope| {
        let own = configuration.depth[scope as usize];
        Task {
            configuration,
            scope,
            depth: choice.depth.unwrap_or(own).saturating_sub(choice.less),
        }
    };
    let scopes = [Scope::Calls, Scope::Everything];
    let scopes = scopes
        .into_iter()
        .filter(|scope| choice.what.is_empty() || choice.what == name_of(*scope));
    let configurations = CONFIGURATIONS.iter().filter(is_meant);
    configurations
        .flat_map(|configuration| scopes.clone().map(move |scope| task(configuration, scope)))
        .collect()
}

/// Makes all explorations, as many at once as there are processors, and tells of each as it ends.
#[must_use]
pub fn explore_all(tasks: &[Task]) -> Vec<Exploration> {
    parallel::each(tasks, |_, task| {
        let exploration = explore(task.configuration, task.scope, task.depth);
        let mut told = row(task, &exploration);
        if let Some(counterexample) = &exploration.counterexample {
            told += &way_to(task.configuration, counterexample);
        }
        println!("{told}");
        exploration
    })
}

/// How a scope is called.
#[must_use]
pub fn name_of(scope: Scope) -> &'static str {
    match scope {
        Scope::Calls => "calls",
        Scope::Everything => "calls and orders",
    }
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
    line([
        task.configuration.name.to_owned(),
        name_of(task.scope).to_owned(),
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

/// What is wrong, and a shortest way there as a case of tests/vectors.
fn way_to(configuration: &Configuration, counterexample: &Counterexample) -> String {
    let depth = counterexample.operations.len();
    let wrong = counterexample.violations.iter().map(|violation| {
        format!(
            "\nVIOLATED {} after {depth}: {}",
            violation.invariant, violation.detail
        )
    });
    let case = case(configuration, &counterexample.operations);
    format!("{}\n{case}\n", wrong.collect::<String>())
}
