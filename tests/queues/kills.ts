/** Test that a queue loses no acknowledged message, and runs none without a lease, over kills and other faults. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { interruptible } from '../../.ci/lib/processes.mjs';
import { problemsOf, runPhases } from './faults/phases.ts';
import type { Counts } from './faults/phases.ts';
import type { Subject } from './subjects.ts';

interruptible();

/** Seed of all random numbers of the test. */
const SEED = Number(process.env['FUSEWIRE_SEED'] ?? 20_260_701);
const COUNTS: Counts = { kills: 40, crashes: 5, stops: 3, partitions: 4, locks: 2, clockSteps: 3 };

/**
 * Tests that every acknowledged operation is done in the end, and that each run has a lease of its own, although two workers,
 * whose consumer starts once with each process, are killed, suspended and cut off, and the server of the store as well.
 *
 * A fault comes a random time after a random number of operations. A slow machine thus changes how long the test takes, but not
 * how much is under way when a fault comes.
 */
export function survivesKills(subject: Subject): void {
  it(`a queue in ${subject.name} loses nothing over kill -9 and other faults`, async (test) => {
    test.diagnostic(`FUSEWIRE_SEED=${SEED}`);
    const store = await subject.open();
    try {
      for await (const result of runPhases(subject, store, COUNTS, SEED)) {
        const { fault, count, acknowledged, runs, again, lost, seconds } = result;
        test.diagnostic(
          `${count} ${fault}: ${acknowledged} acknowledged, ${runs} runs, ${again} of them again, ${lost.length} lost, ` +
            `${seconds.toFixed(1)} s`,
        );
        assert.deepEqual(problemsOf(result), []);
      }
    } finally {
      await store.close();
    }
  });
}
