//! Says what the model expects: a line of JSON in, a line of JSON out.
//!
//! The first line out names the readings. Each line in is a program as generators write it, or a case; the line out is
//! the case, and for each action on the way what was told, the state word, and the readings that are others than before.
//! A reading is a number, `null` for nothing, or the least and the most that it may be.

#![allow(missing_docs, reason = "a binary has no users of its documentation")]

use breaker_model::readings::{Reading, Readings};
use breaker_model::walk::{Told, Walk};
use breaker_model::{Case, Model, Program};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};

#[derive(Deserialize)]
#[serde(untagged)]
enum Asked {
    Program(Program),
    Case(Case),
}

#[derive(Serialize)]
struct Expected {
    case: Case,
    actions: Vec<After>,
}

/// How things stand after an action, when all that time has made due has been done.
#[derive(Serialize)]
struct After {
    /// A permit, or the code of a rejection, where a permit was asked for.
    admission: Option<f64>,
    word: i32,
    /// The readings that changed, by their places.
    changed: Vec<(usize, Written)>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Text(&'static str),
    Range([f64; 2]),
    Nothing,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = stdout().lock();
    let nobody = Model::new(breaker_model::Options::default(), 0.0);
    let names: Vec<_> = readings(&nobody)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    writeln!(out, "{}", serde_json::to_string(&names)?)?;
    out.flush()?;
    for line in stdin().lock().lines() {
        let case = match serde_json::from_str(&line?)? {
            Asked::Program(program) => program.case(),
            Asked::Case(case) => case,
        };
        writeln!(out, "{}", serde_json::to_string(&expect(case))?)?;
        out.flush()?;
    }
    Ok(())
}

fn expect(case: Case) -> Expected {
    let mut model = Model::new(case.options.clone(), case.at.unwrap_or(0.0));
    let mut walk = Walk::starting(case.at);
    let mut actions = Vec::new();
    let mut before = Vec::new();
    for step in &case.steps {
        walk.step(step, |action, shown| {
            let told = model.act(action, shown);
            let word = model.word();
            model.poll_all(f64::NAN);
            let now = readings(&model);
            actions.push(After {
                admission: admission(told),
                word,
                changed: changed(&before, &now),
            });
            before = now;
            told
        });
    }
    Expected { case, actions }
}

fn admission(told: Told) -> Option<f64> {
    match told {
        Told::Admitted { permit } => Some(permit as f64),
        Told::Rejected { rejection, .. } => Some(f64::from(rejection as i32)),
        Told::Moved(_) | Told::Retuned(_) | Told::Nothing => None,
    }
}

fn readings(model: &Model) -> Readings {
    [model.stats(), model.explanation()].concat()
}

fn changed(before: &Readings, now: &Readings) -> Vec<(usize, Written)> {
    let others = now.iter().enumerate();
    let others = others.filter(|(place, reading)| before.get(*place) != Some(reading));
    others
        .map(|(place, (_, reading))| (place, written(*reading)))
        .collect()
}

fn written(reading: Reading) -> Written {
    match reading {
        Reading::Exactly(f64::INFINITY) => Written::Text("$Infinity"),
        Reading::Exactly(number) if number.is_nan() => Written::Nothing,
        Reading::Exactly(number) => Written::Number(number),
        Reading::Between(lowest, highest) => Written::Range([lowest, highest]),
    }
}
