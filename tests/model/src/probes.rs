//! HALF_OPEN: a few probes in flight, each with a deadline, and the verdict over them.

use crate::clock::Micros;
use crate::history::{Answer, CountedIn, Event, Move, Outcome, Reason, after_last};
use crate::model::Model;
use crate::options::Verdict;
use crate::rules::Trip;

impl Model {
    /// The probes in flight, by number, with their deadlines.
    pub(crate) fn probes_in_flight(&self) -> Vec<(usize, Micros)> {
        let mut probes = Vec::new();
        for event in self.since_probes_are_counted() {
            match *event {
                Event::Asked {
                    answer: Answer::AdmittedAsProbe { probe, deadline },
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

    /// The number of the next probe, unless enough are under way.
    pub(crate) fn next_probe(&self) -> Option<usize> {
        let in_flight = self.probes_in_flight().len();
        let still_judged = match self.options.verdict() {
            Verdict::Successes { .. } => usize::MAX,
            Verdict::FailureRate { .. } => self.probes_left(),
        };
        if in_flight >= self.options.probes_at_once().min(still_judged) {
            return None;
        }
        let given = self.since_probes_are_counted().iter().filter(|event| {
            matches!(
                event,
                Event::Asked {
                    answer: Answer::AdmittedAsProbe { .. },
                    ..
                }
            )
        });
        Some(given.count())
    }

    /// Probes of before the last move, or of before a restoration, no longer count.
    fn since_probes_are_counted(&self) -> &[Event] {
        after_last(&self.history, |event| {
            event.is_move() || event.is_restoration()
        })
    }

    /// The probe whose deadline is the earliest.
    pub(crate) fn next_deadline(&self) -> Option<(usize, Micros)> {
        let probes = self.probes_in_flight();
        probes
            .into_iter()
            .min_by_key(|(probe, deadline)| (*deadline, *probe))
    }

    /// A probe may take as long as a call; without a limit on calls, as long as the circuit would stay open.
    pub(crate) fn probe_lifetime(&self) -> Micros {
        self.options
            .call_timeout()
            .unwrap_or_else(|| self.open_time_after(self.failed_recoveries()))
    }

    /// Probes that succeeded since the circuit became half-open.
    #[must_use]
    pub fn probe_successes(&self) -> u64 {
        self.judged(|outcome| outcome == Outcome::Success)
    }

    /// Probes that failed since then; one that has expired has failed.
    #[must_use]
    pub fn probe_failures(&self) -> u64 {
        let since = after_last(&self.history, Event::is_move).iter();
        let expired = since.filter(|event| matches!(event, Event::ProbeExpired { .. }));
        expired.count() as u64 + self.judged(Outcome::failed)
    }

    fn judged(&self, is: fn(Outcome) -> bool) -> u64 {
        let since = after_last(&self.history, Event::is_move).iter();
        let judged = since.filter(|event| {
            matches!(event, Event::Settled { outcome, counted_in: CountedIn::Probes { .. }, .. } if is(*outcome))
        });
        judged.count() as u64
    }

    /// Successes that close the circuit, or probes to be judged.
    pub(crate) fn probes_required(&self) -> u64 {
        match self.options.verdict() {
            Verdict::Successes { required } => required,
            Verdict::FailureRate { calls, .. } => calls,
        }
    }

    fn probes_left(&self) -> usize {
        let judged = self.probe_successes() + self.probe_failures();
        self.probes_required().saturating_sub(judged) as usize
    }

    /// Opens or closes the circuit, if the probes have decided that.
    pub(crate) fn judge_probes(&mut self, failed: Reason, at: Micros) -> Option<Move> {
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
