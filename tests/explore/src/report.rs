//! Selection of explorations, and the printed report.

use crate::case::case;
use crate::configuration::{CONFIGURATIONS, Configuration};
use crate::operation::Scope;
use crate::parallel;
use crate::search::{Counterexample, Exploration, explore};

/// One exploration to run.
#[derive(Clone, Copy)]
pub struct Task {
    pub configuration: &'static Configuration,
    pub scope: Scope,
    pub depth: usize,
}

/// Selection of explorations by the command line.
#[derive(Default)]
pub struct Selection {
    /// Name of a configuration, or a part of several names.
    pub configuration: String,
    /// Name of a scope; empty for both.
    pub scope: String,
    /// Depth that replaces the depth of each configuration.
    pub depth: Option<usize>,
    /// Number of operations by which to reduce the depth.
    pub less: usize,
}

/// Returns the selected explorations.
#[must_use]
pub fn tasks(selection: &Selection) -> Vec<Task> {
    let is_named = |configuration: &&Configuration| configuration.name == selection.configuration;
    let one = CONFIGURATIONS.iter().find(is_named);
    let is_meant = |configuration: &&Configuration| match one {
        Some(one) => configuration.name == one.name,
        None => configuration.name.contains(&selection.configuration),
    };
    let task = |configuration: &'static Configuration, scope: Scope| {
        let own = configuration.depth[scope as usize];
        Task {
            configuration,
            scope,
            depth: selection
                .depth
                .unwrap_or(own)
                .saturating_sub(selection.less),
        }
    };
    let scopes = [Scope::Calls, Scope::Everything];
    let scopes = scopes
        .into_iter()
        .filter(|scope| selection.scope.is_empty() || selection.scope == name_of(*scope));
    let configurations = CONFIGURATIONS.iter().filter(is_meant);
    configurations
        .flat_map(|configuration| scopes.clone().map(move |scope| task(configuration, scope)))
        .collect()
}

/// Runs all explorations in parallel, and prints each as it ends.
#[must_use]
pub fn explore_all(tasks: &[Task]) -> Vec<Exploration> {
    parallel::each(tasks, |_, task| {
        let exploration = explore(task.configuration, task.scope, task.depth);
        let mut report = row(task, &exploration);
        if let Some(counterexample) = &exploration.counterexample {
            report += &describe(task.configuration, counterexample);
        }
        println!("{report}");
        exploration
    })
}

/// Returns the printed name of a scope.
#[must_use]
pub fn name_of(scope: Scope) -> &'static str {
    match scope {
        Scope::Calls => "calls",
        Scope::Everything => "calls and overrides",
    }
}

/// Returns the header row.
#[must_use]
pub fn heading() -> String {
    line(
        [
            "configuration",
            "scope",
            "depth",
            "states",
            "transitions",
            "seconds",
        ]
        .map(str::to_owned),
    )
}

/// Returns the row with the sums.
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

/// Describes a counterexample: the violations, and a shortest path as a case of tests/vectors.
fn describe(configuration: &Configuration, counterexample: &Counterexample) -> String {
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
