// Rust, the C compiler that it links with, and its target for WebAssembly.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { aptInstall, hasApt } from './apt.mjs';
import { run, StepFailure } from './processes.mjs';

const TARGET = 'wasm32-unknown-unknown';

/** Debian packages of a Rust with the sources of its standard library, and of the linker for WebAssembly. */
const SYSTEM_PACKAGES = ['rustc-web', 'cargo-web', 'rust-web-src', 'lld-19'];

/** Checks that Rust and a C compiler are installed. */
export async function bringCompiler(env) {
  await succeed(['cargo', '--version'], env, 'Rust is missing: install it with rustup.');
  if (process.platform !== 'win32') {
    await succeed(['cc', '--version'], env, 'A C compiler is missing (cc): install gcc or clang.');
  }
}

/** Installs a Rust that can build WebAssembly, as crates/xtask/src/toolchain.rs looks for it. */
export async function bringWasmTarget(env) {
  if ((await hasRustupTarget(env)) || hasSystemToolchain()) return;
  const attempts = [];
  try {
    await run(['rustup', 'target', 'add', TARGET], { env, log: 'rustup-target', minutes: 2 });
    if (await hasRustupTarget(env)) return;
  } catch (error) {
    attempts.push(error.message);
  }
  if (hasApt()) {
    try {
      await aptInstall(SYSTEM_PACKAGES, env);
      if (hasSystemToolchain()) return;
    } catch (error) {
      attempts.push(error.message);
    }
  }
  throw new StepFailure(
    `${attempts.join('\n\n')}\n\nThe engine is built as WebAssembly, and no Rust here can do that. One of these helps:\n` +
      `  rustup target add ${TARGET}\n` +
      `  as root, on Debian: apt-get install ${SYSTEM_PACKAGES.join(' ')}`,
  );
}

async function hasRustupTarget(env) {
  try {
    const sysroot = (await run(['rustc', '--print', 'sysroot'], { env, log: 'rustc' })).trim();
    return existsSync(path.join(sysroot, 'lib/rustlib', TARGET, 'lib'));
  } catch {
    return false;
  }
}

function hasSystemToolchain() {
  return (
    existsSync('/usr/bin/cargo') &&
    existsSync('/usr/lib/rustlib/src/rust/library/std') &&
    readdirSync('/usr/bin').some((name) => /^wasm-ld(-\d+)?$/.test(name))
  );
}

async function succeed(command, env, otherwise) {
  try {
    await run(command, { env, log: path.basename(command[0]), minutes: 1 });
  } catch (error) {
    throw new StepFailure(`${error.message}\n\n${otherwise}`);
  }
}
