// Mutates the crates that decide with cargo-mutants, in a copy of the repository.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { at } from '../../.ci/lib/paths.mjs';
import { environment, exec, StepFailure } from '../../.ci/lib/processes.mjs';

const CARGO_MUTANTS = '27.1.0';
const CRATES = ['breaker-core', 'breaker-bridge'];
/** Tests that run on the survivors of the crates' own tests; they take longer. */
const JUDGE = 'breaker-model';
const OPERATIONS = '200000';
const SECONDS = '120';
/** Exit codes of cargo-mutants after it has tested every mutant. */
const JUDGED = new Set([0, 2, 3]);

const tools = at('.tools/cargo');
const work = at('.tools/mutants/rust');
const reasons = at('tests/mutants/survivors.json');
const env = {
  ...environment(),
  PATH: `${path.join(tools, 'bin')}${path.delimiter}${process.env.PATH}`,
  FUSEWIRE_OPERATIONS: OPERATIONS,
};

/** Returns one row for each crate: the number of mutants by their end, and what is wrong with it. */
export async function mutateRust() {
  await bringTools();
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const first = await run(CRATES);
  const second = await run([...CRATES, JUDGE], '--iterate');
  const ends = [...new Map([...first, ...second].map((mutant) => [mutant.name, mutant])).values()];
  const excuses = readReasons();
  return CRATES.map((crate) => row(crate, ends, excuses));
}

async function bringTools() {
  if (existsSync(path.join(tools, 'bin/cargo-mutants'))) return;
  console.log(`installing cargo-mutants ${CARGO_MUTANTS} into .tools`);
  const install = ['cargo', 'install', 'cargo-mutants', '--version', CARGO_MUTANTS, '--locked', '--root', tools];
  if ((await exec(install, env)) !== 0) throw new StepFailure('cargo-mutants cannot be installed');
}

/** Tests the mutants with the tests of these packages. Resolves with the end of each mutant. */
async function run(judges, ...options) {
  const settings = ['--config', at('tests/mutants/mutants.toml'), '--output', work, '--timeout', SECONDS];
  const packages = CRATES.flatMap((crate) => ['--package', crate]);
  const tests = ['--test-package', judges.join(',')];
  const code = await exec(['cargo', 'mutants', ...settings, ...packages, ...tests, ...options], env);
  if (!JUDGED.has(code)) throw new StepFailure(`cargo-mutants ended with ${code}`);
  const { outcomes } = JSON.parse(readFileSync(path.join(work, 'mutants.out/outcomes.json'), 'utf8'));
  return outcomes
    .filter(({ scenario }) => scenario.Mutant !== undefined)
    .map(({ scenario, summary }) => ({ ...scenario.Mutant, end: summary }));
}

/** Returns the ends of the mutants; a survivor is marked if survivors.json states a reason for it. */
function row(crate, ends, excuses) {
  const mutants = ends.filter((mutant) => mutant.package === crate);
  const having = (end) => mutants.filter((mutant) => mutant.end === end);
  const missed = countBy(having('MissedMutant').map(placeless));
  const expected = excuses.filter(({ mutant }) => mutant.startsWith(`crates/${crate}/`));
  const excused = new Map(expected.map(({ mutant, times }) => [mutant, Math.min(times, missed.get(mutant) ?? 0)]));
  const surplus = [...missed].map(([name, times]) => ({ name, times: times - (excused.get(name) ?? 0) }));
  const stale = expected.filter(({ mutant, times }) => excused.get(mutant) < times);
  return {
    name: crate,
    killed: having('CaughtMutant').length,
    timeouts: having('Timeout').length,
    excused: sum([...excused.values()]),
    survived: sum(surplus.map(({ times }) => times)),
    problems: [
      ...surplus
        .filter(({ times }) => times > 0)
        .map(({ name, times }) => `survived without a reason: ${name} (${times})`),
      ...stale.map(({ mutant }) => `has a reason in survivors.json, and is killed: ${mutant}`),
    ],
  };
}

/** Reads the reasons of survivors, each for a number of mutants of that name. */
function readReasons() {
  const groups = JSON.parse(readFileSync(reasons, 'utf8'));
  return groups.flatMap(({ mutants }) => Object.entries(mutants).map(([mutant, times]) => ({ mutant, times })));
}

/** Returns the name of a mutant without line and column, which move with every edit. */
const placeless = ({ name }) => name.replace(/:\d+:\d+:/, ':');

function countBy(names) {
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
