//! Runs the shared vectors (tests/vectors, see the README there) on the core, through the bridge.
//!
//! `UPDATE_DIGESTS=1 cargo test -p breaker-bridge --test vectors` writes the digests that the other builds must
//! reproduce bit for bit.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use breaker_bridge::codes::{NO_BREAKER, OVERRIDE, REASON, REJECTED, STATE, word};
use breaker_bridge::layout::{EXPLAIN, STATS};
use breaker_bridge::{Configs, Problem, Value, engine, tuning};
use breaker_core::Breaker;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

const DIGESTS: &str = "digests.json";
const NOT_VECTORS: [&str; 2] = [DIGESTS, "vector.schema.json"];

/// Names of the thresholds, in the order of [`tuning::retune`].
const THRESHOLDS: [&str; 5] = [
    "failureThreshold",
    "consecutiveFailureThreshold",
    "failureRateThreshold",
    "slowCallRateThreshold",
    "minimumCalls",
];

#[test]
fn every_vector_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let mut digests = BTreeMap::new();
    let mut failures = Vec::new();
    for file in vector_files(&folder) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let vector = read(&file);
        for case in items(vector.get("cases").unwrap()) {
            let case_name = format!("{name}: {}", text(case.get("name").unwrap()));
            match run_case(case) {
                Ok(digest) => assert!(
                    digests.insert(case_name.clone(), digest).is_none(),
                    "{case_name} occurs twice"
                ),
                Err(failure) => failures.push(format!("{case_name}: {failure}")),
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert!(digests.len() > 50, "only {} cases found", digests.len());
    check_digests(&folder.join(DIGESTS), &digests);
}

fn vector_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .filter(|path| !NOT_VECTORS.iter().any(|other| path.ends_with(other)))
        .collect();
    files.sort();
    files
}

