// Explores the life of a call: every order of events in small programs, then random ones in deeper programs, then engines that
// trap.
//
//   npm run explore:runs [-- --deeper N] [--random N] [--seed N] [--program NAME] [--bugs]

import { world } from './world.ts';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bugs } from './bugs.ts';
import { exploreAll, exploreRandomly } from './explore.ts';
import type { Violation } from './explore.ts';
import { buildWith } from './planted.ts';
import type { Program } from './program.ts';
import { programs } from './programs.ts';
import { Random } from '../storm/random.ts';
import { loadFusewire } from './target.ts';
import { exploreTraps } from './traps.ts';

const { values: options } = parseArgs({
  options: {
    deeper: { type: 'string', default: '0' },
    random: { type: 'string', default: '50' },
    seed: { type: 'string', default: process.env['FUSEWIRE_SEED'] ?? '20261130' },
    program: { type: 'string' },
    bugs: { type: 'boolean', default: false },
  },
});
const [deeper, randomPaths, seed] = [options.deeper, options.random, options.seed].map(Number) as [
  number,
  number,
  number,
];
process.exitCode = options.bugs ? await findBugs() : await explore();

/** Explores the programs, and returns the exit code. */
async function explore(): Promise<number> {
  const chosen = programs.filter(({ name }) => options.program === undefined || name === options.program);
  if (chosen.length === 0) throw new Error('there is no such program');
  let fusewire = loadFusewire();
  const random = new Random(seed);
  const draw = () => random.next();
  let [paths, further, violations] = [0, 0, 0];
  for (const program of chosen) {
    const complete = await exploreAll({ ...program, depth: program.depth + deeper }, fusewire);
    const longer = await exploreRandomly(program, fusewire, randomPaths, draw);
    paths += complete.paths;
    further += longer.paths;
    const found = complete.violation ?? longer.violation ?? (await exploreTraps(program, draw));
    if (found !== undefined) {
      violations += show(program, found);
      // What is left of that path would disturb the next ones.
      world.clear();
      fusewire = loadFusewire();
    }
    // A planted bug is found once.
    if (violations > 0 && options.program !== undefined) break;
  }
  console.log(
    `${chosen.length} programs, ${paths} orders of events, ${further} random ones (seed ${seed}), ${violations} violations`,
  );
  return violations === 0 ? 0 : 1;
}

function show(program: Program, { faults, events }: Violation): number {
  console.log(`${program.name}: ${faults.join('; ')}\n  after ${events.join(', ')}`);
  return 1;
}

/** Explores builds of the package with a planted bug each, and returns the exit code. */
async function findBugs(): Promise<number> {
  let missed = 0;
  for (const bug of bugs) {
    const env = { ...process.env, FUSEWIRE_RUNS_TARGET: await buildWith(bug) };
    const args = ['--no-warnings', process.argv[1] as string, '--random', '0', '--program', bug.program];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8', timeout: 60_000 });
    const isFound = status === 1;
    if (!isFound) missed++;
    const why = stdout.split('\n')[0] || (/^\w*Error: .*$/m.exec(stderr)?.[0] ?? '');
    console.log(`${isFound ? 'found' : 'MISSED'}: ${bug.name}\n  ${why}`);
  }
  console.log(`${bugs.length} planted bugs, ${missed} missed`);
  return missed === 0 ? 0 : 1;
}
