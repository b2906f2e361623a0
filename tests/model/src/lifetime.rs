//! Totals over the whole life of a breaker. Every settled call counts, whatever its generation.

use crate::clock::{Micros, millis};
use crate::history::{Decision, Event, Outcome, State};
use crate::model::Model;
use crate::readings::Reading;

/// Below this time a percentile is off by at most half a bin of the first width, from here on by an eighth of itself.
const FINE_BELOW: Micros = 500;
const FINE_ERROR: f64 = 0.063;
const COARSE_ERROR: f64 = 0.125;
/// Start of the last bin, which holds all longer times.
const LAST_BIN: Micros = 57_344_000;
const LAST_BIN_ENDS: Micros = 65_536_000;
const ROUNDING: f64 = 0.001;

impl Model {
    /// Returns the number of calls whose outcome matches.
    pub(crate) fn total(&self, is: impl Fn(Outcome) -> bool) -> u64 {
        self.outcomes()
            .filter(|(_, outcome, _)| is(*outcome))
            .count() as u64
    }

    /// Returns the time of the last call whose outcome matches.
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

    /// Returns the number of requests for a permit whose decision matches.
    pub(crate) fn answered(&self, is: fn(Decision) -> bool) -> u64 {
        let answered = self
            .history
            .iter()
            .filter(|event| matches!(event, Event::Requested { decision, .. } if is(*decision)));
        answered.count() as u64
    }

    /// Returns the measured times of the calls that succeeded or failed, shortest first.
    pub(crate) fn response_times(&self) -> Vec<Micros> {
        if !self.options.keeps_response_times() {
            return Vec::new();
        }
        let counted = self
            .outcomes()
            .filter(|(_, outcome, _)| outcome.is_evidence(false));
        let mut times: Vec<_> = counted.filter_map(|(_, _, duration)| duration).collect();
        times.sort_unstable();
        times
    }

    /// Returns the range in which a percentile must lie: the exact value, within the promised error.
    pub(crate) fn percentile(times: &[Micros], share: f64) -> Reading {
        let not_exceeded_by =
            (1..=times.len()).find(|rank| *rank as f64 >= share * times.len() as f64);
        let Some(rank) = not_exceeded_by else {
            return Reading::NONE;
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

    /// Returns each state that callers experienced, with its first instant.
    fn visible_states(&self) -> Vec<(Micros, State)> {
        let mut visible_states = vec![(self.created_at, State::Closed)];
        for event in &self.history {
            if let Event::Moved {
                transition,
                circuit,
                override_,
                ..
            } = event
            {
                visible_states.push((transition.at, override_.visible(circuit.state())));
            }
        }
        visible_states
    }

    /// Returns the number of changes between states that callers experienced.
    pub(crate) fn state_changes(&self) -> u64 {
        let visible_states = self.visible_states();
        let changes = visible_states
            .windows(2)
            .filter(|pair| pair[0].1 != pair[1].1);
        changes.count() as u64
    }

    /// Returns the percentage of the breaker's life in which callers did not experience OPEN.
    pub(crate) fn uptime(&self) -> f64 {
        let mut visible_states = self.visible_states();
        let age = self.now() - self.created_at;
        if age == 0 {
            return if self.state() == State::Open {
                0.0
            } else {
                100.0
            };
        }
        visible_states.push((self.now(), self.state()));
        let stretches = visible_states.windows(2);
        let open: Micros = stretches
            .filter(|stretch| stretch[0].1 == State::Open)
            .map(|stretch| stretch[1].0 - stretch[0].0)
            .sum();
        100.0 * (1.0 - open as f64 / age as f64)
    }
}
