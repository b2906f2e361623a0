import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { sqliteQueue } from '@fusewire/sqlite';
import type { Queue } from 'fusewire/queue';
import { SqliteQueueStore } from '../src/queue/store.ts';
import { SqliteWriter } from '../src/queue/writer.ts';
import { queueContract } from '@fusewire/testing/queue';
import { worksBeside } from '../../../../tests/queues/migrations.ts';

const folder = mkdtempSync(join(tmpdir(), 'fusewire-queue-'));

queueContract({
  name: 'SQLite',
  open: (name, limits) => sqliteQueue({ path: join(folder, 'queues.db'), table: name, ...limits }),
  openStore: (name) => new SqliteQueueStore(new Database(join(folder, 'stores.db')), name),
  durable: true,
  groups: true,
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
    ['database', () => sqliteQueue({ database: new Database(join(folder, 'own.db')) })],
    ['durable', () => sqliteQueue({ path: 'queue.db', durable: 1 as never })],
    ['maxSize', () => sqliteQueue({ path: 'queue.db', maxSize: 0 })],
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
    const database = new Database(join(folder, 'kept.db'));
    database.pragma('journal_mode = WAL');
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
    later.exec(`UPDATE fusewire_schema SET version = 3`);
    later.close();
    assert.throws(() => sqliteQueue({ path, table: 'orders' }), /has version 3; this version of the package knows 2/);
  });

  it('adds columns to a table of the release before, and works beside processes of that release', async () => {
    const path = join(folder, 'beside.db');
    const before = new Database(path);
    before.exec(`
      CREATE TABLE fusewire_schema (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;
      INSERT INTO fusewire_schema VALUES ('orders', 2);
      CREATE TABLE orders (
        id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, key TEXT NOT NULL, payload TEXT NOT NULL,
        priority INTEGER NOT NULL DEFAULT 2, attempts INTEGER NOT NULL DEFAULT 0, abandoned INTEGER NOT NULL DEFAULT 0,
        enqueued_at REAL NOT NULL, available_at REAL NOT NULL DEFAULT 0, token TEXT, last_error TEXT,
        dead INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, key)
      ) STRICT;
      CREATE INDEX orders_next ON orders (topic, priority DESC, id) WHERE dead = 0;
      CREATE INDEX orders_dead ON orders (id) WHERE dead = 1;`);
    const adding = before.prepare(
      `INSERT INTO orders (topic, key, payload, priority, enqueued_at) VALUES ('default', ?, '1', 2, ?)`,
    );
    const burying = before.prepare(`UPDATE orders SET dead = 1, last_error = 'old' WHERE key = ?`);
    const longAgo = Date.now() - 86_400_000;
    const add = (key: string) => adding.run(key, longAgo);
    const bury = (key: string) => burying.run(key);
    for (const key of ['waiting', 'dead']) add(key);
    bury('dead');
    const queue = sqliteQueue({ path, table: 'orders' });
    await worksBeside({ add, bury }, queue);
    assert.equal(before.prepare(`SELECT version FROM fusewire_schema WHERE name = 'orders'`).pluck().get(), 2);
    await queue.close();
    before.close();
  });

  it('holds back neither a message nor a lease for longer where the clock of the machine is set back', async () => {
    const path = join(folder, 'clock.db');
    const machine = { wall: 1_700_000_000_000, passed: 0, started: 0 };
    const start = () => {
      // Each process has a monotonic clock of its own, from an origin of its own.
      const origin = machine.passed + ++machine.started * 123_456.7;
      const clocks = { wall: () => machine.wall, monotonic: () => machine.passed - origin };
      const database = new Database(path);
      return new SqliteQueueStore(database, 'orders', { clocks, close: () => database.close() });
    };
    const pass = (milliseconds: number) => {
      machine.wall += milliseconds;
      machine.passed += milliseconds;
    };
    const message = { topic: 'default', payload: '1', priority: 2, revives: true, group: null };
    const keys = async (store: SqliteQueueStore) => {
      return (await store.claim('default', 9, 'token', 30_000)).map(({ key }) => key);
    };
    const dying = start();
    await dying.insert([{ ...message, key: 'leased', delay: 0 }], { room: 1 });
    assert.deepEqual(await keys(dying), ['leased']);
    await dying.insert([{ ...message, key: 'delayed', delay: 60_000 }], { room: 1 });
    const living = start();
    machine.wall -= 3_600_000;
    const started = start();
    pass(30_001);
    for (const store of [started, living]) assert.equal((await store.size(undefined)).running, 0);
    assert.deepEqual(await keys(started), ['leased']);
    pass(30_000);
    assert.deepEqual((await keys(living)).toSorted(), ['delayed', 'leased']);
    // A process that was started while the clock was ahead is no longer there: its time holds for the others.
    await started.insert([{ ...message, key: 'later', delay: 10_000 }], { room: 1 });
    const restarted = start();
    pass(10_000);
    assert.deepEqual(await keys(restarted), ['later']);
    await Promise.all([dying, living, started, restarted].map((store) => store.close()));
  });

  it('refuses a database in memory or without a WAL, unless durable is false, and reports its durability', async () => {
    const healthOf = async (queue: Queue) => {
      await queue.enqueue({ key: 'key', payload: 1 });
      const { status, durability, problems } = await queue.health();
      await queue.close();
      return [status, durability, ...problems];
    };
    const database = new Database(join(folder, 'rollback.db'));
    const memory = ['degraded', 'nothing', 'The database is in memory, and ends with the process.'];
    assert.deepEqual(await healthOf(sqliteQueue({ path: ':memory:', durable: false })), memory);
    assert.deepEqual(await healthOf(sqliteQueue({ database: new Database(''), durable: false })), memory);
    assert.deepEqual(await healthOf(sqliteQueue({ database, durable: false })), [
      ...['degraded', 'power loss', 'The journal mode is delete, not WAL: readers and writers wait for each other.'],
    ]);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    assert.deepEqual(await healthOf(sqliteQueue({ database })), [
      ...['degraded', 'process'],
      'The setting synchronous is below FULL: a loss of power can undo the latest messages.',
    ]);
    database.pragma('synchronous = FULL');
    assert.deepEqual(await healthOf(sqliteQueue({ database })), ['ok', 'power loss']);
    database.close();
  });

  it('makes a write that follows another one in the next microtask', async () => {
    const database = new Database(join(folder, 'writer.db'));
    const writer = new SqliteWriter(database, 1_000);
    for (let turns = 0; turns < 10; turns++) {
      await writer.write(() => 1);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      assert.equal(await writer.write(() => turns), turns);
    }
    database.close();
  });

  it('reports a store that does not answer', async () => {
    const database = new Database(join(folder, 'gone.db'));
    database.pragma('journal_mode = WAL');
    const queue = sqliteQueue({ database });
    database.close();
    await assert.rejects(queue.enqueue({ key: 'key', payload: 1 }));
    const { status, durability, size, problems, lastFault } = await queue.health();
    assert.deepEqual([status, durability, size], ['error', 'unknown', null]);
    assert.equal(problems[0], 'The store does not answer.');
    assert.equal(lastFault?.action, 'enqueue');
    await queue.close();
  });

  it('adds messages in a transaction of the program at once, and not if that is rolled back', async () => {
    const path = join(folder, 'transactions.db');
    const queue = sqliteQueue({ path, maxSize: 1 });
    const own = new Database(path);
    await assert.rejects(queue.enqueue({ key: 'early', payload: 1 }, { in: own }), /no transaction has begun/);
    for (const [keys, end] of [
      [['undone'], 'ROLLBACK'],
      [['kept', 'kept, too'], 'COMMIT'],
    ] as const) {
      own.exec('BEGIN');
      const messages = keys.map((key) => ({ key, payload: 1 }));
      const added = queue.enqueueAll(messages, { in: own });
      // The statements of the transaction may end before a promise can resolve.
      own.exec(end);
      assert.ok((await added).every(({ status }) => status === 'new'));
    }
    assert.equal((await queue.size()).waiting, 2);
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
