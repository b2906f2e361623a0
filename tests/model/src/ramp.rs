//! Ramp: after a recovery, a growing share of the calls is admitted, evenly spread.

use crate::clock::Micros;
use crate::history::{Circuit, Event, Reason, after_last};
use crate::model::Model;
use crate::options::Ramp;

impl Model {
    /// Returns the start of the present ramp, if one is in progress. A ramp ends at the first poll after its end
    /// without a forced override.
    #[must_use]
    pub fn ramp_began(&self) -> Option<Micros> {
        self.options.ramp()?;
        if self.circuit() != Circuit::Closed {
            return None;
        }
        let ended =
            |event: &Event| *event == Event::RampEnded || event.is_transition_for(Reason::Reset);
        let since = after_last(&self.history, ended).iter();
        since.rev().find_map(|event| match event {
            Event::Moved { transition, .. } if transition.reason == Reason::ProbesSucceeded => {
                Some(transition.at)
            }
            _ => None,
        })
    }

    /// Returns the time at which every call is admitted again.
    pub(crate) fn ramp_ends(&self) -> Option<Micros> {
        Some(self.ramp_began()? + self.options.ramp()?.duration)
    }

    /// Ends the ramp if it is over at this time.
    pub(crate) fn end_ramp(&mut self, at: Micros) {
        if self.ramp_ends().is_some_and(|end| at >= end) {
            self.history.push(Event::RampEnded);
        }
    }

    /// Returns the share of calls admitted at a time. It grows linearly from the initial share to 1.
    pub(crate) fn ramp_share(&self, at: Micros) -> Option<f64> {
        let Ramp {
            duration,
            initial_share,
        } = self.options.ramp()?;
        let passed = (at - self.ramp_began()?) as f64 / duration as f64;
        Some(initial_share + (1.0 - initial_share) * passed.min(1.0))
    }

    /// Whether the ramp admits the next call. Each request earns the share of its time, and an admission costs 1. The
    /// first admission after a recovery or a restoration is free.
    pub(crate) fn ramp_admits(&self) -> bool {
        let began = |event: &Event| {
            event.is_transition_for(Reason::ProbesSucceeded) || event.is_restoration()
        };
        let asked = after_last(&self.history, began).iter();
        let asked = asked.filter_map(|event| match event {
            Event::Requested {
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
