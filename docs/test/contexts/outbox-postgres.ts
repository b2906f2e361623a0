/** Server of PostgreSQL for one block. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { startPostgres } from '../../../tests/queues/servers.ts';

const server = await startPostgres();

export const connectionString = `postgres://postgres@127.0.0.1:${server.port}/postgres`;

/** Checks that the transaction that was rolled back has left nothing, and that no message is left of the other one. */
export async function finish(): Promise<void> {
  const pool = new pg.Pool({ connectionString });
  const { rows } = await pool.query('SELECT id FROM orders');
  const { rows: messages } = await pool.query('SELECT key FROM fusewire_queue');
  await pool.end();
  await server.stop();
  assert.deepEqual([rows, messages], [[{ id: 'order-1' }], []]);
}
