//! Window: the recent outcomes that the rules count.

use crate::clock::Micros;
use crate::history::{Circuit, CountedIn, Event, Outcome, after_last};
use crate::model::Model;
use crate::options::Window;

/// One counted outcome.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Micros,
    failed: bool,
    slow: bool,
    /// Whether the caller aborted the call before it had an answer.
    aborted: bool,
}

/// Number of calls of each kind.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Calls that succeeded or failed.
    pub calls: u64,
    pub failures: u64,
    pub slow: u64,
    /// Slow calls that were aborted.
    pub aborted: u64,
}

impl Model {
    /// Returns the calls in the window. Time expires them, but not while the circuit is open: the window then stays
    /// as it was at the opening, or at the last outcome recorded under `forceClosed`.
    #[must_use]
    pub fn window(&self) -> Counts {
        self.window_as_of(match self.circuit() {
            Circuit::Open { since, .. } => {
                let recorded = self.samples().last().map_or(since, |last| last.at);
                since.max(recorded)
            }
            Circuit::Closed | Circuit::HalfOpen => self.now(),
        })
    }

    /// Returns the calls in the window at a time after every recorded outcome.
    pub(crate) fn window_as_of(&self, as_of: Micros) -> Counts {
        let samples = self.samples();
        let held: Vec<_> = match self.options.window() {
            Window::Count { size } => samples.into_iter().rev().take(size as usize).collect(),
            Window::Time { duration, buckets } => {
                let bucket = |time: Micros| (time - self.window_began()) / width(duration, buckets);
                let oldest = bucket(as_of) - buckets + 1;
                let is_held = |sample: &Sample| bucket(sample.at) >= oldest;
                samples.into_iter().filter(is_held).collect()
            }
        };
        let count = |is: fn(&&Sample) -> bool| held.iter().filter(is).count() as u64;
        Counts {
            calls: count(|sample| !sample.aborted),
            failures: count(|sample| sample.failed),
            slow: count(|sample| sample.slow),
            aborted: count(|sample| sample.aborted),
        }
    }

    /// Returns the number of failures since the last success.
    #[must_use]
    pub fn consecutive_failures(&self) -> u64 {
        let samples = self.samples();
        samples
            .iter()
            .rev()
            .filter(|sample| !sample.aborted)
            .take_while(|sample| sample.failed)
            .count() as u64
    }

    /// Returns the time at which the oldest call leaves a time window.
    pub(crate) fn oldest_leaves(&self) -> Option<Micros> {
        let Window::Time { duration, buckets } = self.options.window() else {
            return None;
        };
        let width = width(duration, buckets);
        let leaves = |sample: &Sample| {
            let bucket = (sample.at - self.window_began()) / width;
            self.window_began() + (bucket + buckets) * width
        };
        let mut leave = self.samples().into_iter().map(|sample| leaves(&sample));
        leave.find(|time| *time > self.now())
    }

    /// Returns the time at which the window was last empty. Its buckets are counted from there.
    fn window_began(&self) -> Micros {
        let emptied = self
            .history
            .iter()
            .rev()
            .find(|event| event.empties_the_window());
        match emptied {
            Some(Event::Moved { transition, .. }) => transition.at,
            _ => self.created_at,
        }
    }

    fn samples(&self) -> Vec<Sample> {
        let recorded = after_last(&self.history, Event::empties_the_window).iter();
        let samples = recorded.filter_map(|event| match *event {
            Event::Settled {
                at,
                outcome,
                duration,
                counted_in: CountedIn::Window,
                ..
            } => Some(Sample {
                at,
                failed: outcome.failed(),
                slow: self.is_slow(duration),
                aborted: outcome == Outcome::Aborted,
            }),
            _ => None,
        });
        samples.collect()
    }

    /// Whether a call was slow. A call without a measured duration is not.
    pub(crate) fn is_slow(&self, duration: Option<Micros>) -> bool {
        match (self.options.slow_from(), duration) {
            (Some(from), Some(duration)) => duration >= from,
            _ => false,
        }
    }
}

fn width(duration: Micros, buckets: i64) -> Micros {
    (duration / buckets).max(1)
}
