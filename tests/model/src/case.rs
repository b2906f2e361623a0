//! Test cases in their JSON form: options, and a list of steps. The form is that of `tests/vectors`, described in its
//! README. The model ignores the expectations of a vector.

use crate::options::Options;
use serde::{Deserialize, Serialize};

/// One test case: a breaker, and the steps that run against it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    /// Time on the clock at construction, in milliseconds; 0 by default.
    #[serde(default, with = "coded", skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    pub options: Options,
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// One step of a case, and the time on the clock when it runs.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    #[serde(default, with = "coded", skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    #[serde(rename = "do")]
    pub act: Act,
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<WrittenOutcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_for: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<f64>,
    #[serde(default, with = "coded", skip_serializing_if = "Option::is_none")]
    pub restore_at: Option<f64>,
    /// New options, or those of the restored breaker if they differ. Only vectors use this.
    #[serde(skip_serializing)]
    pub options: Option<Options>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Thresholds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    #[serde(skip_serializing)]
    pub problems: Option<serde_json::Value>,
    #[serde(skip_serializing)]
    pub rejected: Option<serde_json::Value>,
    #[serde(skip_serializing)]
    pub expect: Option<serde_json::Value>,
}

/// Thresholds of a `retune` step. An omitted threshold returns to its initial value.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Thresholds {
    #[serde(with = "coded", skip_serializing_if = "Option::is_none")]
    pub failure_threshold: Option<f64>,
    #[serde(with = "coded", skip_serializing_if = "Option::is_none")]
    pub consecutive_failure_threshold: Option<f64>,
    #[serde(with = "coded", skip_serializing_if = "Option::is_none")]
    pub failure_rate_threshold: Option<f64>,
    #[serde(with = "coded", skip_serializing_if = "Option::is_none")]
    pub slow_call_rate_threshold: Option<f64>,
    #[serde(with = "coded", skip_serializing_if = "Option::is_none")]
    pub minimum_calls: Option<f64>,
}

/// Kind of a step.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Act {
    Admit,
    Settle,
    Call,
    Poll,
    #[default]
    Look,
    ForceOpen,
    Release,
    ForceClosed,
    Shadow,
    ReleaseOverride,
    Reset,
    Retune,
    Reconfigure,
    Open,
    OpenEarly,
    Restore,
}

/// Outcome of a call, by its name in JSON.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum WrittenOutcome {
    Success,
    Failure,
    Ignored,
    Timeout,
    Withdrawn,
    Aborted,
    Deadline,
}

/// Encoding of NaN and infinity, which JSON lacks: as text, such as `"$NaN"`.
pub mod coded {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize, Serialize)]
    #[serde(untagged)]
    enum Coded {
        Number(f64),
        Text(String),
    }

    /// Writes a number.
    ///
    /// # Errors
    /// Errors of the serializer.
    pub fn serialize<S: Serializer>(
        number: &Option<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        number.map(encode).serialize(serializer)
    }

    fn encode(number: f64) -> Coded {
        match number {
            _ if number.is_nan() => Coded::Text("$NaN".into()),
            f64::INFINITY => Coded::Text("$Infinity".into()),
            f64::NEG_INFINITY => Coded::Text("$-Infinity".into()),
            _ => Coded::Number(number),
        }
    }

    /// Reads a number.
    ///
    /// # Errors
    /// The text names no number.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        match Coded::deserialize(deserializer)? {
            Coded::Number(number) => Ok(Some(number)),
            Coded::Text(text) => text
                .strip_prefix('$')
                .and_then(|number| number.parse().ok())
                .map(Some)
                .ok_or_else(|| D::Error::custom(format!("{text} is no number"))),
        }
    }
}
