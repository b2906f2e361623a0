//! `npm run explore [-- --depth N] [--configuration NAME] [--bugs]`

use explore::bugs;
use explore::report::{Choice, explore_all, heading, tasks, total};
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "npm run explore [-- [--depth N] [--less N] [--configuration NAME] [--what WHAT] [--bugs]]

Explores small breakers up to a depth that each of them states, or to N operations, or to N less than stated.
--configuration  only the one of this name, or those whose names contain it
--what           only \"calls\", or only \"calls and orders\"
--bugs           plants one bug after the other into a copy of the core and shows that each is found";

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let is_sound = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--bugs"] => Some(bugs::are_all_caught()),
        _ => choice(words.into_iter()).map(|choice| explore(&choice)),
    };
    match is_sound {
        Some(is_sound) => ExitCode::from(u8::from(!is_sound)),
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn choice(mut words: impl Iterator<Item = String>) -> Option<Choice> {
    let mut choice = Choice::default();
    while let Some(word) = words.next() {
        let value = words.next()?;
        match word.as_str() {
            "--depth" => choice.depth = Some(value.parse().ok()?),
            "--less" => choice.less = value.parse().ok()?,
            "--configuration" => choice.configuration = value,
            "--what" => choice.what = value,
            _ => return None,
        }
    }
    let is_something = !tasks(&choice).is_empty();
    is_something.then_some(choice)
}

fn explore(choice: &Choice) -> bool {
    let begun = Instant::now();
    println!("{}", heading());
    let explorations = explore_all(&tasks(choice));
    println!("{}", total(&explorations, begun.elapsed().as_secs_f64()));
    explorations
        .iter()
        .all(|exploration| exploration.counterexample.is_none())
}
