import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { eventSinkContract } from '@fusewire/operations/contract';
import { eventLog, eventLogTable } from '@fusewire/operations/events';
import { postgresEventSink } from '@fusewire/postgres';
import { startPostgres } from '../../../../tests/queues/servers.ts';
import type { Server } from '../../../../tests/queues/servers.ts';

let server: Server;
let pool: pg.Pool;
let tables = 0;
const url = () => `postgres://postgres@127.0.0.1:${server.port}/postgres`;
const newTable = () => `events_${tables++}`;
const DAY = 86_400_000;

before(async () => {
  server = await startPostgres();
  pool = new pg.Pool({ connectionString: url() });
  pool.on('error', () => undefined);
});
after(async () => {
  await pool.end();
  await server.stop();
});

async function partitionsOf(table: string): Promise<string[]> {
  const { rows } = await pool.query(
    'SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = to_regclass($1) ORDER BY 1',
    [table],
  );
  return (rows as { name: string }[]).map(({ name }) => name);
}

describe('the sink in PostgreSQL', () => {
  for (const { name, check } of eventSinkContract) {
    it(name, async () => {
      const sink = postgresEventSink({ connectionString: url(), table: newTable() });
      await check(sink);
      await sink.close();
    });
  }
});

describe('postgresEventSink()', () => {
  it('is created by several processes at once, and keeps a pool of the program open', async () => {
    const table = newTable();
    const logs = [1, 2, 3, 4].map((number) =>
      eventLog({
        sinks: postgresEventSink({ pool, table, view: `${table}_log` }),
        instance: `p${number}`,
        batchDelay: 0,
      }),
    );
    for (const log of logs) for (let index = 0; index < 50; index++) log.record({ kind: 'x', details: { index } });
    assert.deepEqual(await Promise.all(logs.map((log) => log.flush())), [true, true, true, true]);
    const { rows } = await pool.query(`SELECT count(*)::int AS count FROM ${table}`);
    assert.equal((rows[0] as { count: number }).count, 200);
    assert.deepEqual(
      logs.map((log) => log.getStats().sinks[0]?.failures),
      [0, 0, 0, 0],
    );
    for (const log of logs) await log.close();
    await pool.query('SELECT 1');
  });

  it('has a partition for each week, and deletes the old ones as a whole while others read', async () => {
    const table = newTable();
    const sink = postgresEventSink({ pool, table });
    const log = eventLog({ sinks: sink, retention: 30 * DAY });
    for (let day = 0; day < 60; day++) log.record({ kind: 'x', time: Date.now() - day * DAY });
    await log.flush();
    const all = await partitionsOf(table);
    assert.ok(all.length === 9 || all.length === 10, all.join());
    const reader = await pool.connect();
    await reader.query(`BEGIN; SELECT * FROM ${table} LIMIT 1`);
    const cleaned = log.clean();
    await new Promise((resolve) => setImmediate(resolve));
    await reader.query('COMMIT');
    reader.release();
    await cleaned;
    const left = await partitionsOf(table);
    assert.deepEqual(left, all.slice(-left.length));
    assert.ok(left.length <= 6);
    const { rows } = await pool.query(`SELECT count(*)::int AS count FROM ${table}`);
    const { count } = rows[0] as { count: number };
    assert.ok(count === 30 || count === 31, String(count));
    await log.close();
  });

  it('changes nothing where all is there, and refuses a later version', async () => {
    const table = newTable();
    await postgresEventSink({ pool, table }).append([]);
    const first = eventLog({ sinks: postgresEventSink({ pool, table }) });
    first.record({ kind: 'x' });
    await first.close();
    await pool.query(`CREATE ROLE reader_${table} LOGIN; GRANT SELECT, INSERT ON ${table} TO reader_${table}`);
    const limited = new pg.Pool({ connectionString: url().replace('postgres@', `reader_${table}@`) });
    const second = eventLog({ sinks: postgresEventSink({ pool: limited, table }) });
    assert.equal((await second.tail()).events.length, 1);
    await limited.end();
    await pool.query(`COMMENT ON TABLE ${table} IS 'fusewire events, version 9'`);
    await assert.rejects(eventLog({ sinks: postgresEventSink({ pool, table }) }).tail(), /version 9/);
  });

  it('answers the queries of an EventLog table', async () => {
    const log = eventLog({ sinks: postgresEventSink({ pool, table: newTable(), view: 'EventLog' }) });
    const { create } = eventLogTable(log);
    await create({
      data: {
        eventType: 'conexxus.sync.failed.push_sales',
        aggregateId: 'conexxus-1',
        payload: { operation: 'push_sales', error: 'HTTP 503' },
        metadata: { timeout: 30_000 },
      },
    });
    log.record({ kind: 'state-change', breaker: 'mpesa' });
    await log.flush();
    const { rows } = await pool.query(`SELECT * FROM "EventLog" 
WHERE "eventType" LIKE 'conexxus.sync.failed.%'
ORDER BY "timestamp" DESC 
LIMIT 20;`);
    const [row] = rows as { aggregateId: string; payload: object; metadata: object; timestamp: Date }[];
    assert.deepEqual(
      [rows.length, row?.aggregateId, row?.payload, row?.metadata],
      [1, 'conexxus-1', { operation: 'push_sales', error: 'HTTP 503' }, { timeout: 30_000 }],
    );
    const { rows: counts } = await pool.query(`SELECT 
  "eventType",
  COUNT(*) as count
FROM "EventLog" 
WHERE "eventType" LIKE 'conexxus.sync.failed.%'
GROUP BY "eventType";`);
    assert.deepEqual(counts, [{ eventType: 'conexxus.sync.failed.push_sales', count: '1' }]);
    await log.close();
  });

  it('stores what waits once the server is back', async () => {
    const lines: string[] = [];
    const logger = { ...console, error: (line: string) => lines.push(line) };
    const log = eventLog({
      sinks: postgresEventSink({ connectionString: url(), table: newTable() }),
      logger,
      batchDelay: 0,
    });
    log.record({ kind: 'before' });
    assert.equal(await log.flush(), true);
    await server.crash();
    log.record({ kind: 'after' });
    while (!(await log.flush({ timeout: 1_000 })));
    const { events } = await log.tail({ order: 'oldest' });
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['before', 'after'],
    );
    await log.close();
  });

  it('rejects every invalid option', () => {
    const connectionString = 'postgres://user:hunter2@127.0.0.1';
    for (const [option, options] of [
      ['pool', {}],
      ['pool', { pool: {} }],
      ['pool', { pool, connectionString }],
      ['connectionString', { connectionString: '' }],
      ['table', { connectionString, table: 'a"; DROP TABLE b' }],
      ['table', { connectionString, table: 't'.repeat(41) }],
      ['schema', { connectionString, schema: 1 }],
      ['view', { connectionString, view: 'a b' }],
      ['createTable', { connectionString, createTable: 1 }],
      ['url', { url: connectionString }],
      ['options', undefined],
    ] as const) {
      assert.throws(
        () => postgresEventSink(options as never),
        (error: Error) =>
          error.name === 'OptionsError' && error.message.includes(option) && !error.message.includes('hunter2'),
      );
    }
  });
});
