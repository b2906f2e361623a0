// Explores the stores of queues that are our own: every order of operations in small scopes, then random programs. After each
// operation a store must have the result and the state of the reference model.
//
//   npm run explore:queues [-- --store NAME] [--deeper N] [--random N] [--seed N] [--bugs]

import process from 'node:process';
import { parseArgs } from 'node:util';
import { Random } from '../../storm/random.ts';
import { bugs } from './bugs.ts';
import { Explorer } from './explore.ts';
import type { Exploration, Violation } from './explore.ts';
import { subjects } from './subjects.ts';
import type { Subject } from './subjects.ts';

/** Number of operations of a random program. */
const RANDOM_LENGTH = 60;

const { values: options } = parseArgs({
  options: {
    store: { type: 'string' },
    deeper: { type: 'string', default: '0' },
    random: { type: 'string', default: '200' },
    seed: { type: 'string', default: process.env['FUSEWIRE_SEED'] ?? '20261201' },
    bugs: { type: 'boolean', default: false },
  },
});
const [deeper, programs, seed] = [options.deeper, options.random, options.seed].map(Number) as [number, number, number];
process.exitCode = options.bugs ? await findBugs() : await explore();

/** Explores the stores, and returns the exit code. */
async function explore(): Promise<number> {
  const chosen = subjects.filter(({ name }) => options.store === undefined || name === options.store);
  if (chosen.length === 0) throw new Error('there is no such store');
  let violations = 0;
  for (const subject of chosen) {
    const create = await subject.build();
    const explorer = new Explorer(subject, create);
    const { states, transitions, pairs, violation } = await explorer.exploreAll(
      subject.depth + deeper,
      subject.pairDepth,
    );
    const random = new Random(seed);
    const longer = violation === undefined ? await exploreRandomly(subject, random) : undefined;
    console.log(
      `${subject.name}: ${states} states, ${transitions} transitions and ${pairs} pairs at once, ` +
        `programs of ${subject.depth + deeper} operations; ${programs} random programs of ${RANDOM_LENGTH} (seed ${seed})`,
    );
    violations += show(violation ?? longer?.violation);
  }
  console.log(`${violations} violations`);
  return violations === 0 ? 0 : 1;
}

async function exploreRandomly(subject: Subject, random: Random): Promise<Exploration> {
  const explorer = new Explorer(subject, await subject.build());
  return explorer.exploreRandomly(programs, RANDOM_LENGTH, (choices) => random.below(choices));
}

function show(violation: Violation | undefined): number {
  if (violation === undefined) return 0;
  console.log(`  ${violation.faults.join('\n  ')}\n  after: ${violation.operations.join('; ')}`);
  return 1;
}

/** Explores stores with a planted bug each, and returns the exit code. */
async function findBugs(): Promise<number> {
  let missed = 0;
  for (const bug of bugs) {
    const subject = subjects.find(({ name }) => name === bug.subject) as Subject;
    const explorer = new Explorer(subject, await subject.build(bug));
    const { violation } = await explorer.exploreAll(subject.depth, subject.pairDepth);
    if (violation === undefined) missed++;
    console.log(`${violation === undefined ? 'MISSED' : 'found'}: ${bug.name}\n  ${violation?.faults[0] ?? ''}`);
  }
  console.log(`${bugs.length} planted bugs, ${missed} missed`);
  return missed === 0 ? 0 : 1;
}
