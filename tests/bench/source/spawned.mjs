import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { PACKAGE } from './process.mjs';
import { rowOf } from './rows.mjs';
import { fastest, median, shuffled } from './statistics.mjs';

const EXIT_LIMIT_MS = 3_000;

/**
 * How long a process lives on after its only call has settled.
 * @returns {Promise<import('./rows.mjs').Row[]>}
 */
export async function measureExit(benchCase, settings) {
  const results = benchCase.subjects.map((subject) => ({ subject, delays: [] }));
  for (let round = 0; round < benchCase.task.rounds; round++) {
    for (const { subject, delays } of shuffled(results)) {
      // One look is enough at a process that never ends.
      if (delays.includes(Infinity)) continue;
      delays.push(await exitDelay(settings, subject.contender ?? 'none'));
    }
  }
  return results.map(({ subject, delays }) =>
    delays.includes(NaN)
      ? { ...rowOf(benchCase, subject), unavailable: 'the call failed' }
      : { ...rowOf(benchCase, subject), exitMs: median(delays), exitFastestMs: fastest(delays) },
  );
}

/** Milliseconds; Infinity where the process had to be ended, NaN where the call failed. */
function exitDelay({ node, nodeFlags }, contender) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, ['--no-warnings', ...nodeFlags, 'source/exit-probe.mjs', contender], {
      cwd: PACKAGE,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let settledAt = NaN;
    let limit;
    child.stdout.once('data', () => {
      settledAt = performance.now();
      limit = setTimeout(() => child.kill('SIGKILL'), EXIT_LIMIT_MS);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      resolve(signal === 'SIGKILL' ? Infinity : performance.now() - settledAt);
    });
  });
}

/**
 * A process that only imports a library, over one with an empty script, on the measured Node.js and on another major
 * version where one is found in PATH.
 * @returns {Promise<import('./rows.mjs').Row[]>}
 */
export async function measureImport(benchCase, settings) {
  const rows = [];
  for (const [index, node] of [settings.node, ...otherVersions(settings.node)].entries()) {
    const results = benchCase.subjects.map((subject) => ({
      subject,
      differences: [],
      imports: [],
      empties: [],
      failed: false,
    }));
    for (let round = 0; round < benchCase.task.rounds; round++) {
      for (const result of shuffled(results.filter((each) => !each.failed))) {
        const before = await processTime(node, '');
        const importing = await processTime(node, `import '${result.subject.contender}';`);
        const after = await processTime(node, '');
        result.failed = Number.isNaN(importing);
        result.differences.push(importing - (before + after) / 2);
        result.imports.push(importing);
        result.empties.push(before, after);
      }
    }
    for (const { subject, differences, imports, empties, failed } of results) {
      const row = { ...rowOf(benchCase, subject), nodeVersion: versionOf(node), onMeasuredNode: index === 0 };
      rows.push(
        failed
          ? { ...row, unavailable: 'the import failed' }
          : { ...row, importMs: median(differences), importFastestMs: fastest(imports) - fastest(empties) },
      );
    }
  }
  return rows;
}

/** Milliseconds from start to exit; NaN where it failed. */
function processTime(node, script) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(node, ['--no-warnings', '--input-type=module', '--eval', script], {
      cwd: PACKAGE,
      stdio: 'ignore',
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code === 0 ? performance.now() - started : NaN));
  });
}

/** One binary for each other major version in PATH, from 20 on. */
function otherVersions(node) {
  const seen = new Set([majorOf(node)]);
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((candidate) => existsSync(candidate))
    .filter((candidate) => {
      const major = majorOf(candidate);
      if (major < 20 || seen.has(major)) return false;
      seen.add(major);
      return true;
    });
}

function versionOf(node) {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
}

function majorOf(node) {
  return Number.parseInt(versionOf(node).slice(1), 10);
}
