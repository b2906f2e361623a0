// Mutates npm/fusewire/src with Stryker, in a copy of the package that lies where it finds its engines.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { Stryker } from '@stryker-mutator/core';
import { at, root } from '../../.ci/lib/paths.mjs';

const PACKAGE = 'npm/fusewire';
const WORK = '.tools/mutants/typescript';
const REPORT = `${WORK}/report.html`;
const SURVIVORS = `${WORK}/survivors.txt`;
/** Least percentage of the mutants in each folder that the tests must kill: the last measured score; 0 if never measured. */
const PARTS = [
  { name: `${PACKAGE}/src`, leastScore: 69 },
  { name: `${PACKAGE}/src/policies`, leastScore: 0 },
];

/** Folders with the sources of the package, its engines, and its tests. */
const NEEDED = [PACKAGE, 'bindings/wasm/pkg', 'bindings/node/dist', 'tests/queues'];
/** Files that the tests of the package never run, with the reason. */
const LEFT_OUT = {
  'engine/codes.ts': 'written by crates/xtask, compared with Rust by `npm test`',
  'engine/modules.d.ts': 'declarations',
  'engine/generated/**': 'the engines',
  'platforms/{bundle,default,edge-light,workerd}*.ts': 'run in their runtimes, by tests/runtimes',
  'engine/{bytes,no-native,realm}.ts': 'the same',
  'time/request-timers.ts': 'the same',
};
/** Test of declarations, which mutants do not have. */
const NO_TEST_OF_BEHAVIOUR = 'types.test.ts';
/** Name of the leak test, which makes 100 000 calls. */
const TOO_LONG = '100 000 calls';
/** Timeout of one test, in milliseconds; a mutant that hangs hangs in one test. */
const MILLISECONDS = 10_000;

/** Returns one row for each folder: the number of mutants by their end, and what is wrong with it. */
export async function mutateTypeScript() {
  mkdirSync(at(WORK), { recursive: true });
  process.chdir(root);
  const mutants = await new Stryker(options()).runMutationTest();
  const survivors = mutants.filter(survived).map(described).sort();
  writeFileSync(at(SURVIVORS), `${survivors.join('\n')}\n`);
  console.log(`what survived is in ${SURVIVORS} and ${REPORT}`);
  return PARTS.map((part) => {
    const own = mutants.filter(({ fileName }) => partOf(fileName) === part);
    return row(part, own);
  });
}

function row({ name, leastScore }, mutants) {
  const having = (end) => mutants.filter(({ status }) => status === end).length;
  const ends = { killed: having('Killed'), timeouts: having('Timeout'), survived: mutants.filter(survived).length };
  const noticed = ends.killed + ends.timeouts;
  const score = (100 * noticed) / (noticed + ends.survived);
  const problems = score < leastScore ? [`${name}: ${score.toFixed(1)} % is less than ${leastScore} %`] : [];
  return { name, ...ends, excused: 0, problems };
}

/** Returns the innermost folder that holds a file. */
function partOf(file) {
  return PARTS.findLast(({ name }) => path.relative(root, file).startsWith(`${name}/`));
}

const survived = ({ status }) => status === 'Survived' || status === 'NoCoverage';

function options() {
  return {
    mutate: [`${PACKAGE}/src/**/*.ts`, ...Object.keys(LEFT_OUT).map((pattern) => `!${PACKAGE}/src/${pattern}`)],
    ignorePatterns: ['**', ...NEEDED.map((folder) => `!/${folder}/**`), `/${PACKAGE}/dist/**`],
    buildCommand: `node ${PACKAGE}/build.mjs --no-types`,
    plugins: ['@stryker-mutator/tap-runner'],
    testRunner: 'tap',
    tap: {
      testFiles: testFiles(),
      nodeArgs: [
        '--test-reporter=tap',
        `--test-timeout=${MILLISECONDS}`,
        `--test-skip-pattern=${TOO_LONG}`,
        ...['--import', at('tests/mutants/children.mjs')],
        ...['--require', '{{hookFile}}', '{{testFile}}'],
      ],
    },
    coverageAnalysis: 'perTest',
    concurrency: 2,
    timeoutMS: 10_000,
    timeoutFactor: 1.5,
    // Packages are found in the folders above.
    symlinkNodeModules: false,
    tempDirName: `${WORK}/copies`,
    reporters: ['progress-append-only', 'html'],
    htmlReporter: { fileName: REPORT },
  };
}

/** Returns the tests, those that start processes last: the quick ones kill most mutants. */
function testFiles() {
  const files = readdirSync(at(PACKAGE, 'test'))
    .filter((name) => name.endsWith('.test.ts') && name !== NO_TEST_OF_BEHAVIOUR)
    .map((name) => `${PACKAGE}/test/${name}`);
  const isSlow = (file) => readFileSync(at(file), 'utf8').includes('runScript');
  return [...files.filter((file) => !isSlow(file)), ...files.filter(isSlow)];
}

function described({ fileName, location, mutatorName, replacement, status }) {
  const place = `${path.relative(root, fileName)}:${location.start.line}:${location.start.column}`;
  return `${place} ${mutatorName}${status === 'NoCoverage' ? ', never run' : ''}: ${replacement.replaceAll(/\s+/g, ' ')}`;
}
