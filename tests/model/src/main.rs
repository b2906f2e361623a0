//! Prints the readings that the model expects: a line of JSON in, a line of JSON out.
//!
//! The first output line names the readings. Each input line is a program of a generator, or a case. Its output line
//! holds the case and, for each action, the response, the state word and the changed readings. A reading is a number,
//! `null` if there is no value, or its smallest and largest allowed value.

#![allow(missing_docs, reason = "a binary has no users of its documentation")]

use breaker_model::readings::{Reading, Readings};
use breaker_model::replay::{Replay, Response};
use breaker_model::{Case, Model, Program};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};

#[derive(Deserialize)]
#[serde(untagged)]
enum Requested {
    Program(Program),
    Case(Case),
}

#[derive(Serialize)]
struct Expected {
    case: Case,
    actions: Vec<ActionResult>,
}

/// Expectations after one action and all transitions that are then due.
#[derive(Serialize)]
struct ActionResult {
    /// Permit, or code of a rejection, if the action requested a permit.
    admission: Option<f64>,
    word: i32,
    /// The changed readings, by index.
    changed: Vec<(usize, JsonReading)>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum JsonReading {
    Number(f64),
    Text(&'static str),
    Range([f64; 2]),
    Nothing,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = stdout().lock();
    let model = Model::new(breaker_model::Options::default(), 0.0);
    let names: Vec<_> = readings(&model).into_iter().map(|(name, _)| name).collect();
    writeln!(out, "{}", serde_json::to_string(&names)?)?;
    out.flush()?;
    for line in stdin().lock().lines() {
        let case = match serde_json::from_str(&line?)? {
            Requested::Program(program) => program.case(),
            Requested::Case(case) => case,
        };
        writeln!(out, "{}", serde_json::to_string(&expect(case))?)?;
        out.flush()?;
    }
    Ok(())
}

fn expect(case: Case) -> Expected {
    let mut model = Model::new(case.options, case.at.unwrap_or(0.0));
    let mut replay = Replay::starting(case.at);
    let mut actions = Vec::new();
    let mut before = Vec::new();
    for step in &case.steps {
        replay.step(step, |action, shown| {
            let response = model.act(action, shown);
            let word = model.word();
            model.poll_all(f64::NAN);
            let now = readings(&model);
            actions.push(ActionResult {
                admission: admission(response),
                word,
                changed: changed(&before, &now),
            });
            before = now;
            response
        });
    }
    Expected { case, actions }
}

fn admission(response: Response) -> Option<f64> {
    match response {
        Response::Admitted { permit } => Some(permit as f64),
        Response::Rejected { rejection, .. } => Some(f64::from(rejection as i32)),
        Response::Moved(_) | Response::Held { .. } | Response::Retuned(_) | Response::Nothing => {
            None
        }
    }
}

fn readings(model: &Model) -> Readings {
    [model.stats(), model.explanation()].concat()
}

fn changed(before: &Readings, now: &Readings) -> Vec<(usize, JsonReading)> {
    let others = now.iter().enumerate();
    let others = others.filter(|(index, reading)| before.get(*index) != Some(reading));
    others
        .map(|(index, (_, reading))| (index, json_reading(*reading)))
        .collect()
}

fn json_reading(reading: Reading) -> JsonReading {
    match reading {
        Reading::Exactly(f64::INFINITY) => JsonReading::Text("$Infinity"),
        Reading::Exactly(number) if number.is_nan() => JsonReading::Nothing,
        Reading::Exactly(number) => JsonReading::Number(number),
        Reading::Between(lowest, highest) => JsonReading::Range([lowest, highest]),
    }
}
