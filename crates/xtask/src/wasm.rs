//! Build of the WebAssembly package: compile, bind, optimise, audit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::toolchain::{self, Toolchain, WASM};
use crate::{audit, paths};

const CRATE: &str = "fusewire-wasm";
const LIBRARY: &str = "fusewire_wasm";

/// A WebAssembly module, built from one feature of `bindings/wasm`.
pub struct Module {
    feature: &'static str,
    /// Name of its files.
    pub name: &'static str,
    /// Folder of its files.
    folder: &'static str,
    /// Largest size, in bytes.
    pub limit: usize,
    /// Largest compressed size, in bytes.
    pub gzip_limit: usize,
}

/// The modules. A user without policies loads the breaker alone.
const MODULES: [Module; 2] = [
    Module {
        feature: "breaker",
        name: "fusewire_wasm",
        folder: "bindings/wasm/pkg",
        limit: 68 * 1024,
        gzip_limit: 30 * 1024,
    },
    Module {
        feature: "policies",
        name: "fusewire_policies",
        folder: "bindings/wasm/pkg/policies",
        limit: 48 * 1024,
        gzip_limit: 20 * 1024,
    },
];

/// Builds all modules of `bindings/wasm` into `bindings/wasm/pkg`.
pub fn build(toolchain: Toolchain) -> Result<()> {
    MODULES
        .iter()
        .try_for_each(|module| build_module(&toolchain, module))
}

fn build_module(toolchain: &Toolchain, module: &Module) -> Result<()> {
    let root = paths::root()?;
    println!(
        "compiling {CRATE}, {}, with {}",
        module.feature,
        toolchain.name()
    );
    toolchain::run(toolchain.cargo("build", WASM, WASM, &root)?.args([
        "--package",
        CRATE,
        "--no-default-features",
        "--features",
        module.feature,
        "--profile",
        "wasm",
        "--locked",
    ]))?;
    let compiled = toolchain
        .target_folder(&root)
        .join(WASM)
        .join("wasm")
        .join(LIBRARY)
        .with_extension("wasm");

    let package = root.join(module.folder);
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    bind(&compiled, &package, module.name)?;
    let file = package.join(format!("{}_bg.wasm", module.name));
    optimise(&file, &root)?;
    audit::check(&file, module)
}

/// Runs wasm-bindgen with the `web` target, which every runtime can instantiate from bytes or from an imported
/// module.
fn bind(compiled: &Path, package: &Path, name: &str) -> Result<()> {
    Bindgen::new()
        .input_path(compiled)
        .out_name(name)
        .web(true)?
        .omit_default_module_path(true)
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(package)
        .with_context(|| format!("wasm-bindgen cannot bind {}", compiled.display()))
}

/// WebAssembly features that the compiler uses and every supported runtime has.
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
        println!("wasm-opt is not installed (run `npm ci`): the module is not optimised");
        return Ok(());
    };
    toolchain::run(
        Command::new(&optimiser)
            .args([
                "-O3",
                "--converge",
                "--strip-producers",
                "--strip-target-features",
            ])
            .args(FEATURES)
            .arg(module)
            .arg("-o")
            .arg(module),
    )
}

/// Returns the optimiser pinned in package.json, so that every machine builds the same bytes. Version 108, which
/// distributions ship, breaks the module's tables.
fn find_optimiser(root: &Path) -> Option<PathBuf> {
    let pinned = root.join("node_modules/.bin/wasm-opt");
    pinned.is_file().then_some(pinned)
}
