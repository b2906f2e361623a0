//! Copy of the core and of the explorer in which a bug can be planted.

use super::Caught;
use super::seeded::{Bug, Edit};
use crate::report::name_of;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const MEMBERS: [&str; 2] = ["crates/breaker-core", "tests/explore"];
/// Build profile: quick to build, and fast enough for the few thousand steps to a bug.
const PROFILE: &str = "[profile.dev]\nopt-level = 1\ndebug = false\n";

pub(super) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// Refreshes the copy that this worker builds in.
    pub(super) fn new(worker: usize) -> Result<Self, String> {
        let root = Path::new(ROOT);
        let folder = root.join("target/explore-bugs").join(worker.to_string());
        let copy = || {
            fs::create_dir_all(&folder)?;
            for member in MEMBERS {
                let (from, to) = (root.join(member), folder.join(member));
                copy_folder(&from.join("src"), &to.join("src"))?;
                fs::copy(from.join("Cargo.toml"), to.join("Cargo.toml"))?;
            }
            fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
            let workspace = fs::read_to_string(root.join("Cargo.toml"))?;
            fs::write(folder.join("Cargo.toml"), with_members_only(&workspace))
        };
        copy().map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self { folder })
    }

    /// Plants a bug, and explores until an invariant reports it.
    pub(super) fn detect(&self, bug: &Bug) -> Result<Caught, String> {
        for edit in bug.edits {
            self.plant(edit)?;
        }
        let target = self.folder.join("target");
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "explore"]);
        run(build
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &target))?;
        let mut explore = Command::new(target.join("debug/explore"));
        explore.args([
            "--configuration",
            bug.configuration,
            "--scope",
            name_of(bug.scope),
        ]);
        let output = run(&mut explore)?;
        let reports = output.lines().filter_map(|line| {
            line.strip_prefix("VIOLATED ")?
                .split_once(": ")?
                .0
                .split_once(" after ")
        });
        let mut caught = Caught::default();
        for (invariant, depth) in reports {
            caught.by.insert(invariant.to_owned());
            caught.depth = depth.to_owned();
        }
        Ok(caught)
    }

    fn plant(&self, edit: &Edit) -> Result<(), String> {
        let file = self.folder.join(MEMBERS[0]).join("src").join(edit.file);
        let code = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", edit.file))?;
        match code.matches(edit.search).count() {
            1 => fs::write(&file, code.replace(edit.search, edit.replacement))
                .map_err(|error| format!("{}: {error}", edit.file)),
            times => Err(format!(
                "{} has this {times} times, and must have it once: {}",
                edit.file, edit.search
            )),
        }
    }
}

/// Returns the settings of the workspace, with two members and another profile.
fn with_members_only(workspace: &str) -> String {
    let settings = workspace.split("[profile.").next().unwrap_or_default();
    let others = settings
        .lines()
        .filter(|line| !line.starts_with("members") && !line.starts_with("default-members"));
    let settings = others.collect::<Vec<_>>().join("\n");
    let members = format!("[workspace]\nmembers = {MEMBERS:?}");
    settings.replacen("[workspace]", &members, 1) + "\n" + PROFILE
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// Runs a program and returns its output. A counterexample is no failure.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.code() {
        Some(0 | 1) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
