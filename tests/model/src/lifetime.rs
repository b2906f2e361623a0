//! Totals over the whole life: every call counts here once it comes back, whenever that is.

use crate::clock::{Micros, millis};
use crate::history::{Answer, Event, Outcome, State};
use crate::model::Model;
use crate::readings::Reading;

/// Below this a percentile is off by at most half a bin of the first width; from here on by an eighth of itself.
const FINE_BELOW: Micros = 500;
const FINE_ERROR: f64 = 0.063;
const COARSE_ERROR: f64 = 0.125;
/// What took this long or longer shares the last bin, which begins there.
const LAST_BIN: Micros = 57_344_000;
const LAST_BIN_ENDS: Micros = 65_536_000;
const ROUNDING: f64 = 0.001;

impl Model {
    /// Calls that ended in a way.
    pub(crate) fn total(&self, is: impl Fn(Outcome) -> bool) -> u64 {
        self.outcomes()
            .filter(|(_, outcome, _)| is(*outcome))
            .count() as u64
    }

    /// When a call last ended in a way.
    pub(crate) fn last(&self, is: impl Fn(Outcome) -> bool) -> Option<Micros> {
        let ended = self.outcomes().filter(|(_, outcome, _)| is(*outcome));
        ended.map(|(at, _, _)| at).last()
    }

    fn outcomes(&self) -> impl Iterator<Item = (Micros, Outcome, Option<Micros>)> {
        self.history.iter().filter_map(|event| match *event {
            Event::Settled {
                at,
                outcome,
                duration,
                ..
            } => Some((at, outcome, duration)),
            _ => None,
        })
    }

    /// Calls that were answered in a way when they asked.
    pub(crate) fn answered(&self, is: fn(Answer) -> bool) -> u64 {
        let answered = self
            .history
            .iter()
            .filter(|event| matches!(event, Event::Asked { answer, .. } if is(*answer)));
        answered.count() as u64
    }

    /// The measured times of the calls that succeeded or failed, shortest first.
    pub(crate) fn response_times(&self) -> Vec<Micros> {
        if !self.options.keeps_response_times() {
            return Vec::new();
        }
        let counted = self
            .outcomes()
            .filter(|(_, outcome, _)| *outcome != Outcome::Ignored);
        let mut times: Vec<_> = counted.filter_map(|(_, _, duration)| duration).collect();
        times.sort_unstable();
        times
    }

    /// What a percentile may be told as: the exact one, within the error that is promised.
    pub(crate) fn percentile(times: &[Micros], share: f64) -> Reading {
        let not_exceeded_by =
            (1..=times.len()).find(|rank| *rank as f64 >= share * times.len() as f64);
        let Some(rank) = not_exceeded_by else {
            return Reading::NOTHING;
        };
        let exact = times[rank - 1];
        let error = match exact {
            ..FINE_BELOW => FINE_ERROR,
            _ => millis(exact) * COARSE_ERROR + ROUNDING,
        };
        if exact >= LAST_BIN_ENDS {
            return Reading::Between(millis(LAST_BIN), millis(exact));
        }
        Reading::Between(millis(exact) - error, millis(exact) + error)
    }

    /// What callers experienced from which time on.
    fn experiences(&self) -> Vec<(Micros, State)> {
        let mut experiences = vec![(self.made, State::Closed)];
        for event in &self.history {
            if let Event::Moved {
                told,
                circuit,
                order,
                ..
            } = event
            {
                experiences.push((told.at, order.experienced(circuit.state())));
            }
        }
        experiences
    }

    /// Moves between states that callers experienced.
    pub(crate) fn state_changes(&self) -> u64 {
        let experiences = self.experiences();
        let changes = experiences.windows(2).filter(|pair| pair[0].1 != pair[1].1);
        changes.count() as u64
    }

    /// The percentage of its life in which callers did not experience OPEN.
    pub(crate) fn uptime(&self) -> f64 {
        let mut experiences = self.experiences();
        let age = self.now() - self.made;
        if age == 0 {
            return if self.state() == State::Open {
                0.0
            } else {
                100.0
            };
        }
        experiences.push((self.now(), self.state()));
        let stretches = experiences.windows(2);
        let open: Micros = stretches
            .filter(|stretch| stretch[0].1 == State::Open)
            .map(|stretch| stretch[1].0 - stretch[0].0)
            .sum();
        100.0 * (1.0 - open as f64 / age as f64)
    }
}
