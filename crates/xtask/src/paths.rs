//! Folders of this machine, and the compiler flags that keep them out of shipped files.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Returns the root of the repository: two folders above this crate, or the current folder if Cargo did not start the
/// program.
pub fn root() -> Result<PathBuf> {
    match env::var_os("CARGO_MANIFEST_DIR") {
        Some(crate_folder) => Path::new(&crate_folder)
            .ancestors()
            .nth(2)
            .map(Path::to_path_buf)
            .context("xtask must be two folders below the root of the repository"),
        None => Ok(env::current_dir()?),
    }
}

/// Returns `rustc` flags that replace folders of this machine in panic messages, so that every machine builds the
/// same bytes.
///
/// The value is for `CARGO_ENCODED_RUSTFLAGS`, which unlike `RUSTFLAGS` allows spaces in a path.
pub fn reproducible_flags(root: &Path, library: Option<&Path>) -> String {
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let mut flags = vec![format!("--remap-path-prefix={}=fusewire", root.display())];
    if let Some(cargo_home) = cargo_home {
        flags.push(format!(
            "--remap-path-prefix={}=cargo",
            cargo_home.join("registry/src").display()
        ));
    }
    if let Some(library) = library {
        flags.push(format!("--remap-path-prefix={}=library", library.display()));
    }
    flags.join("\x1f")
}
