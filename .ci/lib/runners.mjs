// What `npm test` runs, and how each runner's results are read.

import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { stripVTControlCharacters } from 'node:util';
import { houseRules, importRules } from './lint-commands.mjs';
import { foldersIn, packageFolders } from './packages.mjs';
import { at, root } from './paths.mjs';
import { kill, spawnGroup } from './processes.mjs';

const MINUTES = 12;

/** One failing test program must not hide the results of the others. */
const thorough = ['--locked', '--no-fail-fast'];

/** Every runner, in order: what fails fast and says most comes first. */
export function runners() {
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

/** A command that says yes or no. */
function check(name, quick, command) {
  return {
    name,
    quick,
    async run() {
      const { code, why } = await show(command);
      return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, note: why };
    },
  };
}

/** Rust tests: each test program ends with a line of totals. */
function cargoTests(name, quick, args) {
  return {
    name,
    quick,
    async run() {
      const { code, why, output } = await show(['cargo', ...args]);
      const totals = [...output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed;/gm)];
      const sum = (group) => totals.reduce((total, match) => total + Number(match[group]), 0);
      return verdict({ passed: sum(1), failed: sum(2), code, why });
    },
  };
}

/** One runner for each folder with TypeScript settings. */
function typeChecks() {
  return testedFolders()
    .filter((folder) => existsSync(at(folder, 'tsconfig.json')))
    .map((folder) => check(`types ${folder}`, true, ['tsc', '--noEmit', '--project', folder]));
}

/** One runner for each folder with tests for Node. */
function nodeTests() {
  return testedFolders()
    .filter((folder) => folder.startsWith('npm/') || testFiles(folder).length > 0)
    .map((folder) => nodeTest(folder, folder.startsWith('npm/') && !withServers.test(folder), testFiles(folder)));
}

/** Packages whose tests start servers, and kill what uses them. */
const withServers = /^npm\/stores\//;

function nodeTest(name, quick, files) {
  return {
    name,
    quick,
    async run() {
      if (files.length === 0) return { passed: 0, failed: 1, note: 'no test files' };
      const totals = at('.tools/test-totals.json');
      mkdirSync(path.dirname(totals), { recursive: true });
      rmSync(totals, { force: true });
      const reporters = [
        ['spec', 'stdout'],
        [new URL('totals-reporter.mjs', import.meta.url).href, totals],
      ].flatMap(([reporter, destination]) => [
        `--test-reporter=${reporter}`,
        `--test-reporter-destination=${destination}`,
      ]);
      const { code, why } = await show([process.execPath, '--test', '--test-timeout=300000', ...reporters, ...files]);
      return verdict({ ...readTotals(totals), code, why });
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

/** Totals may lie by omission: a crash leaves no failed test behind, and no test at all is no success. */
function verdict({ passed, failed, code, why }) {
  if (code !== 0 && failed === 0) return { passed, failed: 1, note: why };
  if (passed + failed === 0) return { passed, failed: 1, note: 'no tests ran' };
  return { passed, failed };
}

/** The folders that may have TypeScript settings and tests for Node. */
function testedFolders() {
  return [...packageFolders(), ...foldersIn('tests'), ...foldersIn('examples'), 'docs'];
}

function testFiles(folder) {
  const outside = new Set(['node_modules', 'dist']);
  return globSync('**/*.test.{ts,mjs,js}', { cwd: at(folder), exclude: (name) => outside.has(name) })
    .map((file) => path.join(folder, file))
    .sort();
}

/** Runs `command`, shows its output as it comes, and resolves with how it ended and what it wrote to standard output. */
function show([program, ...args]) {
  return new Promise((resolve) => {
    const env = { ...process.env, CARGO_TERM_COLOR: process.stdout.isTTY ? 'always' : 'never' };
    const child = spawnGroup(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    const deadline = setTimeout(() => kill(child), MINUTES * 60_000);
    const end = (code, why) => {
      clearTimeout(deadline);
      resolve({ code, why, output: stripVTControlCharacters(output) });
    };
    child.once('error', (error) => end(1, error.message));
    child.once('close', (code, signal) => end(code ?? 1, signal ? `ended by ${signal}` : `exit code ${code}`));
  });
}
