//! Scenario: a trace, the breaker that it runs through, and the bounds of its result.

use crate::breakers::BreakerUnderTest;
use crate::run::{Outcome, run};

/// One call of a trace: its start and duration in milliseconds, and whether it failed.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub start: f64,
    pub duration: f64,
    pub failed: bool,
}

/// One row of the table.
pub struct Scenario {
    pub name: &'static str,
    pub breaker: BreakerUnderTest,
    /// Traces of the same kind, for example from several seeds.
    pub traces: Vec<Vec<Call>>,
    pub bounds: Bounds,
}

/// Bounds of the result.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// Smallest number of true predictions.
    pub least_true: u64,
    /// Largest number of false predictions.
    pub most_false: u64,
    /// Smallest mean of the gained time, in milliseconds.
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

    /// Bounds of a trace without openings.
    pub fn quiet(most_false: u64) -> Self {
        Self::of(0, most_false, 0.0)
    }

    /// Describes the first bound that a result exceeds.
    pub fn first_exceeded_by(&self, outcome: &Outcome) -> Option<String> {
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
