//! Build of the native addon: for this machine, or for a published platform.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::toolchain::Toolchain;
use crate::{paths, toolchain};

const CRATE: &str = "fusewire-node";
const LIBRARY: &str = "fusewire_node";
const PLATFORMS: &str = "bindings/node/platforms.json";

/// Oldest C library of GNU/Linux on which the addon runs: that of rustc's own standard library.
const GLIBC: &str = "2.17";

/// Builds `bindings/node` into `bindings/node/dist/fusewire.<platform>.node`.
pub fn build_here() -> Result<()> {
    let root = paths::root()?;
    let platform = Platform::find(&root, "target", &toolchain::host()?)?;
    let target_folder = root.join("target");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--target-dir"])
        .arg(&target_folder)
        .env(
            "CARGO_ENCODED_RUSTFLAGS",
            paths::reproducible_flags(&root, None),
        )
        .current_dir(&root);
    compile(&mut cargo)?;
    platform.deliver(&target_folder.join("release"), &root, "bindings/node/dist")
}

/// Builds `bindings/node` for the platform called `name` into `target/platforms/fusewire.<platform>.node`.
pub fn build_for(name: &str) -> Result<()> {
    let root = paths::root()?;
    let platform = Platform::find(&root, "name", name)?;
    let toolchain = toolchain::find(None, &platform.target)?;
    println!("compiling {CRATE} for {name} with {}", toolchain.name());
    compile(&mut platform.cargo(&toolchain, &root)?)?;
    let products = toolchain
        .target_folder(&root)
        .join(&platform.target)
        .join("release");
    platform.deliver(&products, &root, "target/platforms")
}

fn compile(cargo: &mut Command) -> Result<()> {
    toolchain::run(cargo.args(["--release", "--locked", "--package", CRATE]))
}

/// A published platform of `bindings/node/platforms.json`.
struct Platform {
    /// Name in Node, with the C library if there is more than one: `linux-x64-gnu`, `darwin-arm64`.
    name: String,
    /// Name in Rust.
    target: String,
}

impl Platform {
    /// Returns the platform whose `field` is `value`.
    fn find(root: &Path, field: &str, value: &str) -> Result<Self> {
        let table: Vec<Value> = serde_json::from_str(&fs::read_to_string(root.join(PLATFORMS))?)?;
        let row = table
            .iter()
            .find(|row| row[field] == value)
            .with_context(|| format!("{PLATFORMS} has no platform with the {field} {value}"))?;
        let text = |field: &str| {
            row[field]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("{PLATFORMS}: {field} is missing"))
        };
        Ok(Self {
            name: text("name")?,
            target: text("target")?,
        })
    }

    /// Returns a Cargo command for the platform. Zig links for Linux, against an old C library, and for macOS from
    /// other systems.
    fn cargo(&self, toolchain: &Toolchain, root: &Path) -> Result<Command> {
        let is_apple = self.target.ends_with("-apple-darwin");
        if self.target.contains("-linux-") || (is_apple && !cfg!(target_os = "macos")) {
            let mut cargo = toolchain.cargo("zigbuild", &self.target, &self.linked_as(), root)?;
            if is_apple {
                // Only the tools of macOS can strip its libraries.
                cargo.env("CARGO_PROFILE_RELEASE_STRIP", "none");
            }
            return Ok(cargo);
        }
        toolchain.cargo("build", &self.target, &self.target, root)
    }

    /// Returns the target in the form of cargo-zigbuild.
    fn linked_as(&self) -> String {
        if self.target.ends_with("-gnu") {
            format!("{}.{GLIBC}", self.target)
        } else {
            self.target.clone()
        }
    }

    fn library(&self, folder: &Path) -> PathBuf {
        folder.join(if self.target.contains("-windows-") {
            format!("{LIBRARY}.dll")
        } else if self.target.ends_with("-apple-darwin") {
            format!("lib{LIBRARY}.dylib")
        } else {
            format!("lib{LIBRARY}.so")
        })
    }

    /// Copies the library from the folder `products` to `destination`.
    fn deliver(&self, products: &Path, root: &Path, destination: &str) -> Result<()> {
        let library = self.library(products);
        let file = format!("{destination}/fusewire.{}.node", self.name);
        let addon = root.join(&file);
        fs::create_dir_all(root.join(destination))?;
        // A running process may have mapped the old file, so the new one is written beside it and then renamed.
        let fresh = addon.with_extension("node.new");
        fs::copy(&library, &fresh).with_context(|| format!("cannot copy {}", library.display()))?;
        fs::rename(&fresh, &addon)?;
        println!("{file}  {} bytes", fs::metadata(&addon)?.len());
        Ok(())
    }
}
