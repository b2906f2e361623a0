//! After a recovery a ramp admits a growing share of the calls, evenly spread.

use crate::clock::Micros;
use crate::history::{Circuit, Event, Reason, after_last};
use crate::model::Model;
use crate::options::Ramp;

impl Model {
    /// When the present ramp began, if one is under way. Somebody has to look, with no forced order standing, for it to end.
    #[must_use]
    pub fn ramp_began(&self) -> Option<Micros> {
        self.options.ramp()?;
        if self.circuit() != Circuit::Closed {
            return None;
        }
        let ended = |event: &Event| *event == Event::RampEnded || event.moved_for(Reason::Reset);
        let since = after_last(&self.history, ended).iter();
        since.rev().find_map(|event| match event {
            Event::Moved { told, .. } if told.reason == Reason::ProbesSucceeded => Some(told.at),
            _ => None,
        })
    }

    /// When every call is admitted again.
    pub(crate) fn ramp_ends(&self) -> Option<Micros> {
        Some(self.ramp_began()? + self.options.ramp()?.duration)
    }

    /// Ends the ramp that is over by then, if one is under way.
    pub(crate) fn end_ramp(&mut self, at: Micros) {
        if self.ramp_ends().is_some_and(|end| at >= end) {
            self.history.push(Event::RampEnded);
        }
    }

    /// The share of the calls that is admitted at a time: it grows evenly from the first share to all.
    pub(crate) fn ramp_share(&self, at: Micros) -> Option<f64> {
        let Ramp {
            duration,
            initial_share,
        } = self.options.ramp()?;
        let passed = (at - self.ramp_began()?) as f64 / duration as f64;
        Some(initial_share + (1.0 - initial_share) * passed.min(1.0))
    }

    /// Whether the next call is within the share. Each call earns the share of its time, and an admission costs one whole;
    /// the first is given. Restored, it begins with that again.
    pub(crate) fn ramp_admits(&self) -> bool {
        let began =
            |event: &Event| event.moved_for(Reason::ProbesSucceeded) || event.is_restoration();
        let asked = after_last(&self.history, began).iter();
        let asked = asked.filter_map(|event| match event {
            Event::Asked {
                at, in_ramp: true, ..
            } => Some(*at),
            _ => None,
        });
        let mut earned = 1.0;
        let mut admitted = true;
        for at in asked.chain([self.now()]) {
            let Some(share) = self.ramp_share(at) else {
                return true;
            };
            earned += share;
            admitted = earned >= 1.0;
            if admitted {
                earned -= 1.0;
            }
        }
        admitted
    }
}
