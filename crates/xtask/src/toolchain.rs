//! Rust compilers of this machine, and their targets.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::paths;

pub const WASM: &str = "wasm32-unknown-unknown";

/// A compiler for a target, and the Cargo that runs it.
pub enum Toolchain {
    /// The toolchain of `rust-toolchain.toml`, with the target's standard library installed.
    Rustup,
    /// A distribution's compiler with the sources of the standard library, which is built as well.
    System {
        /// Folder with the sources of the standard library.
        library: PathBuf,
    },
}

/// Finds the toolchain called `name`, or the first one that can compile for `target`.
pub fn find(name: Option<&str>, target: &str) -> Result<Toolchain> {
    let found = match name {
        None => rustup(target).or_else(system),
        Some("rustup") => rustup(target),
        Some("system") => system(),
        Some(other) => bail!("unknown toolchain {other}: use rustup or system"),
    };
    found.with_context(|| {
        format!(
            "no Rust compiler on this machine can compile for {target}: run `rustup target add {target}`, \
             or install a system Rust with the sources of its standard library"
        )
    })
}

/// Returns the target of this machine.
pub fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    String::from_utf8(output.stdout)?
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("`rustc -vV` prints no host")
}

fn rustup(target: &str) -> Option<Toolchain> {
    let libraries = sysroot(Path::new("rustc"))?
        .join("lib/rustlib")
        .join(target)
        .join("lib");
    libraries.is_dir().then_some(Toolchain::Rustup)
}

const SYSTEM_CARGO: &str = "/usr/bin/cargo";
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";

fn system() -> Option<Toolchain> {
    if !Path::new(SYSTEM_CARGO).exists() {
        return None;
    }
    let library = sysroot(Path::new(SYSTEM_RUSTC))?.join("lib/rustlib/src/rust");
    library.join("library/std").is_dir().then_some(())?;
    Some(Toolchain::System { library })
}

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let output = Command::new(rustc)
        .args(["--print", "sysroot"])
        .output()
        .ok()?;
    let sysroot = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| PathBuf::from(sysroot.trim()))
}

/// Returns the newest linker for WebAssembly. Distributions add the LLVM version to its name: `wasm-ld-19`.
fn newest_wasm_linker() -> Option<PathBuf> {
    fs::read_dir("/usr/bin")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|path| {
            let version = path.file_name()?.to_str()?.strip_prefix("wasm-ld")?;
            let version = version
                .strip_prefix('-')
                .unwrap_or("0")
                .parse::<u32>()
                .ok()?;
            Some((version, path))
        })
        .max()
        .map(|(_, path)| path)
}

impl Toolchain {
    /// Returns the name of the toolchain for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rustup => "the rustup toolchain",
            Self::System { .. } => "the system toolchain (standard library built from source)",
        }
    }

    /// Returns the folder for build products. Compilers of different versions must not share one.
    pub fn target_folder(&self, root: &Path) -> PathBuf {
        match self {
            Self::Rustup => root.join("target"),
            Self::System { .. } => root.join("target/system"),
        }
    }

    /// Returns the command `cargo <subcommand>` for `target`, run in `root`. `name` is the target in the form of the
    /// subcommand.
    pub fn cargo(
        &self,
        subcommand: &str,
        target: &str,
        name: &str,
        root: &Path,
    ) -> Result<Command> {
        let mut command = match self {
            Self::Rustup => {
                let mut command =
                    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
                command.arg(subcommand);
                command
            }
            Self::System { .. } => {
                let mut command = Command::new(SYSTEM_CARGO);
                command.arg(subcommand);
                command.args(["-Z", standard_library(target)]);
                command.env_remove("RUSTUP_TOOLCHAIN");
                command.env("RUSTC", SYSTEM_RUSTC);
                // Building the standard library is an unstable feature of Cargo.
                command.env("RUSTC_BOOTSTRAP", "1");
                if target == WASM {
                    command.env(
                        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
                        newest_wasm_linker().context("no wasm-ld in /usr/bin: install lld")?,
                    );
                }
                command
            }
        };
        command.env("CARGO_ENCODED_RUSTFLAGS", self.flags(target, root));
        command.args(["--target", name, "--target-dir"]);
        command.arg(self.target_folder(root));
        command.current_dir(root);
        Ok(command)
    }

    fn flags(&self, target: &str, root: &Path) -> String {
        let library = match self {
            Self::Rustup => None,
            Self::System { library } => Some(library.as_path()),
        };
        let mut flags = paths::reproducible_flags(root, library);
        if target.ends_with("-musl") {
            // An addon shares the C library of the program that loads it.
            flags.push_str("\x1f-Ctarget-feature=-crt-static");
        }
        flags
    }
}

/// Returns Cargo's option to build the standard library, with the panic strategy of `Cargo.toml`.
fn standard_library(target: &str) -> &'static str {
    if target == WASM {
        "build-std=std,panic_abort"
    } else {
        "build-std=std,panic_unwind"
    }
}

/// Runs `command`. A failure becomes an error that shows the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !status.success() {
        bail!("{status}: {command:?}");
    }
    Ok(())
}
