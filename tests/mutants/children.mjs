// Coverage of the processes and threads that a test starts. Each writes down the mutants that it covered; the test's own
// process, the only one that Stryker asks, adds them to its own.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { threadId } from 'node:worker_threads';

const FOLDER = 'FUSEWIRE_COVERAGE_FOLDER';
const inherited = process.env[FOLDER];

if (inherited !== undefined) process.on('exit', () => writeDown(inherited));
else if (process.env.STRYKER_DRY_RUN === 'true') collect();

function collect() {
  const folder = mkdtempSync(path.join(tmpdir(), 'fusewire-coverage-'));
  process.env[FOLDER] = folder;
  process.env.NODE_OPTIONS = `--import ${import.meta.url}`;
  // Runs before Stryker's own listener, which reports the coverage collected so far.
  process.prependListener('exit', () => {
    for (const file of readdirSync(folder)) add(JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
    rmSync(folder, { recursive: true });
  });
}

function writeDown(folder) {
  const coverage = globalThis.__stryker__?.mutantCoverage;
  if (coverage === undefined) return;
  writeFileSync(path.join(folder, `${process.pid}-${threadId}.json`), JSON.stringify(coverage.static));
}

function add(theirs) {
  const coverage = (globalThis.__stryker__.mutantCoverage ??= { static: {}, perTest: {} });
  for (const [mutant, hits] of Object.entries(theirs)) {
    coverage.static[mutant] = (coverage.static[mutant] ?? 0) + hits;
  }
}
