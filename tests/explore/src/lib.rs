//! Model checker of the core: explores every sequence of calls, outcomes, overrides and clock steps up to a depth on
//! small breakers, and checks each step against an independent history.
//!
//! [`configuration`] lists the breakers, [`operation`] the operations on one. [`history`] is the auxiliary state,
//! [`step`] runs one operation on both. [`invariants`] checks the result. [`search`] is the breadth-first search,
//! [`fingerprint`] identifies equal states.

pub mod bugs;
pub mod case;
pub mod configuration;
pub mod fingerprint;
pub mod history;
pub mod invariants;
pub mod operation;
pub mod parallel;
pub mod report;
pub mod search;
pub mod step;
