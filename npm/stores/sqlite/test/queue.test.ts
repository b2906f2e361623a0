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

  it('brings the table of an earlier version up to date, with its messages', async () => {
    const path = join(folder, 'earlier.db');
    const earlier = new Database(path);
    earlier.exec(`
      CREATE TABLE orders (
        id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, payload TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, available_at REAL NOT NULL DEFAULT 0, token TEXT, last_error TEXT,
        dead INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE INDEX orders_alive ON orders (id) WHERE dead = 0;
      CREATE INDEX orders_dead ON orders (id) WHERE dead = 1;
      INSERT INTO orders (key, payload) VALUES ('waiting', '1');
      INSERT INTO orders (key, payload, dead, attempts, last_error) VALUES ('dead', '2', 1, 3, 'down');`);
    earlier.close();
    for (let round = 0; round < 2; round++) {
      const queue = sqliteQueue({ path, table: 'orders' });
      const { waiting, dead } = await queue.size('default');
      assert.deepEqual({ waiting, dead }, { waiting: 1, dead: 1 });
      assert.equal((await queue.enqueue({ key: 'waiting', payload: 1 })).status, 'waiting');
      await queue.close();
    }
    const later = new Database(path);
    later.exec(`UPDATE fusewire_schema SET version = 4`);
    later.close();
    assert.throws(() => sqliteQueue({ path, table: 'orders' }), /has version 4; this version of the package knows 3/);
  });

  it('adds the column of version 3 to a table of version 2', async () => {
    const path = join(folder, 'second.db');
    const store = new SqliteQueueStore(new Database(path), 'orders');
    await store.insert(
      { topic: 'default', key: 'kept', payload: '1', delay: 0, priority: 2, revives: true },
      undefined,
    );
    const earlier = new Database(path);
    earlier.exec(`ALTER TABLE orders DROP COLUMN set_at; UPDATE fusewire_schema SET version = 2`);
    earlier.close();
    const migrated = new SqliteQueueStore(new Database(path), 'orders');
    assert.deepEqual(
      (await migrated.claim('default', 5, 'token', 1_000)).map(({ key }) => key),
      ['kept'],
    );
  });

  it('hides no message for longer than its lease or delay when the clock is set back', async (test) => {
    let now = Date.now();
    test.mock.method(Date, 'now', () => now);
    const open = () => new SqliteQueueStore(new Database(join(folder, 'clock.db')), 'orders');
    const keys = async (store: SqliteQueueStore) =>
      (await store.claim('default', 5, 'token', 1_000)).map(({ key }) => key);
    const [dead, live] = [open(), open()];
    const message = { topic: 'default', payload: '1', priority: 2, revives: true };
    await dead.insert({ ...message, key: 'leased', delay: 0 }, undefined);
    await dead.insert({ ...message, key: 'delayed', delay: 2_000 }, undefined);
    assert.deepEqual([await keys(dead), await keys(live)], [['leased'], []]);
    for (const store of [live, open()]) {
      now -= 3_600_000;
      assert.deepEqual(await keys(store), []);
      now += 999;
      assert.deepEqual(await keys(store), []);
    }
    now += 1;
    assert.deepEqual(await keys(live), ['leased']);
    now += 1_000;
    assert.deepEqual(await keys(live), ['leased', 'delayed']);
  });

  it('adds a message in a transaction of the program, and not if that is rolled back', async () => {
    const path = join(folder, 'transactions.db');
    const queue = sqliteQueue({ path });
    const own = new Database(path);
    for (const [key, end] of [
      ['undone', 'ROLLBACK'],
      ['kept', 'COMMIT'],
    ] as const) {
      own.exec('BEGIN');
      assert.equal((await queue.enqueue({ key, payload: 1 }, { in: own })).status, 'new');
      own.exec(end);
    }
    assert.equal((await queue.size()).waiting, 1);
    await queue.close();
    own.close();
  });

  it('does not block the event loop while another process writes, and adds all messages of a turn at once', async () => {
    const path = join(folder, 'busy.db');
    const queue = sqliteQueue({ path, busyTimeout: 60_000 });
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    const added = Promise.all(
      Array.from({ length: 500 }, (_, index) => queue.enqueue({ key: `${index}`, payload: index })),
    );
    let turns = 0;
    while (turns < 5) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      turns++;
    }
    other.exec('COMMIT');
    assert.equal((await added).length, 500);
    assert.equal((await queue.size()).waiting, 500);
    other.exec('BEGIN IMMEDIATE');
    const impatient = sqliteQueue({ path, table: 'fusewire_queue', busyTimeout: 0 });
    await assert.rejects(impatient.enqueue({ key: 'key', payload: 1 }), { code: 'SQLITE_BUSY' });
    other.exec('COMMIT');
    other.close();
    await Promise.all([queue.close(), impatient.close()]);
  });

  it('accepts the names of keywords', async () => {
    const queue = sqliteQueue({ path: join(folder, 'keywords.db'), table: 'order' });
    await queue.enqueue({ key: 'key', payload: 1 });
    assert.equal((await queue.size()).waiting, 1);
    await queue.close();
  });
});
