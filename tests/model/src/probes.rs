//! HALF_OPEN: a limited number of probes in flight, each with a deadline, and the verdict over them.

use crate::clock::Micros;
use crate::history::{CountedIn, Decision, Event, Outcome, Reason, Transition, after_last};
use crate::model::Model;
use crate::options::Verdict;
use crate::rules::Trip;

impl Model {
    /// Returns the numbers and deadlines of the probes in flight.
    pub(crate) fn probes_in_flight(&self) -> Vec<(usize, Micros)> {
        let mut probes = Vec::new();
        for event in self.since_probes_are_counted() {
            match *event {
                Event::Requested {
                    decision: Decision::AdmittedAsProbe { probe, deadline },
                    ..
                } => probes.push((probe, deadline)),
                Event::ProbeExpired { probe }
                | Event::Settled {
                    counted_in: CountedIn::Probes { probe },
                    ..
                } => {
                    probes.retain(|(held, _)| *held != probe);
                }
                _ => {}
            }
        }
        probes
    }

    pub(crate) fn is_in_flight(&self, probe: usize) -> bool {
        let probes = self.probes_in_flight();
        probes.iter().any(|(held, _)| *held == probe)
    }

    /// Returns the number of the next probe, unless enough probes are in flight.
    pub(crate) fn next_probe(&self) -> Option<usize> {
        let in_flight = self.probes_in_flight().len();
        let still_needed = match self.options.verdict() {
            Verdict::Successes { .. } => usize::MAX,
            Verdict::FailureRate { .. } => self.probes_left(),
        };
        if in_flight >= self.options.probes_at_once().min(still_needed) {
            return None;
        }
        let issued = self.since_probes_are_counted().iter().filter(|event| {
            matches!(
                event,
                Event::Requested {
                    decision: Decision::AdmittedAsProbe { .. },
                    ..
                }
            )
        });
        Some(issued.count())
    }

    /// Returns the events after the last transition or restoration. Older probes no longer count.
    fn since_probes_are_counted(&self) -> &[Event] {
        after_last(&self.history, |event| {
            event.is_transition() || event.is_restoration()
        })
    }

    /// Returns the probe with the earliest deadline.
    pub(crate) fn next_deadline(&self) -> Option<(usize, Micros)> {
        let probes = self.probes_in_flight();
        probes
            .into_iter()
            .min_by_key(|(probe, deadline)| (*deadline, *probe))
    }

    /// Returns the time until a probe expires: the timeout of a call, or the present open time if calls have none.
    pub(crate) fn probe_lifetime(&self) -> Micros {
        self.options
            .call_timeout()
            .unwrap_or_else(|| self.open_time_after(self.failed_recoveries()))
    }

    /// Returns the number of probes that succeeded since the circuit became half-open.
    #[must_use]
    pub fn probe_successes(&self) -> u64 {
        self.settled_probes(|outcome| outcome == Outcome::Success)
    }

    /// Returns the number of probes that failed or expired since then.
    #[must_use]
    pub fn probe_failures(&self) -> u64 {
        let since = after_last(&self.history, Event::is_transition).iter();
        let expired = since.filter(|event| matches!(event, Event::ProbeExpired { .. }));
        expired.count() as u64 + self.settled_probes(Outcome::failed)
    }

    fn settled_probes(&self, is: fn(Outcome) -> bool) -> u64 {
        let since = after_last(&self.history, Event::is_transition).iter();
        let settled_probes = since.filter(|event| {
            matches!(event, Event::Settled { outcome, counted_in: CountedIn::Probes { .. }, .. } if is(*outcome))
        });
        settled_probes.count() as u64
    }

    /// Returns the number of successes that close the circuit, or of probes that the verdict needs.
    pub(crate) fn probes_required(&self) -> u64 {
        match self.options.verdict() {
            Verdict::Successes { required } => required,
            Verdict::FailureRate { calls, .. } => calls,
        }
    }

    fn probes_left(&self) -> usize {
        let settled_probes = self.probe_successes() + self.probe_failures();
        self.probes_required().saturating_sub(settled_probes) as usize
    }

    /// Opens or closes the circuit, if the probes have decided it.
    pub(crate) fn evaluate_probes(&mut self, failed: Reason, at: Micros) -> Option<Transition> {
        let (successes, failures) = (self.probe_successes(), self.probe_failures());
        match self.options.verdict() {
            Verdict::Successes { .. } if failures > 0 => {
                let trip = Trip {
                    reason: failed,
                    observed: failures as f64,
                    threshold: 1.0,
                };
                Some(self.trip(trip, at))
            }
            Verdict::Successes { required } => (successes >= required).then(|| self.close(at)),
            Verdict::FailureRate { calls, threshold } => {
                let left = self.probes_left() as u64;
                let rate_if = |failures: u64| failures as f64 / calls as f64;
                let if_all_others_succeed = rate_if(failures);
                let if_all_others_fail = rate_if(failures + left);
                if if_all_others_succeed >= threshold {
                    let trip = Trip {
                        reason: Reason::ProbeFailureRate,
                        observed: if_all_others_succeed,
                        threshold,
                    };
                    return Some(self.trip(trip, at));
                }
                (if_all_others_fail < threshold).then(|| self.close(at))
            }
        }
    }
}