fn read(file: &Path) -> Value {
    let content = fs::read_to_string(file).unwrap();
    serde_json::from_str(&content).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn check_digests(file: &Path, digests: &BTreeMap<String, String>) {
    let written = format!("{}\n", serde_json::to_string_pretty(digests).unwrap());
    if env::var_os("UPDATE_DIGESTS").is_some() {
        fs::write(file, written).unwrap();
        return;
    }
    let committed = fs::read_to_string(file).unwrap_or_default();
    assert!(
        committed == written,
        "{} is out of date: see the top of this test",
        file.display()
    );
}

fn run_case(case: &Value) -> Result<String, String> {
    let options = case
        .get("options")
        .map_or(Value::Object(Vec::new()), decode);
    let now = case.get("at").map_or(0.0, number);
    let mut configs = Configs::new();
    let created = engine::create(&options, &mut configs, now);
    if let Some(expected) = case.get("problems") {
        let problems = created.err().unwrap_or_default();
        let actual: Vec<_> = problems
            .iter()
            .map(|problem| format!("{} {}", problem.option, problem.kind.name()))
            .collect();
        let expected: Vec<_> = items(expected).iter().map(text).collect();
        return expect_same("problems", &actual, &expected).map(|()| "none".to_owned());
    }
    let breaker = created.map_err(|problems| format!("rejected: {problems:?}"))?;
    let mut run = Run {
        breaker,
        options,
        configs,
        now,
        permits: BTreeMap::new(),
        holds: BTreeMap::new(),
        digest: Digest::new(),
    };
    for (index, step) in items(case.get("steps").unwrap()).iter().enumerate() {
        run.step(step)
            .map_err(|failure| format!("step {}: {failure}", index + 1))?;
    }
    Ok(run.digest.hex())
}

/// Execution of one case.
struct Run {
    breaker: Breaker,
    options: Value,
    configs: Configs,
    now: f64,
    permits: BTreeMap<String, f64>,
    holds: BTreeMap<String, u32>,
    digest: Digest,
}

impl Run {
    fn step(&mut self, step: &Value) -> Result<(), String> {
        let times = step.get("times").map_or(1.0, number) as usize;
        let every = step.get("every").map_or(0.0, number);
        self.now = step.get("at").map_or(self.now, number);
        for time in 0..times {
            if time > 0 {
                self.now += every;
            }
            self.act(step)?;
        }
        self.check(step.get("expect").unwrap_or(&Value::Null))
    }

    fn act(&mut self, step: &Value) -> Result<(), String> {
        let (breaker, now) = (&mut self.breaker, self.now);
        let duration = step.get("duration").map_or(f64::NAN, number);
        let outcome = step.get("outcome").map_or("success", text);
        match text(step.get("do").unwrap()) {
            "admit" => {
                let admission = engine::admit(breaker, now);
                self.digest.add(admission);
                expect_admission(step, admission)?;
                if let Some(name) = step.get("as") {
                    self.permits.insert(text(name).to_owned(), admission);
                }
            }
            "settle" => {
                let permit = self.permits[text(step.get("permit").unwrap())];
                settle(breaker, permit, outcome, now, duration, step)?;
            }
            "call" => {
                let permit = engine::admit(breaker, now);
                self.digest.add(permit);
                expect_admission(step, permit)?;
                if permit >= 0.0 {
                    settle(breaker, permit, outcome, now, duration, step)?;
                }
            }
            "poll" => expect_word(engine::poll(breaker, now), breaker)?,
            "forceOpen" => self.set_override(1, step),
            "forceClosed" => self.set_override(2, step),
            "shadow" => self.set_override(3, step),
            "releaseOverride" => self.set_override(0, step),
            "release" => {
                let hold = self.holds[text(step.get("hold").unwrap())];
                expect_word(engine::release(breaker, hold, now), breaker)?;
            }
            "reset" => expect_word(engine::reset(breaker, now), breaker)?,
            "retune" => {
                let thresholds = step.get("thresholds");
                let number = |name| {
                    thresholds
                        .and_then(|thresholds| thresholds.get(name))
                        .map_or(f64::NAN, number)
                };
                let problems = tuning::retune(breaker, THRESHOLDS.map(number), now);
                expect_problems(step, &problems)?;
            }
            "reconfigure" => {
                let options = decode(step.get("options").unwrap());
                expect_problems(step, &tuning::reconfigure(breaker, &options, now))?;
            }
            "open" => {
                let millis = step.get("openFor").map_or(f64::NAN, number);
                expect_word(tuning::open(breaker, millis, now), breaker)?;
            }
            "openEarly" => {
                let [observed, threshold] = [
                    step.get("observed").map_or(0.0, number),
                    step.get("threshold").map_or(0.0, number),
                ];
                expect_word(
                    tuning::open_early(breaker, observed, threshold, now),
                    breaker,
                )?;
            }
            "restore" => {
                let saved = engine::snapshot(breaker, now);
                self.now = step.get("restoreAt").map_or(now, number);
                if let Some(options) = step.get("options") {
                    self.options = decode(options);
                }
                self.breaker = engine::restore(&self.options, &saved, &mut self.configs, self.now)
                    .map_err(|problems| format!("rejected: {problems:?}"))?;
            }
            "look" => {}
            other => return Err(format!("unknown step {other}")),
        }
        Ok(())
    }

    fn set_override(&mut self, code: u32, step: &Value) {
        let hold = engine::set_override(&mut self.breaker, code, self.now);
        if let Some(name) = step.get("as") {
            self.holds.insert(text(name).to_owned(), hold);
        }
    }

    fn check(&mut self, expect: &Value) -> Result<(), String> {
        let mut stats = vec![0.0; STATS.len()];
        let mut explanation = vec![0.0; EXPLAIN.len()];
        engine::stats(&mut self.breaker, self.now, &mut stats);
        engine::explain(&mut self.breaker, self.now, &mut explanation);
        let word = word(&self.breaker);
        assert_ne!(word, NO_BREAKER);
        self.digest.add(f64::from(word));
        stats
            .iter()
            .chain(&explanation)
            .for_each(|number| self.digest.add(*number));
        self.check_retry_after(&stats)?;
        let Value::Object(expectations) = expect else {
            return Ok(());
        };
        for (name, expected) in expectations {
            let (layout, readings) = if STATS.contains(&name.as_str()) {
                (STATS, &stats)
            } else {
                (EXPLAIN, &explanation)
            };
            let at = layout.iter().position(|known| known == name);
            let actual = at
                .and_then(|at| readings.get(at))
                .ok_or(format!("unknown reading {name}"))?;
            let wanted = match (name.as_str(), expected) {
                ("state" | "underlyingState" | "from" | "to", Value::Text(state)) => {
                    code(STATE, state)
                }
                ("override", Value::Text(name)) => code(OVERRIDE, name),
                ("reason", Value::Text(reason)) => code(REASON, reason),
                (_, Value::Null) => f64::NAN,
                _ => number(expected),
            };
            if actual.to_bits() != wanted.to_bits() && !(actual.is_nan() && wanted.is_nan()) {
                return Err(format!("{name} is {actual}, not {wanted}"));
            }
        }
        Ok(())
    }

    /// Checks `retry_after()` against the reading `retryAfter`, which has no value while a call would be admitted.
    fn check_retry_after(&mut self, stats: &[f64]) -> Result<(), String> {
        let among_stats = STATS.iter().position(|name| *name == "retryAfter").unwrap();
        let (returned, reading) = (
            engine::retry_after(&mut self.breaker, self.now),
            stats[among_stats],
        );
        if returned == reading || (returned == 0.0 && reading.is_nan()) {
            Ok(())
        } else {
            Err(format!(
                "retry_after() returned {returned}, but the reading is {reading}"
            ))
        }
    }
}

fn settle(
    breaker: &mut Breaker,
    permit: f64,
    outcome: &str,
    now: f64,
    duration: f64,
    step: &Value,
) -> Result<(), String> {
    if let Some(open_for) = step.get("openFor") {
        let open_for = number(open_for);
        let word = engine::settle_open_for(breaker, permit, now, duration, open_for);
        return expect_word(word, breaker);
    }
    let outcome = match outcome {
        "success" => 0,
        "failure" => 1,
        "ignored" => 2,
        "withdrawn" => 4,
        "timeout" => 3,
        "aborted" => 5,
        "deadline" => 6,
        other => panic!("unknown outcome {other}"),
    };
    let word = engine::settle(breaker, permit, outcome, now, duration);
    expect_word(word, breaker)
}

fn expect_problems(step: &Value, problems: &[Problem]) -> Result<(), String> {
    let actual: Vec<_> = problems
        .iter()
        .map(|problem| format!("{} {}", problem.option, problem.kind.name()))
        .collect();
    let expected = step.get("problems").map_or(&[][..], items);
    let expected: Vec<_> = expected.iter().map(text).collect();
    expect_same("problems", &actual, &expected)
}

/// Checks that a function returned the present state word.
fn expect_word(returned: i32, breaker: &Breaker) -> Result<(), String> {
    let now = word(breaker);
    if returned == now {
        Ok(())
    } else {
        Err(format!(
            "the returned word is {returned}, the present word {now}"
        ))
    }
}

/// Checks an admission: a step says `"rejected": "OPEN"` if it expects a rejection, otherwise the call must be
/// admitted.
fn expect_admission(step: &Value, admission: f64) -> Result<(), String> {
    let expected = step
        .get("rejected")
        .map(|reason| code(REJECTED, text(reason)));
    match expected {
        Some(expected) if admission != expected => {
            Err(format!("admission is {admission}, not {expected}"))
        }
        None if admission < 0.0 => Err(format!("was rejected: {admission}")),
        _ => Ok(()),
    }
}

fn code(table: &[(&str, i32)], name: &str) -> f64 {
    let (_, code) = table
        .iter()
        .find(|(known, _)| *known == name)
        .unwrap_or_else(|| panic!("unknown name {name}"));
    f64::from(*code)
}

fn expect_same(name: &str, actual: &[String], expected: &[&str]) -> Result<(), String> {
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{name} are {actual:?}, not {expected:?}"))
    }
}

