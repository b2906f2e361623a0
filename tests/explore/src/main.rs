//! `npm run explore [-- --depth N] [--configuration NAME] [--bugs]`

use explore::report::{explore_all, heading, tasks, total};
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "npm run explore -- [--depth N] [--configuration NAME] [--bugs]

Explores small breakers as deep as stated, or N operations deep; only those whose name contains NAME.
--bugs plants one bug after the other into a copy of the core and shows that each is found.";

fn main() -> ExitCode {
    match options(std::env::args().skip(1)) {
        Some(options) => explore(&options),
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Options {
    depth: Option<usize>,
    configuration: String,
    bugs: bool,
}

fn options(mut words: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options::default();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--depth" => options.depth = Some(words.next()?.parse().ok()?),
            "--configuration" => options.configuration = words.next()?,
            "--bugs" => options.bugs = true,
            _ => return None,
        }
    }
    Some(options)
}

fn explore(options: &Options) -> ExitCode {
    let begun = Instant::now();
    let tasks = tasks(&options.configuration, |own| options.depth.unwrap_or(own));
    if tasks.is_empty() {
        eprintln!("no configuration is called {}", options.configuration);
        return ExitCode::from(2);
    }
    println!("{}", heading());
    let explorations = explore_all(&tasks);
    println!("{}", total(&explorations, begun.elapsed().as_secs_f64()));
    let is_sound = explorations
        .iter()
        .all(|exploration| exploration.counterexample.is_none());
    ExitCode::from(u8::from(!is_sound))
}
