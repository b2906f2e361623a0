/** Check of a queue over a table of an earlier release. */
import assert from 'node:assert/strict';
import type { Queue } from 'fusewire/queue';
import { until } from './until.ts';

/** Statements of the earlier release. */
export interface EarlierRelease {
  /** Adds a message that is a day old. */
  add(key: string): unknown;
  /** Makes a message a dead letter, without a time of death. */
  bury(key: string): unknown;
}

/**
 * Checks that nothing is lost while two releases use a table: a queue over one with a waiting message and a dead letter, and the
 * statements of the earlier release.
 */
export async function worksBeside({ add, bury }: EarlierRelease, queue: Queue): Promise<void> {
  // The statements of the earlier release go on.
  for (const key of ['added', 'buried']) await add(key);
  await bury('buried');
  await queue.enqueue({ key: 'new', payload: 1, group: 'account' });
  // The earlier release has stored no time of death: these letters are not taken for old ones.
  assert.equal(await queue.discardAll({ olderThan: 60_000 }), 0);
  assert.equal((await queue.deadLetters()).letters.length, 2);
  assert.equal(await queue.reviveAll({ error: 'old' }), 2);
  const keys: string[] = [];
  const consumer = queue.consume({ pollInterval: 10 }, (_, { key }) => void keys.push(key));
  await until(async () => keys.length === 5);
  assert.deepEqual(keys.toSorted(), ['added', 'buried', 'dead', 'new', 'waiting']);
  await consumer.close();
}
