// Measures how long `import 'fusewire'` takes beyond an empty program, on each Node that tests/runtimes has installed.
//
//   node tests/bench/imports.mjs [runs of each program; default 40]
//
// The programs take turns, so that a slow moment of the machine slows all of them. Under load only the ratios count.

import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { median } from './source/statistics.mjs';

const runs = Number(process.argv[2] ?? 40);
const root = path.join(import.meta.dirname, '../..');
const module = (name) => JSON.stringify(pathToFileURL(path.join(root, 'npm/fusewire/dist', name)).href);
const folder = mkdtempSync(path.join(tmpdir(), 'fusewire-imports-'));
/** Other processes disturb the processor time of a process less than the time that passes. */
const PRINT_USAGE = 'const { user, system } = process.cpuUsage(); console.log((user + system) / 1e3);\n';
const programs = {
  empty: '',
  'a CommonJS module': `import ${JSON.stringify(pathToFileURL(path.join(folder, 'small.cjs')).href)};`,
  "import 'fusewire/errors'": `import ${module('errors.js')};`,
  "import 'fusewire'": `import ${module('index.js')};`,
  'the first breaker': `import { CircuitBreaker } from ${module('index.js')}; new CircuitBreaker();`,
};

try {
  writeFileSync(path.join(folder, 'small.cjs'), 'exports.one = 1;\n');
  for (const [name, text] of Object.entries(programs)) writeFileSync(fileOf(name), `${text}\n${PRINT_USAGE}`);
  const nodes = [process.execPath, ...globSync(path.join(root, 'tests/runtimes/node_modules/node-*/bin/node'))];
  for (const node of nodes.filter(existsSync)) report(node);
} finally {
  rmSync(folder, { recursive: true });
}

function fileOf(name) {
  return path.join(folder, `${Object.keys(programs).indexOf(name)}.mjs`);
}

function report(node) {
  const samples = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const name of Object.keys(programs)) samples[name].push(sample(node, fileOf(name)));
  }
  const empty = summary(samples.empty);
  console.log(`\nNode ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`);
  for (const [name, each] of Object.entries(samples)) {
    const { time, processor } = summary(each);
    const cells = [
      `${signed(time - empty.time)} ms`,
      `× ${(time / empty.time).toFixed(2)}`,
      `  ${signed(processor - empty.processor)} ms of a processor`,
    ];
    console.log(`  ${name.padEnd(26)}${cells.map((cell) => cell.padStart(12)).join('')}`);
  }
}

function signed(difference) {
  return `${difference < 0 ? '' : '+'}${difference.toFixed(1)}`;
}

function summary(samples) {
  return {
    time: median(samples.map(({ time }) => time)),
    processor: median(samples.map(({ processor }) => processor)),
  };
}

/** Returns the time that passes until a process has ended, and the processor time that it took, in milliseconds. */
function sample(node, file) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(node, [file], { encoding: 'utf8' });
  const time = performance.now() - start;
  if (status !== 0) throw new Error(stderr);
  return { time, processor: Number(stdout) };
}
