//! Builds the WebAssembly package: compile, bind, optimise, audit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::toolchain::{self, Toolchain, WASM};
use crate::{audit, paths};

const CRATE: &str = "fusewire-wasm";
const MODULE: &str = "fusewire_wasm";

/// Builds `bindings/wasm` with `toolchain` into `bindings/wasm/pkg`.
pub fn build(toolchain: Toolchain) -> Result<()> {
    let root = paths::root()?;
    println!("compiling {CRATE} with {}", toolchain.name());
    toolchain::run(toolchain.cargo("build", WASM, WASM, &root)?.args([
        "--package",
        CRATE,
        "--profile",
        "wasm",
        "--locked",
    ]))?;
    let compiled = toolchain
        .target_folder(&root)
        .join(WASM)
        .join("wasm")
        .join(MODULE)
        .with_extension("wasm");

    let package = root.join("bindings/wasm/pkg");
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    bind(&compiled, &package)?;
    let module = package.join(format!("{MODULE}_bg.wasm"));
    optimise(&module, &root)?;
    audit::check(&module, &format!("./{MODULE}_bg.js"))
}

/// The `web` target is the one that every runtime can instantiate: from bytes, or from an imported module.
fn bind(compiled: &Path, package: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(compiled)
        .web(true)?
        .omit_default_module_path(true)
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(package)
        .with_context(|| format!("wasm-bindgen cannot bind {}", compiled.display()))
}

/// Features that every runtime we support has, and that the compiler uses.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

fn optimise(module: &Path, root: &Path) -> Result<()> {
    let Some(optimiser) = find_optimiser(root) else {
        println!(
            "wasm-opt is not installed (`npm ci` brings it): the module stays as the compiler left it"
        );
        return Ok(());
    };
    toolchain::run(
        Command::new(&optimiser)
            .args(["-O3", "--strip-producers"])
            .args(FEATURES)
            .arg(module)
            .arg("-o")
            .arg(module),
    )
}

/// Only the version pinned in package.json: every machine builds the same bytes, and version 108, which distributions
/// ship, breaks the module's tables.
fn find_optimiser(root: &Path) -> Option<PathBuf> {
    let pinned = root.join("node_modules/.bin/wasm-opt");
    pinned.is_file().then_some(pinned)
}
