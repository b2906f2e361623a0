//! Limits of the shipped module: its size, and its imports from the host.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::wasm::Module;
use anyhow::{Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use wasmparser::{Parser, Payload};

/// Words that no import may contain. The engine receives the time as an argument and never acts by itself.
const FORBIDDEN: [&str; 12] = [
    "now",
    "date",
    "performance",
    "random",
    "crypto",
    "settimeout",
    "setinterval",
    "microtask",
    "promise",
    "fetch",
    "console",
    "log",
];

/// Prints size and imports of `file`. Fails if it exceeds a limit, or imports more than the JavaScript of
/// wasm-bindgen provides.
pub fn check(file: &Path, module: &Module) -> Result<()> {
    let glue_module = format!("./{}_bg.js", module.name);
    let bytes = fs::read(file)?;
    let compressed = gzip(&bytes)?;
    let imports = imports(&bytes)?;

    println!("{}", file.file_name().unwrap_or_default().display());
    println!("  raw  {:>7} of {} bytes", bytes.len(), module.limit);
    println!("  gzip {compressed:>7} of {} bytes", module.gzip_limit);
    println!("  {} imports", imports.len());
    for (from, name) in &imports {
        println!("    {from} {name}");
    }

    if bytes.len() > module.limit || compressed > module.gzip_limit {
        bail!("the module is larger than its limit");
    }
    let host_imports: Vec<&str> = imports
        .iter()
        .filter(|(from, name)| *from != glue_module || !is_internal(name))
        .map(|(_, name)| name.as_str())
        .collect();
    if !host_imports.is_empty() {
        bail!(
            "the module imports from its host: {}",
            host_imports.join(", ")
        );
    }
    Ok(())
}

/// Whether an import is internal to wasm-bindgen: `__wbindgen_<intrinsic>` or `__wbg_<JavaScript name>_<hash>`.
fn is_internal(name: &str) -> bool {
    let Some(name) = name.strip_prefix("__wb") else {
        return false;
    };
    let name = name.to_ascii_lowercase();
    (name.starts_with("g_") || name.starts_with("indgen_"))
        && !name.split('_').any(|word| FORBIDDEN.contains(&word))
}

fn imports(bytes: &[u8]) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                let import = import?;
                found.push((import.module.to_owned(), import.name.to_owned()));
            }
        }
    }
    Ok(found)
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::is_internal;

    #[test]
    fn distinguishes_internal_imports_from_host_imports() {
        for internal in [
            "__wbindgen_init_externref_table",
            "__wbg_get_03ccacd00b72b88e",
            "__wbg___wbindgen_string_get_a2a31e16edf96e42",
            "__wbg_instanceof_Uint8Array_1",
            "__wbg_catalog_1",
        ] {
            assert!(is_internal(internal), "{internal}");
        }
        for host_import in [
            "clock_time_get",
            "__wbg_now_1",
            "__wbg_random_1",
            "__wbg_setTimeout_1",
            "__wbg_log_1",
        ] {
            assert!(!is_internal(host_import), "{host_import}");
        }
    }
}
