//! Build tasks that Cargo alone cannot do. `cargo run --package xtask -- <task>` works anywhere in the repository.

mod audit;
mod codes;
mod native;
mod paths;
mod toolchain;
mod wasm;

use std::process::ExitCode;

use anyhow::{Result, bail};
use toolchain::WASM;

const USAGE: &str = "usage: xtask <task>

  wasm [--toolchain rustup|system]   build bindings/wasm into bindings/wasm/pkg and check its size and imports
  codes [--check]                    generate npm/fusewire/src/engine/codes.ts, or check that it is up to date
  native                             build bindings/node into bindings/node/dist
  native --target PLATFORM           build it for a platform of bindings/node/platforms.json into target/platforms";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match perform(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(arguments: &[&str]) -> Result<()> {
    match arguments {
        ["wasm"] => wasm::build(toolchain::find(None, WASM)?),
        ["wasm", "--toolchain", name] => wasm::build(toolchain::find(Some(name), WASM)?),
        ["codes"] => codes::write(),
        ["codes", "--check"] => codes::check(),
        ["native"] => native::build_here(),
        ["native", "--target", name] => native::build_for(name),
        _ => bail!("{USAGE}"),
    }
}
