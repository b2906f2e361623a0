// Simulates consumers whose connections to the store fail, and whose processes are suspended, closed and killed, on a scheduler
// that owns timers and the clock. A simulation depends on its seed alone.
//
//   npm run simulate:queues [-- --runs N] [--seed N] [--bugs]

import { world } from '../../runs/world.ts';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { buildStore } from '../model/build.ts';
import { bugs } from './bugs.ts';
import { Simulation } from './simulation.ts';
import type { Parts } from './simulation.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: process.env['FUSEWIRE_SEED'] ?? '20261201' },
    bugs: { type: 'boolean', default: false },
  },
});
const [count, seed] = [Number(options.runs), Number(options.seed)];
const ENTRY = 'tests/queues/consumers/parts.mjs';

const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

process.exitCode = options.bugs ? await findBugs() : await simulate();

/** Runs simulations until one finds a fault, and returns it. */
async function search(parts: Parts): Promise<{ seed: number; runs: number; failed: Simulation | undefined }> {
  let runs = 0;
  for (let index = 0; index < count; index++) {
    world.clear();
    const simulation = new Simulation(parts, seed + index);
    await simulation.run();
    await world.settle();
    for (const reason of unhandled.splice(0)) simulation.fault(`nobody handled ${String(reason)}`);
    runs += simulation.runs;
    if (simulation.faults.length > 0) return { seed: seed + index, runs, failed: simulation };
  }
  return { seed, runs, failed: undefined };
}

async function simulate(): Promise<number> {
  const found = await search((await buildStore(ENTRY)) as unknown as Parts);
  if (found.failed !== undefined) {
    console.log(`seed ${found.seed}: ${found.failed.faults.join('; ')}\n  ${found.failed.steps.join('\n  ')}`);
    return 1;
  }
  console.log(`${count} simulations from seed ${seed}, ${found.runs} runs of operations, no fault`);
  return 0;
}

async function findBugs(): Promise<number> {
  let missed = 0;
  for (const bug of bugs) {
    const { failed, seed: which } = await search((await buildStore(ENTRY, bug)) as unknown as Parts);
    if (failed === undefined) missed++;
    console.log(
      `${failed === undefined ? 'MISSED' : 'found'}: ${bug.name}\n  ${failed?.faults[0] ?? ''}, seed ${which}`,
    );
  }
  console.log(`${bugs.length} planted bugs, ${missed} missed`);
  return missed === 0 ? 0 : 1;
}
