import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { sqliteQueue } from '@fusewire/sqlite';
import { SqliteQueueStore } from '../src/queue/store.ts';
import { behavesAsQueue } from '../../../../tests/queues/behaviour.ts';

const folder = mkdtempSync(join(tmpdir(), 'fusewire-queue-'));

behavesAsQueue({
  name: 'SQLite',
  open: (name) => sqliteQueue({ path: join(folder, 'queues.db'), table: name }),
  openStore: (name) => new SqliteQueueStore(new Database(join(folder, 'stores.db')), name),
  durable: true,
  invalidOptions: [
    ['path', () => sqliteQueue({})],
    ['path', () => sqliteQueue({ path: '' })],
    ['path', () => sqliteQueue({ path: 1 as never })],
    ['path', () => sqliteQueue({ path: ':memory:' })],
    ['path', () => sqliteQueue({ path: 'file:orders?mode=memory' })],
    ['path', () => sqliteQueue({ path: 'queue.db', database: new Database(join(folder, 'own.db')) })],
    ['database', () => sqliteQueue({ database: new Database(':memory:') })],
    ['database', () => sqliteQueue({ database: new Database('') })],
    ['database', () => sqliteQueue({ database: {} as never })],
    ['table', () => sqliteQueue({ path: 'queue.db', table: 'a; DROP TABLE b' })],
    ['table', () => sqliteQueue({ path: 'queue.db', table: 1 as never })],
    ['busyTimeout', () => sqliteQueue({ path: 'queue.db', busyTimeout: -1 })],
    ['busyTimeout', () => sqliteQueue({ database: new Database(join(folder, 'own.db')), busyTimeout: 1 })],
    ['file', () => sqliteQueue({ path: 'queue.db', file: 'queue.db' } as never)],
    ['options', () => sqliteQueue(undefined as never)],
  ],
});

after(() => rmSync(folder, { recursive: true }));

describe('sqliteQueue()', () => {
  it('opens a file in WAL mode', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'fusewire-queue-')), 'queue.db');
    const queue = sqliteQueue({ path });
    const database = new Database(path);
    assert.equal(database.pragma('journal_mode', { simple: true }), 'wal');
    database.close();
    return queue.close();
  });

  it('keeps its messages in the database of `database`, and leaves that open', async () => {
    const database = new Database(join(folder, 'own.db'));
    const queue = sqliteQueue({ database });
    await queue.enqueue({ key: 'key', payload: { some: 'object' } });
    await queue.close();
    assert.deepEqual(database.prepare('SELECT key, payload FROM fusewire_queue').all(), [
      { key: 'key', payload: '{"some":"object"}' },
    ]);
    database.close();
  });

  it('throws if the file cannot be opened', () => {
    assert.throws(() => sqliteQueue({ path: join(folder, 'no', 'such', 'folder.db') }), /directory does not exist/);
  });
});
