// The runners of `npm test`: the command of each, and how its results are read.

import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { stripVTControlCharacters } from 'node:util';
import { houseRules, importRules } from './lint-commands.mjs';
import { foldersIn, packageFolders } from './packages.mjs';
import { at, root } from './paths.mjs';
import { kill, spawnGroup } from './processes.mjs';

/** Minutes after which a runner counts as hanging, on a machine that is busy with other work. */
const MINUTES = 40;

/** Cargo options that keep one failing test program from hiding the results of the others. */
const thorough = ['--locked', '--no-fail-fast'];

/** Cargo locks its folder: of the runners that build with it, one runs at a time. */
const CARGO = 'cargo';

/**
 * The longest runners, which start first, so that the short ones fill both places to the end. Those that build with Cargo
 * come early, since they wait for each other.
 */
const LONGEST = [
  ...['tests/packaging', 'rust', 'tests/explore', 'docs', 'tests/properties', 'npm/fusewire', 'tests/runtimes'],
  ...[
    'rust lint',
    'build tasks',
    'tests/storm',
    'tests/next',
    'tests/runs',
    'npm/stores/postgres',
    'npm/stores/bullmq',
  ],
  ...['tests/nestjs', 'lint'],
];

/**
 * Every runner, in the order in which they start. A runner has `name`, `quick`, `run(write)`, and `uses`, the one
 * thing that it needs for itself alone.
 */
export function runners() {
  const rank = ({ name }) => (LONGEST.includes(name) ? LONGEST.indexOf(name) : LONGEST.length);
  return all().sort((one, other) => rank(one) - rank(other));
}

function all() {
  return [
    cargoTests('rust', true, ['test', '--workspace', '--exclude', 'fusewire-wasm', '--exclude', 'xtask', ...thorough]),
    check('generated files', true, ['cargo', 'run', '--quiet', '--package', 'xtask', '--', 'codes', '--check']),
    ...typeChecks(),
    ...nodeTests(),
    cargoTests('build tasks', false, ['test', '--package', 'xtask', ...thorough]),
    check('rust format', false, ['cargo', 'fmt', '--all', '--check']),
    check('rust lint', false, ['cargo', 'clippy', '--workspace', '--all-targets', '--locked', '--', '-D', 'warnings']),
    check('lint', false, ['eslint', '.']),
    check('import rules', false, importRules),
    check('house rules', false, houseRules),
    check('format', false, ['prettier', '--check', '--log-level', 'warn', '.']),
  ];
}

/** Returns a runner that passes if `command` succeeds. */
function check(name, quick, command) {
  return {
    name,
    quick,
    uses: command[0] === CARGO ? CARGO : undefined,
    async run(write) {
      const { code, why } = await show(command, write);
      return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, note: why };
    },
  };
}

/** Returns a runner of Rust tests. Each test program prints a line of totals at its end. */
function cargoTests(name, quick, args) {
  return {
    name,
    quick,
    uses: CARGO,
    async run(write) {
      const { code, why, output } = await show([CARGO, ...args], write);
      const totals = [...output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed;/gm)];
      const sum = (group) => totals.reduce((total, match) => total + Number(match[group]), 0);
      return resultOf({ passed: sum(1), failed: sum(2), code, why });
    },
  };
}

/** Returns one runner for each folder with TypeScript settings. */
function typeChecks() {
  return testedFolders()
    .filter((folder) => existsSync(at(folder, 'tsconfig.json')))
    .map((folder) => check(`types ${folder}`, true, ['tsc', '--noEmit', '--project', folder]));
}

/** Returns one runner for each folder with tests for Node. */
function nodeTests() {
  return testedFolders()
    .filter((folder) => folder.startsWith('npm/') || testFiles(folder).length > 0)
    .map((folder) => nodeTest(folder, folder.startsWith('npm/') && !withServers.test(folder), testFiles(folder)));
}

/** Folders whose tests build and start Rust programs. */
const callsCargo = /^tests\/(explore|properties|bench|mutants|search)$/;

/** Packages whose tests start servers and kill processes; too slow for `npm run test:quick`. */
const withServers = /^npm\/stores\//;

function nodeTest(name, quick, files) {
  return {
    name,
    quick,
    uses: callsCargo.test(name) ? CARGO : undefined,
    async run(write) {
      if (files.length === 0) return { passed: 0, failed: 1, note: 'no test files' };
      const totals = at('.tools/test-totals', `${name.replaceAll('/', '-')}.json`);
      mkdirSync(path.dirname(totals), { recursive: true });
      rmSync(totals, { force: true });
      const reporters = [
        ['spec', 'stdout'],
        [new URL('totals-reporter.mjs', import.meta.url).href, totals],
      ].flatMap(([reporter, destination]) => [
        `--test-reporter=${reporter}`,
        `--test-reporter-destination=${destination}`,
      ]);
      const { code, why } = await show(
        [process.execPath, '--test', '--test-timeout=900000', ...reporters, ...files],
        write,
      );
      return resultOf({ ...readTotals(totals), code, why });
    },
  };
}

function readTotals(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0 };
  }
}

/** Returns the result of a runner. A crash without a failed test, and a run without any test, count as one failure. */
function resultOf({ passed, failed, code, why }) {
  if (code !== 0 && failed === 0) return { passed, failed: 1, note: why };
  if (passed + failed === 0) return { passed, failed: 1, note: 'no tests ran' };
  return { passed, failed };
}

/** Returns the folders that may have TypeScript settings or tests for Node. */
function testedFolders() {
  return [...packageFolders(), ...foldersIn('tests'), ...foldersIn('examples'), 'docs'];
}

function testFiles(folder) {
  const outside = new Set(['node_modules', 'dist']);
  return globSync('**/*.test.{ts,mjs,js}', { cwd: at(folder), exclude: (name) => outside.has(name) })
    .map((file) => path.join(folder, file))
    .sort();
}

/** Runs `command`, hands its output to `write`, and resolves with how it ended and what it wrote to standard output. */
function show([program, ...args], write) {
  return new Promise((resolve) => {
    const env = { ...process.env, CARGO_TERM_COLOR: process.stdout.isTTY ? 'always' : 'never' };
    const child = spawnGroup(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      write(text);
    });
    child.stderr.setEncoding('utf8').on('data', write);
    const deadline = setTimeout(() => kill(child), MINUTES * 60_000);
    const end = (code, why) => {
      clearTimeout(deadline);
      resolve({ code, why, output: stripVTControlCharacters(output) });
    };
    child.once('error', (error) => end(1, error.message));
    child.once('close', (code, signal) => end(code ?? 1, signal ? `ended by ${signal}` : `exit code ${code}`));
  });
}
