//! Codes of the calls of a count window in a snapshot.

use breaker_core::window::{Answer, Sample};

/// Returns the code of a call: 1 for a failure, 2 for a slow call, 3 for both, 6 for a slow call without an answer.
pub(crate) fn call_code(call: Sample) -> f64 {
    let answer = match call.answer {
        Answer::Success => 0,
        Answer::Failure => 1,
        Answer::Missing => 4,
    };
    f64::from(answer | u8::from(call.slow).wrapping_shl(1))
}

/// Returns the call of a code.
pub(crate) fn call_of(code: f64) -> Sample {
    let code = code as u8;
    Sample {
        answer: match code & 5 {
            0 => Answer::Success,
            1 => Answer::Failure,
            _ => Answer::Missing,
        },
        slow: code & 2 != 0,
    }
}
