//! Test of the invariants: each bug is planted into a copy of the core. The explorer, built with that copy, must
//! report exactly the invariants that the bug violates.

mod scratch;
mod seeded;

use crate::{invariants, parallel};
use scratch::Scratch;
use seeded::{BUGS, Bug};
use std::collections::BTreeSet;

/// Invariants that the explorer reported first, and the length of the path.
#[derive(Default)]
struct Caught {
    by: BTreeSet<String>,
    depth: String,
}

/// Plants one bug after the other and prints the invariants that caught it. Returns whether each was caught as
/// expected.
#[must_use]
pub fn are_all_caught() -> bool {
    println!("{}", line("bug", "after", "caught by"));
    let caught = parallel::each(&BUGS, |worker, bug| {
        let found = Scratch::new(worker).and_then(|scratch| scratch.detect(bug));
        let (as_expected, row) = evaluate(bug, found);
        println!("{row}");
        as_expected
    });
    let unproven: Vec<_> = invariants::names()
        .filter(|name| !BUGS.iter().any(|bug| bug.caught_by.contains(name)))
        .collect();
    if !unproven.is_empty() {
        println!("no bug violates these invariants: {}", unproven.join(", "));
    }
    let right = caught.iter().filter(|as_expected| **as_expected).count();
    println!("{right} of {} bugs caught as expected", BUGS.len());
    right == BUGS.len() && unproven.is_empty()
}

fn evaluate(bug: &Bug, found: Result<Caught, String>) -> (bool, String) {
    let expected: BTreeSet<String> = bug.caught_by.iter().map(|&name| name.to_owned()).collect();
    let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
    match found {
        Ok(caught) if caught.by == expected && !expected.is_empty() => {
            (true, line(bug.name, &caught.depth, &list(&caught.by)))
        }
        Ok(caught) => {
            let not = format!("{} and NOT {}", list(&caught.by), list(&expected));
            (false, line(bug.name, &caught.depth, &not))
        }
        Err(error) => (false, line(bug.name, "", &format!("FAILED: {error}"))),
    }
}

fn line(bug: &str, depth: &str, caught: &str) -> String {
    format!("{bug:<56}  {depth:>5}  {caught}")
}
