//! Names of the numbers in a snapshot.

pub(crate) const PROGRESS: [&str; 5] = ["ramped", "elapsed", "remaining", "successes", "failures"];
pub(crate) const BACKOFF: [&str; 4] = [
    "holders",
    "consecutiveFailures",
    "failedRecoveries",
    "nextOpenTime",
];
pub(crate) const TIME_WINDOW: [&str; 3] = ["width", "remaining", "idle"];
pub(crate) const COUNT_WINDOW: [&str; 1] = ["size"];
pub(crate) const TOTALS: [&str; 14] = [
    "successes",
    "failures",
    "timeouts",
    "rejected",
    "ignored",
    "shadowRejected",
    "stateChanges",
    "lastSuccessAge",
    "lastFailureAge",
    "measured",
    "responseTime",
    "longest",
    "age",
    "open",
];

/// Fields that contain counts: whole numbers up to 4294967295. The first field has the lowest bit.
pub(crate) const PROGRESS_COUNTS: u32 = 0b11000;
pub(crate) const BACKOFF_COUNTS: u32 = 0b0111;
/// Fields that may have no value.
pub(crate) const NONE: u32 = 0;
pub(crate) const ALL: u32 = u32::MAX;
pub(crate) const NOT_OF_OPEN: u32 = 0b11001;
pub(crate) const NOT_OF_HALF_OPEN: u32 = 0b00111;
pub(crate) const AGES: u32 = 0b1_1000_0000;
