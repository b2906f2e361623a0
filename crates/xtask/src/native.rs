//! Builds the native addon for the machine this runs on.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result};

use crate::{paths, toolchain};

const CRATE: &str = "fusewire-node";
const LIBRARY: &str = "fusewire_node";

/// Builds `bindings/node` into `bindings/node/dist/fusewire.<platform>.node`.
pub fn build() -> Result<()> {
    let root = paths::root()?;
    let target_folder = root.join("target");
    toolchain::run(
        Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args([
                "build",
                "--release",
                "--locked",
                "--package",
                CRATE,
                "--target-dir",
            ])
            .arg(&target_folder)
            .env(
                "CARGO_ENCODED_RUSTFLAGS",
                paths::reproducible_flags(&root, None),
            )
            .current_dir(&root),
    )?;

    let library = target_folder
        .join("release")
        .join(format!("{DLL_PREFIX}{LIBRARY}{DLL_SUFFIX}"));
    let destination = root.join("bindings/node/dist");
    fs::create_dir_all(&destination)?;
    let addon = destination.join(format!("fusewire.{}.node", platform()));
    // A running process may have the old file mapped: give the new one a name of its own first, then swap.
    let fresh = addon.with_extension("node.new");
    fs::copy(&library, &fresh).with_context(|| format!("cannot copy {}", library.display()))?;
    fs::rename(&fresh, &addon)?;
    println!(
        "bindings/node/dist/fusewire.{}.node  {} bytes",
        platform(),
        fs::metadata(&addon)?.len()
    );
    Ok(())
}

/// The platform as Node names it, with the C library where there is more than one: `linux-x64-gnu`, `darwin-arm64`.
fn platform() -> String {
    let system = match env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let processor = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        other => other,
    };
    let library = if cfg!(target_env = "musl") {
        "-musl"
    } else if cfg!(all(target_os = "linux", target_env = "gnu")) {
        "-gnu"
    } else if cfg!(target_env = "msvc") {
        "-msvc"
    } else {
        ""
    };
    format!("{system}-{processor}{library}")
}
