//! Shows that the invariants find what is wrong: each bug is planted into a copy of the core, and the explorer, built
//! with that copy, has to report it by the invariants that are to notice it.

mod scratch;
mod seeded;

use crate::{invariants, parallel};
use scratch::Scratch;
use seeded::{BUGS, Bug};
use std::collections::BTreeSet;

/// What the explorer reported first, and after how many operations.
#[derive(Default)]
struct Caught {
    by: BTreeSet<String>,
    depth: String,
}

/// Plants one bug after the other, prints what caught it, and says whether each was caught as it should be.
#[must_use]
pub fn are_all_caught() -> bool {
    println!("{}", line("bug", "after", "caught by"));
    let caught = parallel::each(&BUGS, |worker, bug| {
        let found = Scratch::new(worker).and_then(|scratch| scratch.hunt(bug));
        let (is_right, row) = judged(bug, found);
        println!("{row}");
        is_right
    });
    let unproven: Vec<_> = invariants::names()
        .filter(|name| !BUGS.iter().any(|bug| bug.caught_by.contains(name)))
        .collect();
    if !unproven.is_empty() {
        println!(
            "no bug shows that these find anything: {}",
            unproven.join(", ")
        );
    }
    let right = caught.iter().filter(|is_right| **is_right).count();
    println!("{right} of {} bugs caught as they should be", BUGS.len());
    right == BUGS.len() && unproven.is_empty()
}

fn judged(bug: &Bug, found: Result<Caught, String>) -> (bool, String) {
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
