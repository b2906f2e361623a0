// Feeds the bridge with whatever the fuzzer makes up, and keeps what is worth replaying in corpus.txt.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { at } from '../../.ci/lib/paths.mjs';
import { environment, exec, interruptible } from '../../.ci/lib/processes.mjs';

const USAGE = `usage: npm run fuzz -- [--seconds N]

  --seconds  how long, 1 to 604800; 60 unless told otherwise`;

const CARGO_FUZZ = '0.13.2';
const LONGEST_INPUT = 1024;

const tools = at('.tools/cargo');
const work = at('.tools/fuzz');
const kept = at('tests/fuzz/corpus.txt');
const fuzzer = at('tests/fuzz/fuzzer');
const env = { ...environment(), PATH: `${path.join(tools, 'bin')}${path.delimiter}${process.env.PATH}` };

interruptible();
process.exitCode = await main();

async function main() {
  const seconds = readSeconds();
  if (seconds === undefined) return 2;
  if (!(await bringTools())) return 1;
  const corpus = unpack();
  const status = await fuzz('run', corpus, '--', `-max_total_time=${seconds}`, ...limits());
  const failing = readdirSync(work).filter((name) => /^(crash|oom|timeout|leak)-/.test(name));
  await pack(corpus, failing);
  for (const name of failing) console.log(`does not hold: .tools/fuzz/${name}, now in tests/fuzz/corpus.txt as well`);
  return status === 0 && failing.length === 0 ? 0 : 1;
}

function readSeconds() {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
  const seconds = Number(values.seconds);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 604_800) return seconds;
  console.error(`--seconds must be a whole number from 1 to 604800, got '${values.seconds}'\n\n${USAGE}`);
  return undefined;
}

/** The fuzzer is compiled by a nightly Rust, which nobody is made to install for anything else. */
async function bringTools() {
  if ((await exec(['cargo', '+nightly', '--version'], env)) !== 0) {
    console.error('The fuzzer needs a nightly Rust: rustup toolchain install nightly');
    return false;
  }
  if (existsSync(path.join(tools, 'bin/cargo-fuzz'))) return true;
  console.log(`installing cargo-fuzz ${CARGO_FUZZ} into .tools`);
  const install = ['cargo', 'install', 'cargo-fuzz', '--version', CARGO_FUZZ, '--locked', '--root', tools];
  return (await exec(install, env)) === 0;
}

function fuzz(command, ...args) {
  return exec(['cargo', '+nightly', 'fuzz', command, '--fuzz-dir', fuzzer, 'bridge', ...args], env);
}

function limits() {
  return [`-max_len=${LONGEST_INPUT}`, `-artifact_prefix=${work}/`];
}

/** A folder with the inputs that were kept. */
function unpack() {
  const corpus = path.join(work, 'corpus');
  mkdirSync(corpus, { recursive: true });
  const inputs = existsSync(kept) ? readFileSync(kept, 'utf8').split('\n').filter(Boolean) : [];
  inputs.forEach((input, index) => writeFileSync(path.join(corpus, `kept-${index}`), Buffer.from(input, 'hex')));
  return corpus;
}

/** Keeps the fewest inputs that reach as much as all of them, and those that fail. */
async function pack(corpus, failing) {
  const fewest = path.join(work, 'fewest');
  rmSync(fewest, { recursive: true, force: true });
  mkdirSync(fewest);
  await fuzz('run', fewest, corpus, '--', '-merge=1', ...limits());
  const inputs = [
    ...readdirSync(fewest).map((name) => path.join(fewest, name)),
    ...failing.map((name) => path.join(work, name)),
  ];
  const lines = inputs.map((file) => readFileSync(file).toString('hex')).sort();
  writeFileSync(kept, `${[...new Set(lines)].join('\n')}\n`);
  console.log(`${lines.length} inputs kept`);
}
