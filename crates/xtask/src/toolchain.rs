//! The Rust compilers that can produce WebAssembly on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::paths;

pub const TARGET: &str = "wasm32-unknown-unknown";

/// A compiler for [`TARGET`], and the Cargo that drives it.
pub enum Toolchain {
    /// The toolchain of `rust-toolchain.toml`, with the target's standard library installed.
    Rustup,
    /// A distribution's compiler that comes with the sources of the standard library, which is then built along.
    System {
        /// The folder with the sources of the standard library.
        library: PathBuf,
        linker: PathBuf,
    },
}

/// Finds the toolchain called `name`, or the first one that works here.
pub fn find(name: Option<&str>) -> Result<Toolchain> {
    let found = match name {
        None => rustup().or_else(system),
        Some("rustup") => rustup(),
        Some("system") => system(),
        Some(other) => bail!("no such toolchain: {other} (rustup or system)"),
    };
    found.context(
        "no Rust compiler here can build WebAssembly: run `rustup target add wasm32-unknown-unknown`, \
         or install a system Rust with the sources of its standard library and wasm-ld",
    )
}

fn rustup() -> Option<Toolchain> {
    let libraries = sysroot(Path::new("rustc"))?
        .join("lib/rustlib")
        .join(TARGET)
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
    Some(Toolchain::System {
        library,
        linker: newest_wasm_linker()?,
    })
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

/// Distributions name the linker after its LLVM version: `wasm-ld-19`.
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
    /// What to call this toolchain in messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rustup => "the rustup toolchain",
            Self::System { .. } => "the system toolchain (standard library built from source)",
        }
    }

    /// The folder for build products. Compilers of different versions must not share one.
    pub fn target_folder(&self, root: &Path) -> PathBuf {
        match self {
            Self::Rustup => root.join("target"),
            Self::System { .. } => root.join("target/system"),
        }
    }

    /// `cargo <subcommand>` for [`TARGET`], run in `root`.
    pub fn cargo(&self, subcommand: &str, root: &Path) -> Command {
        let mut command = match self {
            Self::Rustup => {
                let mut command =
                    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
                command.arg(subcommand);
                command.env(
                    "CARGO_ENCODED_RUSTFLAGS",
                    paths::reproducible_flags(root, None),
                );
                command
            }
            Self::System { library, linker } => {
                let mut command = Command::new(SYSTEM_CARGO);
                command.args([subcommand, "-Z", "build-std=std,panic_abort"]);
                command.env_remove("RUSTUP_TOOLCHAIN");
                command.env("RUSTC", SYSTEM_RUSTC);
                // Building the standard library is an unstable feature of Cargo.
                command.env("RUSTC_BOOTSTRAP", "1");
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                command.env(
                    "CARGO_ENCODED_RUSTFLAGS",
                    paths::reproducible_flags(root, Some(library)),
                );
                command
            }
        };
        command.args(["--target", TARGET, "--target-dir"]);
        command.arg(self.target_folder(root));
        command.current_dir(root);
        command
    }
}

/// Runs `command` to its end; anything but success is an error that shows the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !status.success() {
        bail!("{status}: {command:?}");
    }
    Ok(())
}
