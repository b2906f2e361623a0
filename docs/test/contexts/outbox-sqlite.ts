/** File of SQLite for one block. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const folder = mkdtempSync(join(tmpdir(), 'fusewire-outbox-'));

export const path: string = join(folder, 'orders.db');

/** Checks that the transaction that was rolled back has left nothing, and that no message is left of the other one. */
export async function finish(): Promise<void> {
  const database = new Database(path);
  const orders = database.prepare('SELECT id FROM orders').pluck().all();
  const messages = database.prepare('SELECT key FROM fusewire_queue').pluck().all();
  database.close();
  rmSync(folder, { recursive: true });
  assert.deepEqual([orders, messages], [['order-1'], []]);
}
