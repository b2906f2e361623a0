//! Bugs to be planted into the core, at least one for each invariant: mistakes that somebody could make.

use crate::operation::Scope;

/// A mistake, where it shows, and what has to notice.
pub struct Bug {
    pub name: &'static str,
    pub edits: &'static [Edit],
    /// The configuration that is explored.
    pub configuration: &'static str,
    pub scope: Scope,
    /// The invariants that the first wrong step violates: these and no others.
    pub caught_by: &'static [&'static str],
}

/// A text that must stand exactly once in a file of the core, and what is put in its place.
pub struct Edit {
    pub file: &'static str,
    pub search: &'static str,
    pub replacement: &'static str,
}

const fn edit(file: &'static str, search: &'static str, replacement: &'static str) -> Edit {
    Edit {
        file,
        search,
        replacement,
    }
}

pub const BUGS: [Bug; 29] = [
    Bug {
        name: "one probe more than allowed",
        edits: &[
            edit(
                "breaker.rs",
                "ProbeSlots::new(config.probes.max_concurrent)",
                "ProbeSlots::new(config.probes.max_concurrent.saturating_add(1))",
            ),
            edit(
                "behaviour.rs",
                "in_flight < self.config.probes.max_concurrent",
                "in_flight <= self.config.probes.max_concurrent",
            ),
        ],
        configuration: "one probe",
        scope: Scope::Calls,
        caught_by: &["admits_whom_it_should", "never_more_probes_than_allowed"],
    },
    Bug {
        name: "a probe that is given back twice frees two slots",
        edits: &[edit(
            "half_open.rs",
            ".find(|slot| slot.probe == probe && !slot.is_free());",
            ".find(|slot| slot.probe == probe);",
        )],
        configuration: "two probes",
        scope: Scope::Calls,
        caught_by: &["an_old_permit_changes_totals_only", "recovery_is_justified"],
    },
    Bug {
        name: "a late probe is taken for the next in its slot",
        edits: &[edit("half_open.rs", "self.next = probe.following();", "")],
        configuration: "one probe, judged by rate",
        scope: Scope::Calls,
        caught_by: &[
            "an_old_permit_changes_totals_only",
            "each_probe_counts_once",
            "never_more_probes_than_allowed",
        ],
    },
    Bug {
        name: "an ignored probe counts as a success",
        edits: &[edit(
            "behaviour.rs",
            "Outcome::Success => Probing {",
            "Outcome::Success | Outcome::Ignored => Probing {",
        )],
        configuration: "one probe",
        scope: Scope::Calls,
        caught_by: &["each_probe_counts_once"],
    },
    Bug {
        name: "a timeout counts as two",
        edits: &[edit(
            "lifetime.rs",
            ".wrapping_add(u64::from(outcome == Outcome::Timeout));",
            ".wrapping_add(u64::from(outcome == Outcome::Timeout) * 2);",
        )],
        configuration: "failures in a count window",
        scope: Scope::Calls,
        caught_by: &["each_call_counts_once"],
    },
    Bug {
        name: "a call of an older generation counts",
        edits: &[edit(
            "behaviour.rs",
            "if permit.generation() != self.generation {",
            "if permit.generation().number() > self.generation.number() {",
        )],
        configuration: "failures in a row",
        scope: Scope::Everything,
        caught_by: &[
            "an_old_permit_changes_totals_only",
            "the_window_holds_what_is_recent",
        ],
    },
    Bug {
        name: "the ramp admits its first call late",
        edits: &[edit(
            "ramp.rs",
            "progress.credit >= 1.0",
            "progress.credit > 1.25",
        )],
        configuration: "ramp",
        scope: Scope::Calls,
        caught_by: &["admits_whom_it_should"],
    },
    Bug {
        name: "a closed circuit keeps its pass when it is forced open",
        edits: &[edit(
            "transition.rs",
            "(Override::None, State::Closed { ramp: None }, None) =>",
            "(_, State::Closed { ramp: None }, None) =>",
        )],
        configuration: "failures in a count window",
        scope: Scope::Everything,
        caught_by: &["admits_whom_it_should", "forced_open_admits_nothing"],
    },
    Bug {
        name: "shadow rejects",
        edits: &[edit(
            "behaviour.rs",
            "(Admission::Rejected { .. }, Override::Shadow) => {",
            "(Admission::Rejected { .. }, Override::ForcedClosed) => {",
        )],
        configuration: "one probe",
        scope: Scope::Everything,
        caught_by: &[
            "admits_whom_it_should",
            "forced_closed_and_shadow_reject_nothing",
        ],
    },
    Bug {
        name: "a rate is looked at one call too early",
        edits: &[edit(
            "rules.rs",
            "counts.calls() >= self.minimum_calls && counts.failure_rate()",
            "counts.calls() >= self.minimum_calls / 2 && counts.failure_rate()",
        )],
        configuration: "failure rate in a time window",
        scope: Scope::Calls,
        caught_by: &["every_trip_is_justified"],
    },
    Bug {
        name: "one failure more than the threshold is needed",
        edits: &[edit(
            "rules.rs",
            "latest.failed && counts.failures >= threshold",
            "latest.failed && counts.failures > threshold",
        )],
        configuration: "failures in a time window",
        scope: Scope::Calls,
        caught_by: &["no_trip_is_missed"],
    },
    Bug {
        name: "a slow call is slow a microsecond late",
        edits: &[edit(
            "rules.rs",
            "duration >= rule.duration",
            "duration > rule.duration",
        )],
        configuration: "slow calls in a count window",
        scope: Scope::Calls,
        caught_by: &["the_window_holds_what_is_recent"],
    },
    Bug {
        name: "a success does not end a row of failures",
        edits: &[edit(
            "behaviour.rs",
            "        } else {\n            0\n        };",
            "        } else {\n            self.consecutive_failures\n        };",
        )],
        configuration: "failures in a row",
        scope: Scope::Calls,
        caught_by: &["the_window_holds_what_is_recent"],
    },
    Bug {
        name: "the open time ends a microsecond late",
        edits: &[edit(
            "breaker.rs",
            "(now >= until).then(",
            "(now > until).then(",
        )],
        configuration: "one probe",
        scope: Scope::Calls,
        caught_by: &["a_call_is_admitted_in_the_end"],
    },
    Bug {
        name: "the open time starts anew before the recovery succeeded",
        edits: &[edit(
            "transition.rs",
            "self.state = State::HalfOpen(Probing::default());\n        self.moved(",
            "self.state = State::HalfOpen(Probing::default());\n        \
             self.backoff = Backoff::new(&self.config.open_time);\n        self.moved(",
        )],
        configuration: "growing open time",
        scope: Scope::Calls,
        caught_by: &["open_ends_when_it_should"],
    },
    Bug {
        name: "one success more than the threshold is needed",
        edits: &[edit(
            "half_open.rs",
            "probing.successes >= required",
            "probing.successes > required",
        )],
        configuration: "one probe",
        scope: Scope::Calls,
        caught_by: &["recovery_is_justified"],
    },
    Bug {
        name: "a second holder of a forced open circuit is not counted",
        edits: &[edit(
            "breaker.rs",
            "holders: holders.saturating_add(more),",
            "holders: holders.max(more),",
        )],
        configuration: "failures in a count window",
        scope: Scope::Everything,
        caught_by: &["orders_move_as_they_should"],
    },
    Bug {
        name: "the open time ends under an order",
        edits: &[edit(
            "overrides.rs",
            "matches!(self, Self::None | Self::Shadow)",
            "!matches!(self, Self::ForcedClosed)",
        )],
        configuration: "one probe",
        scope: Scope::Everything,
        caught_by: &[
            "forced_states_absorb_time",
            "open_ends_when_it_should",
            "totals_add_up",
        ],
    },
    Bug {
        name: "a reset stays in its generation",
        edits: &[edit(
            "transition.rs",
            "self.generation = self.generation.next();",
            "if transition.reason != Reason::Reset {\n            \
             self.generation = self.generation.next();\n        }",
        )],
        configuration: "failures in a count window",
        scope: Scope::Everything,
        caught_by: &["generation_moves_with_each_move"],
    },
    Bug {
        name: "a rejection is not counted",
        edits: &[edit(
            "behaviour.rs",
            "self.lifetime.totals.rejected = self.lifetime.totals.rejected.saturating_add(1);",
            "",
        )],
        configuration: "one probe",
        scope: Scope::Calls,
        caught_by: &["totals_add_up"],
    },
    Bug {
        name: "callers are said to experience what only shadow does",
        edits: &[edit(
            "transition.rs",
            "self.override_ != Override::Shadow || transition.reason == Reason::Override",
            "self.override_ != Override::ForcedClosed || transition.reason == Reason::Override",
        )],
        configuration: "failures in a count window",
        scope: Scope::Everything,
        caught_by: &["totals_add_up"],
    },
    Bug {
        name: "reading does not drop what is too old",
        edits: &[edit(
            "reading.rs",
            "self.window.counts_at(self.now)",
            "self.window.counts()",
        )],
        configuration: "failures in a time window",
        scope: Scope::Calls,
        caught_by: &["the_window_holds_what_is_recent"],
    },
    Bug {
        name: "a reset does not look first at what time has made due",
        edits: &[edit(
            "breaker.rs",
            "self.poll_all(now);\n        let from = self.effective_state();",
            "let from = self.effective_state();",
        )],
        configuration: "one probe",
        scope: Scope::Everything,
        caught_by: &[
            "generation_moves_with_each_move",
            "reading_changes_nothing",
            "totals_add_up",
        ],
    },
    Bug {
        name: "a clock that goes back is believed",
        edits: &[edit(
            "breaker.rs",
            "            return self.standing_still();\n",
            "",
        )],
        configuration: "one probe",
        scope: Scope::Calls,
        caught_by: &[
            "a_clock_that_goes_back_stands_still",
            "every_trip_is_justified",
            "totals_add_up",
        ],
    },
    Bug {
        name: "a restored breaker forgets its failures in a row",
        edits: &[edit(
            "snapshot.rs",
            "breaker.consecutive_failures = snapshot.consecutive_failures;",
            "",
        )],
        configuration: "failures in a row",
        scope: Scope::Everything,
        caught_by: &["a_snapshot_goes_on", "the_window_holds_what_is_recent"],
    },
    Bug {
        name: "a hung probe holds the circuit half-open",
        edits: &[edit(
            "breaker.rs",
            "State::HalfOpen(probing) => self.expire_probes(probing, now),",
            "State::HalfOpen(_) => None,",
        )],
        configuration: "one probe",
        scope: Scope::Calls,
        caught_by: &["a_call_is_admitted_in_the_end"],
    },
    Bug {
        name: "one call more than allowed without an answer",
        edits: &[edit(
            "groups.rs",
            "if unanswered < limit {",
            "if unanswered <= limit {",
        )],
        configuration: "limited calls under way",
        scope: Scope::Calls,
        caught_by: &[
            "admits_whom_it_should",
            "each_call_under_way_counts_once",
            "never_more_unanswered_than_allowed",
        ],
    },
    Bug {
        name: "an overdue call that ends badly is a bad sign again",
        edits: &[edit("in_flight.rs", "u32::from(!was_overdue)", "1")],
        configuration: "limited calls under way",
        scope: Scope::Calls,
        caught_by: &["each_call_under_way_counts_once"],
    },
    Bug {
        name: "an overdue call opens the circuit when somebody looks",
        edits: &[edit(
            "behaviour.rs",
            "return Some(self.trip(trip, at));",
            "return Some(self.trip(trip, now));",
        )],
        configuration: "overdue calls under way",
        scope: Scope::Calls,
        caught_by: &["every_trip_is_justified"],
    },
];
