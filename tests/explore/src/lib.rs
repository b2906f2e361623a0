//! Takes small breakers through every order of calls, results, orders and clock steps up to a depth, and holds each
//! step against a history that the explorer keeps by itself.
//!
//! [`configuration`] lists the breakers, [`operation`] what can be done to one, [`ghost`] is the history, [`step`] does
//! one operation on both, [`invariants`] says what must hold, [`search`] goes everywhere, [`memory`] tells which
//! places are the same.

pub mod bugs;
pub mod case;
pub mod configuration;
pub mod ghost;
pub mod invariants;
pub mod memory;
pub mod operation;
pub mod parallel;
pub mod report;
pub mod search;
pub mod step;