fn items(value: &Value) -> &[Value] {
    let Value::Array(items) = value else {
        panic!("{value:?} is not an array")
    };
    items
}

fn text(value: &Value) -> &str {
    let Value::Text(text) = value else {
        panic!("{value:?} is not a text")
    };
    text
}

fn number(value: &Value) -> f64 {
    let Value::Number(number) = decode(value) else {
        panic!("{value:?} is not a number")
    };
    number
}

/// Decodes NaN and infinity, which JSON lacks, from texts.
fn decode(value: &Value) -> Value {
    match value {
        Value::Text(text) if text == "$NaN" => Value::Number(f64::NAN),
        Value::Text(text) if text == "$Infinity" => Value::Number(f64::INFINITY),
        Value::Text(text) if text == "$-Infinity" => Value::Number(f64::NEG_INFINITY),
        Value::Object(properties) => Value::Object(
            properties
                .iter()
                .map(|(name, value)| (name.clone(), decode(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// FNV-1a hash over the bytes of numbers; all NaNs are equal.
struct Digest(u32);

impl Digest {
    fn new() -> Self {
        Self(0x811C_9DC5)
    }

    fn add(&mut self, number: f64) {
        let number = if number.is_nan() {
            f64::from_bits(0x7FF8_0000_0000_0000)
        } else {
            number
        };
        for byte in number.to_le_bytes() {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }

    fn hex(&self) -> String {
        format!("{:08x}", self.0)
    }
}
