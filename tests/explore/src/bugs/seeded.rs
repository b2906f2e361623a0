//! Bugs to plant into the core, at least one for each invariant: plausible mistakes.

use crate::operation::Scope;

/// A mistake, the exploration that shows it, and the invariants that it violates.
pub struct Bug {
    pub name: &'static str,
    pub edits: &'static [Edit],
    /// Name of the explored configuration.
    pub configuration: &'static str,
    pub scope: Scope,
    /// Exactly the invariants that the first wrong step violates.
    pub caught_by: &'static [&'static str],
}

/// A text that occurs exactly once in a file of the core, and its replacement.
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

pub const BUGS: [Bug; 31] = [
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
        caught_by: &[
            "admissions_follow_from_the_history",
            "probes_stay_within_their_limit",
        ],
    },
    Bug {
        name: "a probe that settles twice frees two slots",
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
        name: "a late probe counts as the next one in its slot",
        edits: &[edit("half_open.rs", "self.next = probe.following();", "")],
        configuration: "one probe, by failure rate",
        scope: Scope::Calls,
        caught_by: &[
            "an_old_permit_changes_totals_only",
            "each_probe_counts_once",
            "probes_stay_within_their_limit",
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
            "the_window_holds_the_recent_calls",
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
        caught_by: &["admissions_follow_from_the_history"],
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
        caught_by: &[
            "admissions_follow_from_the_history",
            "forced_open_admits_nothing",
        ],
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
            "admissions_follow_from_the_history",
            "forced_closed_and_shadow_reject_nothing",
        ],
    },
    Bug {
        name: "a rate rule applies one call too early",
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
        name: "the threshold needs one failure more",
        edits: &[edit(
            "rules.rs",
            "latest.answer == Answer::Failure && counts.failures >= threshold",
            "latest.answer == Answer::Failure && counts.failures > threshold",
        )],
        configuration: "failures in a time window",
        scope: Scope::Calls,
        caught_by: &["no_trip_is_missed"],
    },
    Bug {
        name: "a call is slow a microsecond too late",
        edits: &[edit(
            "rules.rs",
            "duration >= rule.duration",
            "duration > rule.duration",
        )],
        configuration: "slow calls in a count window",
        scope: Scope::Calls,
        caught_by: &["the_window_holds_the_recent_calls"],
    },
    Bug {
        name: "a success does not end a row of failures",
        edits: &[edit(
            "behaviour.rs",
            "Answer::Success => 0,",
            "Answer::Success => self.consecutive_failures,",
        )],
        configuration: "failures in a row",
        scope: Scope::Calls,
        caught_by: &["the_window_holds_the_recent_calls"],
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
        caught_by: &["a_call_is_eventually_admitted"],
    },
    Bug {
        name: "the open time is reset before the recovery succeeded",
        edits: &[edit(
            "transition.rs",
            "self.state = State::HalfOpen(Probing::default());\n        self.moved(",
            "self.state = State::HalfOpen(Probing::default());\n        \
             self.backoff = Backoff::new(&self.config.open_time);\n        self.moved(",
        )],
        configuration: "growing open time",
        scope: Scope::Calls,
        caught_by: &["open_time_ends_on_time"],
    },
    Bug {
        name: "the threshold needs one success more",
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
            "*holders = holders.saturating_add(1);",
            "*holders = (*holders).max(1);",
        )],
        configuration: "failures in a count window",
        scope: Scope::Everything,
        caught_by: &["overrides_apply_at_once"],
    },
    Bug {
        name: "an override has the token of the one that it replaces",
        edits: &[edit(
            "breaker.rs",
            "self.hold = self.hold.next();",
            "self.hold = Hold::from_number(1);",
        )],
        configuration: "failures in a count window",
        scope: Scope::Everything,
        caught_by: &["overrides_apply_at_once"],
    },
    Bug {
        name: "any token releases a forced opening",
        edits: &[edit(
            "breaker.rs",
            "_ if hold != self.hold => None,",
            "Override::ForcedClosed | Override::Shadow if hold != self.hold => None,",
        )],
        configuration: "failures in a count window",
        scope: Scope::Everything,
        caught_by: &["overrides_apply_at_once", "totals_add_up"],
    },
    Bug {
        name: "the open time ends under an override",
        edits: &[edit(
            "overrides.rs",
            "matches!(self, Self::None | Self::Shadow)",
            "!matches!(self, Self::ForcedClosed)",
        )],
        configuration: "one probe",
        scope: Scope::Everything,
        caught_by: &[
            "forced_states_absorb_time",
            "open_time_ends_on_time",
            "totals_add_up",
        ],
    },
    Bug {
        name: "a reset keeps the generation",
        edits: &[edit(
            "transition.rs",
            "self.generation = self.generation.next();",
            "if transition.reason != Reason::Reset {\n            \
             self.generation = self.generation.next();\n        }",
        )],
        configuration: "failures in a count window",
        scope: Scope::Everything,
        caught_by: &["generation_advances_with_each_transition"],
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
        name: "shadow transitions count as visible",
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
        name: "reading does not expire old calls",
        edits: &[edit(
            "reading.rs",
            "self.window.counts_at(self.now)",
            "self.window.counts()",
        )],
        configuration: "failures in a time window",
        scope: Scope::Calls,
        caught_by: &["the_window_holds_the_recent_calls"],
    },
    Bug {
        name: "a reset skips due transitions",
        edits: &[edit(
            "breaker.rs",
            "self.poll_all(now);\n        let from = self.effective_state();",
            "let from = self.effective_state();",
        )],
        configuration: "one probe",
        scope: Scope::Everything,
        caught_by: &[
            "generation_advances_with_each_transition",
            "reading_changes_nothing",
            "totals_add_up",
        ],
    },
    Bug {
        name: "an earlier time is accepted",
        edits: &[edit(
            "breaker.rs",
            "            return self.standing_still();\n",
            "",
        )],
        configuration: "one probe",
        scope: Scope::Calls,
        caught_by: &[
            "an_earlier_time_is_ignored",
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
        caught_by: &[
            "a_restored_breaker_keeps_its_snapshot",
            "the_window_holds_the_recent_calls",
        ],
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
        caught_by: &["a_call_is_eventually_admitted"],
    },
    Bug {
        name: "one unanswered call more than allowed",
        edits: &[edit(
            "groups.rs",
            "if unanswered < limit {",
            "if unanswered <= limit {",
        )],
        configuration: "limited calls in flight",
        scope: Scope::Calls,
        caught_by: &[
            "admissions_follow_from_the_history",
            "each_call_in_flight_counts_once",
            "unanswered_calls_stay_within_their_limit",
        ],
    },
    Bug {
        name: "an overdue call that fails is a second bad sign",
        edits: &[edit("in_flight.rs", "u32::from(!was_overdue)", "1")],
        configuration: "limited calls in flight",
        scope: Scope::Calls,
        caught_by: &["each_call_in_flight_counts_once"],
    },
    Bug {
        name: "an overdue call opens the circuit at the next read",
        edits: &[edit(
            "behaviour.rs",
            "return Some(self.trip(trip, at));",
            "return Some(self.trip(trip, now));",
        )],
        configuration: "overdue calls in flight",
        scope: Scope::Calls,
        caught_by: &["every_trip_is_justified"],
    },
];
