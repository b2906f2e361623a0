/** Tests that a queue loses no acknowledged message, and runs none without a lease, whatever dies. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { interruptible } from '../../.ci/lib/processes.mjs';
import { problemsOf, runPhase } from './faults/phases.ts';
import type { Fault, OpenSubject, Subject } from './subjects.ts';

interruptible();

/** Seed of all random numbers of the tests. */
const SEED = Number(process.env['FUSEWIRE_SEED'] ?? 20_260_701);

/**
 * Tests that every acknowledged operation is done in the end, and that each run has a lease of its own, although two workers,
 * whose consumer starts once with each process, are killed, suspended and cut off, and the server of the store as well.
 *
 * A fault comes a random time after a random number of operations. A slow machine thus changes how long the test takes, but not
 * how much is under way when a fault comes. `npm run kills` has more of them.
 */
export function survivesKills(subject: Subject): void {
  const { name, faults } = subject;
  let store: OpenSubject;

  const over = (fault: Fault, count: number) => async (test: TestContext) => {
    const result = await runPhase(subject, store, fault, count, SEED);
    const { acknowledged, runs, again, lost, slowest } = result;
    test.diagnostic(
      `${count} ${fault} (seed ${SEED}): ${acknowledged} acknowledged, ${runs} runs, ${again} of them again, ` +
        `${lost.length} lost; slowest to go on ${Math.round(slowest)} ms`,
    );
    assert.deepEqual(problemsOf(result), []);
  };
  const has = (fault: Fault) => faults.includes(fault);

  describe(`two workers of a queue in ${name}`, () => {
    before(async () => void (store = await subject.open()));
    after(() => store.close());

    if (has('kills')) it('lose nothing over kill -9', over('kills', 40));
    if (has('crashes')) it('lose nothing over crashes of the server, and go on', over('crashes', 5));
    if (has('stops')) it('lose nothing when they are suspended for longer than a lease, and go on', over('stops', 4));
    if (has('partitions')) it('lose nothing over cut and lost connections, and go on', over('partitions', 3));
    if (has('locks')) it('lose nothing while another process holds the write lock, and go on', over('locks', 2));
    if (has('clockSteps')) it('lose nothing when the wall clock is set, and go on', over('clockSteps', 3));
  });
}
