//! A trace, the breaker that it runs through, and what must come of it.

use crate::breakers::BreakerUnderTest;
use crate::run::{Outcome, run};

/// One call of a trace: when it was made and how long it took, in milliseconds, and whether it failed.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub start: f64,
    pub duration: f64,
    pub failed: bool,
}

/// What is run.
pub struct Scenario {
    pub name: &'static str,
    pub breaker: BreakerUnderTest,
    /// Traces of the same kind, such as from several seeds.
    pub traces: Vec<Vec<Call>>,
    pub bounds: Bounds,
}

/// What must hold of what came of it.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// The least number of predictions that came true.
    pub least_true: u64,
    /// The most that were false.
    pub most_false: u64,
    /// The least time gained by those that came true, in milliseconds each.
    pub least_gained: f64,
}

impl Scenario {
    pub fn run(&self) -> Outcome {
        self.traces
            .iter()
            .map(|trace| run(&self.breaker, trace))
            .fold(Outcome::default(), Outcome::plus)
    }
}

impl Bounds {
    pub fn of(least_true: u64, most_false: u64, least_gained: f64) -> Self {
        Self {
            least_true,
            most_false,
            least_gained,
        }
    }

    /// Nothing opens, so nothing is gained.
    pub fn quiet(most_false: u64) -> Self {
        Self::of(0, most_false, 0.0)
    }

    /// What of them does not hold.
    pub fn broken_by(&self, outcome: &Outcome) -> Option<String> {
        if outcome.came_true < self.least_true {
            return Some(format!(
                "{} predictions came true, less than {}",
                outcome.came_true, self.least_true
            ));
        }
        if outcome.were_false > self.most_false {
            return Some(format!(
                "{} predictions were false, more than {}",
                outcome.were_false, self.most_false
            ));
        }
        let gained = outcome.mean_gained();
        (gained < self.least_gained).then(|| {
            let least = self.least_gained;
            format!("{gained} ms were gained, less than {least}")
        })
    }
}
