import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { eventSinkContract } from '@fusewire/operations/contract';
import { eventLog, eventLogTable } from '@fusewire/operations/events';
import { sqliteEventSink } from '@fusewire/sqlite';

const folder = mkdtempSync(join(tmpdir(), 'fusewire-events-'));
let files = 0;
const newPath = (): string => join(folder, `${files++}.db`);
after(() => rmSync(folder, { recursive: true }));

describe('the sink in SQLite', () => {
  for (const { name, check } of eventSinkContract) {
    it(name, async () => {
      const sink = sqliteEventSink({ path: newPath() });
      await check(sink);
      await sink.close();
    });
  }
});

describe('sqliteEventSink()', () => {
  it('keeps events for the next process, and several sinks may share a file', async () => {
    const path = newPath();
    const logs = [1, 2, 3].map((number) =>
      eventLog({ sinks: sqliteEventSink({ path }), instance: `process ${number}`, batchDelay: 0 }),
    );
    await Promise.all(
      logs.map(async (log) => {
        for (let index = 0; index < 100; index++) {
          log.record({ kind: 'x', details: { index } });
          if (index % 10 === 0) await log.flush();
        }
        await log.close();
      }),
    );
    const next = eventLog({ sinks: sqliteEventSink({ path }) });
    for (const number of [1, 2, 3]) {
      const { events } = await next.tail({ instance: `process ${number}`, order: 'oldest' });
      assert.deepEqual(
        events.map(({ details }) => details['index']),
        Array.from({ length: 100 }, (_, index) => index),
      );
    }
    await next.close();
  });

  it('creates its table once, keeps a connection of the program open, and refuses a later version', async () => {
    const database = new Database(newPath());
    for (let time = 0; time < 3; time++) {
      const sink = sqliteEventSink({ database, table: 'events', view: 'EventLog' });
      await sink.close();
    }
    assert.ok(database.open);
    database.prepare('UPDATE fusewire_schema SET version = 9').run();
    assert.throws(() => sqliteEventSink({ database, table: 'events' }), /version 9/);
    database.close();
  });

  it('answers the queries of an EventLog table as they are printed', async () => {
    const path = newPath();
    const log = eventLog({ sinks: sqliteEventSink({ path, view: 'EventLog' }), instance: 'one' });
    const { create } = eventLogTable(log, { breaker: 'conexxus' });
    const row = (operation: string, number: number) => ({
      eventType: `conexxus.sync.failed.${operation}`,
      aggregateId: `conexxus-${number}`,
      payload: { operation, error: 'HTTP 503', circuitBreakerState: 'OPEN', timestamp: new Date().toISOString() },
      metadata: { baseURL: 'https://api', timeout: 30_000, retries: 3 },
    });
    for (let number = 0; number < 25; number++) await create({ data: row('fetch_inventory', number) });
    await create({ data: row('push_sales', 99) });
    log.record({ kind: 'conexxus.sync.failed.push_sales', time: Date.now() - 7_200_000 });
    log.record({ kind: 'state-change', breaker: 'conexxus', details: { to: 'OPEN' } });
    await log.close();
    const database = new Database(path);
    const recent = database
      .prepare(
        `SELECT * FROM "EventLog" 
WHERE "eventType" LIKE 'conexxus.sync.failed.%'
ORDER BY "timestamp" DESC 
LIMIT 20;`,
      )
      .all() as { eventType: string; aggregateId: string; payload: string; metadata: string; timestamp: string }[];
    assert.equal(recent.length, 20);
    const last = recent.find(({ aggregateId }) => aggregateId === 'conexxus-99') ?? recent[0];
    assert.equal(JSON.parse(last?.payload ?? '').circuitBreakerState, 'OPEN');
    assert.deepEqual(JSON.parse(last?.metadata ?? ''), { baseURL: 'https://api', timeout: 30_000, retries: 3 });
    assert.match(last?.timestamp ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
    const counts = database
      .prepare(
        `SELECT 
  "eventType",
  COUNT(*) as count
FROM "EventLog" 
WHERE "eventType" LIKE 'conexxus.sync.failed.%'
GROUP BY "eventType";`,
      )
      .all();
    assert.deepEqual(counts, [
      { eventType: 'conexxus.sync.failed.fetch_inventory', count: 25 },
      { eventType: 'conexxus.sync.failed.push_sales', count: 2 },
    ]);
    const lastHour = database
      .prepare(
        `SELECT * FROM "EventLog" 
WHERE "eventType" LIKE 'conexxus.sync.failed.%'
  AND "timestamp" > datetime('now', '-1 hour')
ORDER BY "timestamp" DESC;`,
      )
      .all();
    assert.equal(lastHour.length, 26);
    const other = database.prepare(`SELECT * FROM "EventLog" WHERE "eventType" = 'fusewire.state-change'`).get() as {
      aggregateId: string;
      payload: string;
    };
    assert.equal(other.aggregateId, 'conexxus');
    assert.equal(JSON.parse(other.payload).details.to, 'OPEN');
    database.close();
  });

  it('waits for another process that writes without blocking, and stores the events then', async () => {
    const path = newPath();
    const log = eventLog({ sinks: sqliteEventSink({ path }), batchDelay: 0 });
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    log.record({ kind: 'x' });
    const flushed = log.flush();
    await new Promise((resolve) => setImmediate(resolve));
    other.exec('COMMIT');
    assert.equal(await flushed, true);
    other.close();
    await log.close();
  });

  it('rejects every invalid option', () => {
    const path = newPath();
    for (const [option, options] of [
      ['path', {}],
      ['path', { path: '' }],
      ['path', { path: ':memory:' }],
      ['path', { path, database: new Database(path) }],
      ['database', { database: {} }],
      ['database', { database: new Database(':memory:') }],
      ['table', { path, table: 'a; DROP TABLE b' }],
      ['view', { path, view: 'a"b' }],
      ['busyTimeout', { path, busyTimeout: -1 }],
      ['file', { path, file: 'x' }],
      ['options', undefined],
    ] as const) {
      assert.throws(() => sqliteEventSink(options as never), { name: 'OptionsError', message: new RegExp(option) });
    }
  });
});
