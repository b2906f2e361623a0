#!/usr/bin/env node
// Builds the native addon for other platforms than this machine's, and checks the header of each file.
//
//   npm run build:platforms [-- platform…]   those of bindings/node/platforms.json, or all that can be built here
//
// They go to target/platforms; `node .ci/pack.mjs target/platforms` packs them.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describeBinary } from './lib/binaries.mjs';
import { at } from './lib/paths.mjs';
import { environment, exec, interruptible, run, StepFailure } from './lib/processes.mjs';

/** Linker for every platform, and the variables that make Cargo use it. */
const ZIG = ['ziglang==0.17.1', 'cargo-zigbuild==0.24.0'];
const zigFolder = at('.tools/zig');

async function main() {
  interruptible();
  const platforms = chosen(process.argv.slice(2));
  const env = await environmentFor(platforms);
  const rows = [];
  for (const platform of platforms) {
    const begun = performance.now();
    const xtask = ['cargo', 'run', '--quiet', '--package', 'xtask', '--', 'native', '--target', platform.name];
    if ((await exec(xtask, env)) !== 0) throw new StepFailure(`${platform.name} cannot be built here`);
    const seconds = (performance.now() - begun) / 1000;
    const file = readFileSync(at(`target/platforms/fusewire.${platform.name}.node`));
    const size = `${Math.ceil(file.length / 1024)} KiB`;
    rows.push([platform.name, size, `${seconds.toFixed(0)} s`, verified(file, platform)]);
  }
  for (const cells of rows) console.log(cells.map((cell) => cell.padEnd(18)).join(''));
}

function chosen(names) {
  const table = JSON.parse(readFileSync(at('bindings/node/platforms.json'), 'utf8'));
  const unknown = names.filter((name) => !table.some((platform) => platform.name === name));
  if (unknown.length > 0) throw new StepFailure(`no such platform: ${unknown.join(', ')}`);
  if (names.length > 0) return table.filter(({ name }) => names.includes(name));
  // Only Windows can build for Windows, and it builds for nothing else.
  return table.filter(({ os }) => (os === 'win32') === (process.platform === 'win32'));
}

function verified(file, platform) {
  const { os, cpu, needs } = describeBinary(file);
  if (os !== platform.os || cpu !== platform.cpu) {
    throw new StepFailure(`${platform.name}: what was built is for ${os} on ${cpu}`);
  }
  return needs;
}

/** Returns the environment of the build; zig is on the search path if the system's linker cannot link a platform. */
async function environmentFor(platforms) {
  const env = environment(path.dirname(process.execPath));
  if (platforms.every(({ os }) => os === process.platform && os !== 'linux')) return env;
  const programs = path.join(zigFolder, 'bin');
  if (!existsSync(path.join(programs, 'cargo-zigbuild'))) {
    await run(['python3', '-m', 'venv', zigFolder], { env, log: 'zig-venv' });
    await run([path.join(programs, 'pip'), 'install', '--quiet', ...ZIG], { env, log: 'zig' });
  }
  return { ...env, PATH: [programs, env.PATH].join(path.delimiter) };
}

main().catch((error) => {
  console.error(error instanceof StepFailure ? error.message : error);
  process.exitCode = 1;
});
