//! `npm run explore [-- --depth N] [--configuration NAME] [--bugs]`

use explore::bugs;
use explore::report::{Selection, explore_all, heading, tasks, total};
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "npm run explore [-- [--depth N] [--less N] [--configuration NAME] [--scope SCOPE] [--bugs]]

Explores small breakers, each up to its own depth.
--depth          explores N operations deep instead
--less           explores N operations less deep
--configuration  explores the configuration of this name, or all whose names contain it
--scope          explores only \"calls\", or only \"calls and overrides\"
--bugs           plants one bug after the other into a copy of the core, and checks that the invariants find it";

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let is_sound = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--bugs"] => Some(bugs::are_all_caught()),
        _ => selection(args.into_iter()).map(|selection| explore(&selection)),
    };
    match is_sound {
        Some(is_sound) => ExitCode::from(u8::from(!is_sound)),
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn selection(mut args: impl Iterator<Item = String>) -> Option<Selection> {
    let mut selection = Selection::default();
    while let Some(name) = args.next() {
        let value = args.next()?;
        match name.as_str() {
            "--depth" => selection.depth = Some(value.parse().ok()?),
            "--less" => selection.less = value.parse().ok()?,
            "--configuration" => selection.configuration = value,
            "--scope" => selection.scope = value,
            _ => return None,
        }
    }
    let selects_any = !tasks(&selection).is_empty();
    selects_any.then_some(selection)
}

fn explore(selection: &Selection) -> bool {
    let begun = Instant::now();
    println!("{}", heading());
    let explorations = explore_all(&tasks(selection));
    println!("{}", total(&explorations, begun.elapsed().as_secs_f64()));
    explorations
        .iter()
        .all(|exploration| exploration.counterexample.is_none())
}
