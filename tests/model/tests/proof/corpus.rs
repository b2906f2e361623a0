//! Corpus: cases that once showed a difference, or would show one if the core had a plausible bug. Every run replays
//! them, here and in `tests/properties`. A failing run adds one.

use breaker_model::Case;
use serde_json::Value;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

/// Returns the cases of the corpus, with the names of their files.
pub(crate) fn read() -> Vec<(String, Case)> {
    let cases = files(&folder("corpus")).into_iter();
    cases
        .map(|file| (name_of(&file), parse(&file, &text_of(&file))))
        .collect()
}

/// Number of calls beyond which a vector is too slow for the model.
const LONG: u64 = 500;

/// Returns the cases of the shared vectors, without the long ones and without those that restore with other options,
/// which the model does not support.
pub(crate) fn vectors() -> Vec<(String, Case)> {
    let mut cases = Vec::new();
    for file in files(&folder("../vectors")) {
        let vector: Value = parse(&file, &text_of(&file));
        for case in vector["cases"].as_array().into_iter().flatten() {
            let Some(steps) = case["steps"].as_array() else {
                continue;
            };
            let restored_otherwise = steps.iter().any(|step| step.get("options").is_some());
            let calls = steps.iter().map(|step| step["times"].as_u64().unwrap_or(1));
            if restored_otherwise || calls.sum::<u64>() > LONG {
                continue;
            }
            let case: Case = parse(&file, &case.to_string());
            cases.push((format!("{}: {}", name_of(&file), case.name), case));
        }
    }
    cases
}

/// Adds a case to the corpus, and returns its file.
pub(crate) fn keep(case: Case, why: &str) -> PathBuf {
    let case = Case {
        name: why.to_owned(),
        ..case
    };
    let written = write(&case);
    let mut hasher = DefaultHasher::new();
    written.hash(&mut hasher);
    let file = folder("corpus").join(format!("found-{:016x}.json", hasher.finish()));
    fs::write(&file, written).unwrap();
    file
}

/// Formats a case with one step to a line, like the vectors.
fn write(case: &Case) -> String {
    let json = |value: Value| value.to_string();
    let steps: Vec<_> = case
        .steps
        .iter()
        .map(|step| format!("    {}", json(serde_json::to_value(step).unwrap())))
        .collect();
    let at = case
        .at
        .map_or(String::new(), |at| format!("  \"at\": {at},\n"));
    format!(
        "{{\n  \"name\": {},\n{at}  \"options\": {},\n  \"steps\": [\n{}\n  ]\n}}\n",
        json(Value::from(case.name.as_str())),
        json(serde_json::to_value(case.options).unwrap()),
        steps.join(",\n"),
    )
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    files
}

fn name_of(file: &Path) -> String {
    file.file_stem().unwrap().to_string_lossy().into_owned()
}

fn text_of(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

fn parse<T: serde::de::DeserializeOwned>(file: &Path, text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
