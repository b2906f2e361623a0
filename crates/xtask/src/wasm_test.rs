//! Tests of the WebAssembly binding, run on Node.

use anyhow::Result;

use crate::toolchain::Toolchain;

/// Name of the task through which Cargo runs a compiled test module.
pub const RUNNER_TASK: &str = "run-compiled-tests";

/// Compiles the tests of `bindings/wasm` with `toolchain` and runs them with the `node` on the search path.
#[cfg(feature = "test-runner")]
pub fn run(toolchain: Toolchain) -> Result<()> {
    use crate::paths;
    use crate::toolchain::{self, WASM};
    use anyhow::Context;

    let root = paths::root()?;
    let program = std::env::current_exe()?;
    let program = program
        .to_str()
        .context("the path of this program is not UTF-8")?;
    let runner = format!("target.{WASM}.runner=[{program:?}, {RUNNER_TASK:?}]");
    toolchain::run(toolchain.cargo("test", WASM, WASM, &root)?.args([
        "--package",
        "fusewire-wasm",
        "--locked",
        "--config",
        &runner,
    ]))
}

/// Runs a module that Cargo compiled with wasm-bindgen's test runner.
#[cfg(feature = "test-runner")]
pub fn run_compiled_tests() -> Result<()> {
    // The name of the task replaces the name of the program.
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os().skip(1))
}

#[cfg(not(feature = "test-runner"))]
pub fn run(_toolchain: Toolchain) -> Result<()> {
    anyhow::bail!("build xtask with `--features test-runner` for this task")
}

#[cfg(not(feature = "test-runner"))]
pub fn run_compiled_tests() -> Result<()> {
    anyhow::bail!("build xtask with `--features test-runner` for this task")
}
