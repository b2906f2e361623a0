//! Numeric codes that cross to JavaScript. `cargo run -p xtask -- codes` generates them in TypeScript.

use breaker_core::state::Reason;
use breaker_core::{
    Admission, Breaker, CircuitState, Generation, Instant, Outcome, Override, Permit, Rejection,
    Span,
};

/// States of a circuit.
pub const STATE: &[(&str, i32)] = &[("CLOSED", 0), ("OPEN", 1), ("HALF_OPEN", 2)];

/// Overrides that an operator can set.
pub const OVERRIDE: &[(&str, i32)] = &[
    ("NONE", 0),
    ("FORCED_OPEN", 1),
    ("FORCED_CLOSED", 2),
    ("SHADOW", 3),
];

/// Outcomes of a call.
pub const OUTCOME: &[(&str, i32)] = &[
    ("SUCCESS", 0),
    ("FAILURE", 1),
    ("IGNORED", 2),
    ("TIMEOUT", 3),
    ("WITHDRAWN", 4),
    ("ABORTED", 5),
    ("DEADLINE", 6),
];

/// Reasons of a rejection.
pub const REJECTED: &[(&str, i32)] = &[
    ("OPEN", -1),
    ("HALF_OPEN_FULL", -2),
    ("FORCED_OPEN", -3),
    ("RECOVERING", -4),
    ("IN_FLIGHT_LIMIT", -5),
];

/// Reasons of a transition.
pub const REASON: &[(&str, i32)] = &[
    ("NONE", 0),
    ("FAILURE_THRESHOLD", 1),
    ("CONSECUTIVE_FAILURES", 2),
    ("FAILURE_RATE", 3),
    ("SLOW_CALL_RATE", 4),
    ("OPEN_FOR", 5),
    ("PROBE_FAILED", 6),
    ("PROBE_EXPIRED", 7),
    ("PROBE_FAILURE_RATE", 8),
    ("OPEN_TIME_ELAPSED", 9),
    ("PROBES_SUCCEEDED", 10),
    ("RESET", 11),
    ("OVERRIDE", 12),
    ("RESTORED", 13),
    ("PREDICTED", 14),
    ("MANUAL", 15),
    ("UPDATED", 16),
];

/// Layout of the state word: `generation << 5 | gated << 4 | override << 2 | state`.
pub const WORD: &[(&str, i32)] = &[
    ("STATE_MASK", 0b11),
    ("OVERRIDE_SHIFT", 2),
    ("OVERRIDE_MASK", 0b11),
    ("GATED", 0b1_0000),
    ("ASK_MASK", 0b1_1111),
    ("GENERATION_SHIFT", GENERATION_SHIFT as i32),
    ("GENERATION_UNIT", GENERATION_UNIT as i32),
];

/// State word of an unknown handle.
pub const NO_BREAKER: i32 = -1;

const GENERATION_SHIFT: u32 = 5;
const _: () = assert!(
    Generation::BITS + GENERATION_SHIFT < i32::BITS,
    "a word is a small positive number"
);
const OVERRIDE_SHIFT: u32 = 2;
const GATED: u32 = 0b1_0000;
/// Factor of the generation in a permit: `generation × 65536 + slot`, where `slot` is 0 for none. See [`Permit`].
const GENERATION_UNIT: u64 = 65_536;

/// Returns the state word. TypeScript keeps a copy, and admits calls by it without a call of the engine.
#[must_use]
pub fn word(breaker: &Breaker) -> i32 {
    let gated = if breaker.is_gated() { GATED } else { 0 };
    let override_ = override_code(breaker.standing_override())
        .cast_unsigned()
        .wrapping_shl(OVERRIDE_SHIFT);
    let generation = breaker.generation().number().wrapping_shl(GENERATION_SHIFT);
    (generation | gated | override_ | state_code(breaker.underlying_state()).cast_unsigned())
        .cast_signed()
}

/// See [`STATE`].
#[must_use]
pub fn state_code(state: CircuitState) -> i32 {
    match state {
        CircuitState::Closed => 0,
        CircuitState::Open => 1,
        CircuitState::HalfOpen => 2,
    }
}

/// See [`OVERRIDE`].
#[must_use]
pub fn override_code(override_: Override) -> i32 {
    match override_ {
        Override::None => 0,
        Override::ForcedOpen { .. } => 1,
        Override::ForcedClosed => 2,
        Override::Shadow => 3,
    }
}

/// Returns the override of a code (see [`OVERRIDE`]). An unknown code is no override.
#[must_use]
pub fn override_of(code: u32) -> Override {
    match code {
        1 => Override::ForcedOpen { holders: 1 },
        2 => Override::ForcedClosed,
        3 => Override::Shadow,
        _ => Override::None,
    }
}

/// Returns the outcome of a code (see [`OUTCOME`]). An unknown code is a failure, so that an error never looks
/// healthy.
#[must_use]
pub fn outcome_of(code: u32) -> Outcome {
    match code {
        0 => Outcome::Success,
        2 => Outcome::Ignored,
        3 => Outcome::Timeout,
        4 => Outcome::Withdrawn,
        5 => Outcome::Aborted,
        6 => Outcome::Deadline,
        _ => Outcome::Failure,
    }
}

/// See [`REASON`].
#[must_use]
pub fn reason_code(reason: Reason) -> i32 {
    match reason {
        Reason::None => 0,
        Reason::FailureThreshold => 1,
        Reason::ConsecutiveFailures => 2,
        Reason::FailureRate => 3,
        Reason::SlowCallRate => 4,
        Reason::OpenFor => 5,
        Reason::ProbeFailed => 6,
        Reason::ProbeExpired => 7,
        Reason::ProbeFailureRate => 8,
        Reason::OpenTimeElapsed => 9,
        Reason::ProbesSucceeded => 10,
        Reason::Reset => 11,
        Reason::Override => 12,
        Reason::Restored => 13,
        Reason::Predicted => 14,
        Reason::Manual => 15,
        Reason::Updated => 16,
    }
}

/// Returns a permit as a number of at least 0, or the code of a rejection (see [`REJECTED`]).
#[must_use]
pub fn admission_code(admission: Admission) -> f64 {
    match admission {
        Admission::Admitted(permit) => permit.number() as f64,
        Admission::Rejected { rejection, .. } => match rejection {
            Rejection::Open => -1.0,
            Rejection::HalfOpenFull => -2.0,
            Rejection::ForcedOpen => -3.0,
            Rejection::Recovering => -4.0,
            Rejection::InFlightLimit => -5.0,
        },
    }
}

/// Returns the permit with this number.
#[must_use]
pub fn permit_of(number: f64) -> Permit {
    Permit::from_number(number as u64)
}

/// Converts a time of JavaScript's clock.
#[must_use]
pub fn instant_of(now: f64) -> Instant {
    Instant::from_millis(now)
}

/// Converts a duration measured by JavaScript. NaN and negative numbers mean that it was not measured.
#[must_use]
pub fn duration_of(millis: f64) -> Option<Span> {
    (millis >= 0.0).then(|| Span::from_millis(millis))
}
