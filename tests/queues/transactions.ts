/** Tests of queues in PostgreSQL, in whose transactions a program adds messages. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import pg from 'pg';
import type { Queue } from 'fusewire/queue';

/**
 * Tests that a message exists if, and only if, the transaction of the program commits.
 *
 * @param open opens a queue that was never used, over a pool if it takes one.
 */
export function addsInTransactions(connectionString: () => string, open: (pool: pg.Pool) => Queue): void {
  it('adds a message in a transaction of the program, and not if that is rolled back, also at the first use', async () => {
    const own = new pg.Pool({ connectionString: connectionString() });
    const queue = open(own);
    const client = await own.connect();
    for (const [key, end] of [
      ['undone', 'ROLLBACK'],
      ['kept', 'COMMIT'],
    ] as const) {
      await client.query('BEGIN');
      assert.equal((await queue.enqueue({ key, payload: 1 }, { in: client })).status, 'new');
      await client.query(end);
    }
    assert.equal((await queue.size()).waiting, 1);
    client.release();
    await Promise.all([queue.close(), own.end()]);
  });
}
