import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { BreakerRegistry } from 'fusewire';
import { postgresMetrics } from '@fusewire/postgres';
import { createMetrics, fillMetrics } from '../../../../tests/events/fill-metrics.ts';
import { startPostgres } from '../../../../tests/queues/servers.ts';
import type { Server } from '../../../../tests/queues/servers.ts';

let server: Server;
let pool: pg.Pool;
let schemas = 0;
const quiet = { error: () => undefined };

before(async () => {
  server = await startPostgres();
  pool = new pg.Pool({ connectionString: `postgres://postgres@127.0.0.1:${server.port}/postgres` });
  pool.on('error', () => undefined);
});
after(async () => {
  await pool.end();
  await server.stop();
});

async function newSchema(): Promise<string> {
  const schema = `metrics_${schemas++}`;
  await pool.query(`CREATE SCHEMA ${schema}`);
  return schema;
}

// Columns differ from statement to statement.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
async function rowsOf(text: string): Promise<any[]> {
  return (await pool.query(text)).rows;
}

/** Starts a recorder in a schema of its own, which records only when a test says so. */
async function start(options = {}) {
  const schema = await newSchema();
  const breakers = new BreakerRegistry({ defaults: { failureThreshold: 2 } });
  const metrics = postgresMetrics({
    pool,
    schema,
    sources: [breakers],
    interval: 3_600_000,
    logger: quiet,
    ...options,
  });
  return { schema, breakers, metrics };
}

const fail = () => Promise.reject(new Error('down'));

describe('postgresMetrics()', () => {
  it('records what each circuit has done since the record before, and its state changes', async () => {
    const { schema, breakers, metrics } = await start({ instance: 'api-1' });
    await metrics.setUp();
    const breaker = breakers.for('n8n');
    await breaker.execute(async () => 'fine');
    await metrics.record();
    for (let call = 0; call < 3; call++) await breaker.execute(fail).catch(() => undefined);
    await metrics.record();
    const rows = await rowsOf(`SELECT circuit_name, instance, state, successes, failures, timeouts, rejections
      FROM ${schema}.circuit_breaker_metrics ORDER BY recorded_at`);
    const row = { circuit_name: 'n8n', instance: 'api-1', timeouts: 0 };
    assert.deepEqual(rows, [
      { ...row, state: 'CLOSED', successes: 1, failures: 0, rejections: 0 },
      { ...row, state: 'OPEN', successes: 0, failures: 2, rejections: 1 },
    ]);
    const events = await rowsOf(`SELECT from_state, to_state, reason FROM ${schema}.circuit_breaker_events`);
    assert.deepEqual(events, [{ from_state: 'CLOSED', to_state: 'OPEN', reason: 'failure-threshold' }]);
    assert.deepEqual(metrics.getStats(), { isReady: true, written: 3, waiting: 0, dropped: 0, failures: 0 });
    await metrics.close();
  });

  it('has the functions of the document, which add up circuits, hours and instances', async () => {
    const { schema, breakers, metrics } = await start();
    await metrics.setUp();
    const other = postgresMetrics({ pool, schema, sources: [breakers], interval: 3_600_000 });
    const breaker = breakers.for('database');
    await breaker.execute(async () => 'fine');
    for (let call = 0; call < 3; call++) await breaker.execute(fail).catch(() => undefined);
    await Promise.all([metrics.close(), other.close()]);
    const [health] = await rowsOf(`SELECT * FROM ${schema}.get_circuit_breaker_health()`);
    assert.deepEqual(
      [health.circuit_name, health.state, health.calls, health.failures, health.rejections],
      ['database', 'OPEN', '6', '4', '2'],
    );
    assert.ok(Math.abs(health.failure_rate - 200 / 3) < 0.001);
    assert.ok(health.average_response_time >= 0);
    const [hour, ...more] = await rowsOf(`SELECT * FROM ${schema}.get_circuit_breaker_dashboard_metrics()`);
    assert.deepEqual([hour.successes, hour.failures, hour.rejections, hour.openings], ['2', '4', '2', '2']);
    assert.deepEqual(more, []);
    assert.equal(hour.hour.getUTCMinutes(), 0);
  });

  it('records nothing before somebody has created the tables, and then at once', async () => {
    const { schema, breakers, metrics } = await start();
    const breaker = breakers.for('early');
    await breaker.execute(async () => 'fine');
    await metrics.record();
    assert.deepEqual(metrics.getStats(), { isReady: false, written: 0, waiting: 0, dropped: 0, failures: 0 });
    const other = postgresMetrics({ pool, schema, sources: [] });
    await other.setUp();
    await other.close();
    await breaker.execute(async () => 'fine');
    await metrics.close();
    const [row] = await rowsOf(`SELECT successes FROM ${schema}.circuit_breaker_metrics`);
    assert.equal(row.successes, 1);
  });

  it('is set up by ten processes at once, any number of times', async () => {
    const schema = await newSchema();
    const all = Array.from({ length: 10 }, () => postgresMetrics({ pool, schema, sources: [new BreakerRegistry()] }));
    await Promise.all(all.map((metrics) => metrics.setUp()));
    await Promise.all(all.map((metrics) => metrics.setUp()));
    await Promise.all(all.map((metrics) => metrics.close()));
  });

  it('keeps rows while the database is away, writes each once, and drops the oldest beyond 10 000', async () => {
    const schema = await newSchema();
    let [isAway, losesAnswers] = [false, false];
    const unreliable: Pick<pg.Pool, 'query'> = {
      query: (async (statement: { readonly text: string }) => {
        if (isAway) throw new Error('away');
        const result = await pool.query(statement as never);
        if (losesAnswers && /INSERT/.test(statement.text)) throw new Error('no answer');
        return result;
      }) as never,
    };
    const breakers = new BreakerRegistry();
    const errors: unknown[] = [];
    const logger = { error: (...error: unknown[]) => errors.push(error) };
    const options = { pool: unreliable as pg.Pool, schema, sources: [breakers], interval: 3_600_000, logger };
    const metrics = postgresMetrics(options);
    await metrics.setUp();
    const breaker = breakers.for('kept');
    isAway = true;
    await breaker.execute(async () => 'fine');
    await metrics.record();
    isAway = false;
    losesAnswers = true;
    await metrics.record();
    losesAnswers = false;
    await metrics.record();
    const [{ sum }] = await rowsOf(`SELECT sum(successes) FROM ${schema}.circuit_breaker_metrics`);
    const [hour] = await rowsOf(`SELECT successes FROM ${schema}.circuit_breaker_hours`);
    assert.deepEqual([sum, hour.successes], ['1', '1']);
    assert.deepEqual([metrics.getStats().failures, errors.length], [2, 2]);
    for (let change = 0; change < 5_010; change++) {
      breaker.open();
      breaker.reset();
    }
    assert.deepEqual([metrics.getStats().waiting, metrics.getStats().dropped], [10_000, 20]);
    await metrics.close();
  });

  it('deletes whole days by their partitions, and gives way to those who read them', async () => {
    const { schema, metrics } = await start({ keepDays: 30 });
    await metrics.setUp();
    await fillMetrics(pool, schema, { rows: 40_000, days: 40, circuits: 10 });
    const partitions = async () =>
      (await rowsOf(`SELECT inhrelid FROM pg_inherits WHERE inhparent = '${schema}.circuit_breaker_metrics'::regclass`))
        .length;
    assert.equal(await partitions(), 40);
    const reader = await pool.connect();
    await reader.query(`BEGIN; SELECT count(*) FROM ${schema}.circuit_breaker_metrics`);
    const cleanUp = async () =>
      Number((await rowsOf(`SELECT ${schema}.cleanup_circuit_breaker_metrics() AS number`))[0].number);
    assert.ok((await cleanUp()) < 1_000, 'events only');
    assert.equal(await partitions(), 40);
    await reader.query('COMMIT');
    reader.release();
    assert.ok((await cleanUp()) >= 9_000);
    assert.equal(await partitions(), 31);
    assert.equal(await cleanUp(), 0);
    const [oldest] = await rowsOf(
      `SELECT now() - min(hour) < interval '31 days' AS kept FROM ${schema}.circuit_breaker_hours`,
    );
    assert.equal(oldest.kept, true);
    assert.equal(
      (await rowsOf(`SELECT min(records) > 0 AS summed FROM ${schema}.circuit_breaker_hours`))[0].summed,
      true,
    );
    await metrics.close();
  });

  it('reads neither old days nor all rows of a day', async () => {
    const schema = await createMetrics(pool, await newSchema());
    await fillMetrics(pool, schema, { rows: 100_000, days: 30, circuits: 20 });
    await pool.query('ANALYZE');
    const planOf = async (text: string) => (await rowsOf(`EXPLAIN ${text}`)).map((row) => row['QUERY PLAN']).join('\n');
    const recent = await planOf(`SELECT sum(m.successes) FROM ${schema}.circuit_breaker_metrics m
      WHERE m.recorded_at > now() - interval '5 minutes' GROUP BY m.circuit_name`);
    assert.match(recent, /Subplans Removed: \d\d/);
    assert.match(recent, /Index (Only )?Scan|Bitmap Index Scan/);
    const hours = await planOf(
      `SELECT * FROM ${schema}.circuit_breaker_hours h WHERE h.hour > now() - interval '25 hours'`,
    );
    assert.match(hours, /Index Scan|Bitmap Index Scan/);
  });

  it('writes a row for each of two breakers with one name, and for two records within a millisecond', async (t) => {
    const [first, second] = [new BreakerRegistry(), new BreakerRegistry()];
    const { schema, metrics } = await start({ sources: [first, second] });
    await metrics.setUp();
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    for (let record = 0; record < 3; record++) {
      await first.for('db').execute(async () => 'fine');
      await second
        .for('db')
        .execute(fail)
        .catch(() => undefined);
      await metrics.record();
    }
    const [sums] = await rowsOf(
      `SELECT count(*), sum(successes) AS fine, sum(failures) AS failed FROM ${schema}.circuit_breaker_metrics`,
    );
    assert.deepEqual(sums, { count: '6', fine: '3', failed: '3' });
    await metrics.close();
  });

  it('writes names that no text of PostgreSQL can have, without what is invalid in them', async () => {
    const { schema, breakers, metrics } = await start({ instance: 'api\0-\ud800' });
    await metrics.setUp();
    for (const name of ['nul\0', 'half\ud800', '\udc00half', 'whole\u{1f600}']) breakers.for(name).open();
    await metrics.record();
    assert.deepEqual([metrics.getStats().written, metrics.getStats().failures], [8, 0]);
    const names = ['half\ufffd', 'nul\ufffd', 'whole\u{1f600}', '\ufffdhalf'].sort();
    for (const table of ['circuit_breaker_metrics', 'circuit_breaker_events']) {
      const rows = await rowsOf(
        `SELECT circuit_name, instance FROM ${schema}.${table} ORDER BY circuit_name COLLATE "C"`,
      );
      assert.deepEqual(
        rows,
        names.map((circuit_name) => ({ circuit_name, instance: 'api\ufffd-\ufffd' })),
      );
    }
    await metrics.close();
  });

  it('gives up a statement that gets no answer in 10 s, so that close() ends', async (t) => {
    const { schema, breakers } = await start();
    const real = pool;
    let hangs = false;
    const called: string[] = [];
    const hanging = {
      query: (statement: { readonly text: string }) => {
        if (!hangs) return real.query(statement as never);
        called.push(statement.text);
        return new Promise(() => undefined);
      },
    };
    t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    const metrics = postgresMetrics({
      pool: hanging as never,
      schema,
      sources: [breakers],
      interval: 1_000,
      logger: quiet,
    });
    hangs = true;
    breakers.for('hung').open();
    for (let second = 0; second < 9; second++) {
      t.mock.timers.tick(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(called.length, 1, 'one record at a time');
    const closed = metrics.close();
    for (let second = 0; second < 25; second++) {
      t.mock.timers.tick(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;
    assert.equal(metrics.getStats().failures, 2);
  });

  it('adds up hours of UTC, whatever the time zone of the session', async () => {
    const { schema, breakers } = await start();
    const options = '-c TimeZone=Asia/Kolkata';
    const inIndia = new pg.Pool({ connectionString: String(pool.options.connectionString), options });
    const metrics = postgresMetrics({ pool: inIndia, schema, sources: [breakers], interval: 3_600_000, logger: quiet });
    await metrics.setUp();
    breakers.for('india').open();
    await metrics.close();
    await inIndia.end();
    const hours = await rowsOf(
      `SELECT extract(minute FROM hour AT TIME ZONE 'UTC')::int AS minute FROM ${schema}.circuit_breaker_hours`,
    );
    assert.deepEqual(hours, [{ minute: 0 }]);
  });

  it('writes what has waited in statements of at most 1 000 rows', async () => {
    const schema = await newSchema();
    const sizes: number[] = [];
    let isAway = false;
    const counting = {
      query: async (statement: { readonly text: string; readonly values: unknown[] }) => {
        if (isAway) throw new Error('away');
        if (
          /INSERT INTO \S+circuit_breaker_(metrics|events)\s/.test(statement.text) &&
          statement.values !== undefined
        ) {
          sizes.push((JSON.parse(String(statement.values[0])) as unknown[]).length);
        }
        return pool.query(statement as never);
      },
    };
    const breakers = new BreakerRegistry();
    const metrics = postgresMetrics({
      pool: counting as never,
      schema,
      sources: [breakers],
      interval: 3_600_000,
      logger: quiet,
    });
    await metrics.setUp();
    const breaker = breakers.for('busy');
    isAway = true;
    for (let change = 0; change < 1_250; change++) {
      breaker.open();
      breaker.reset();
    }
    await metrics.record();
    isAway = false;
    await metrics.record();
    assert.deepEqual(sizes, [2, 1_000, 1_000, 500]);
    assert.deepEqual([metrics.getStats().written, metrics.getStats().waiting], [2_502, 0]);
    await metrics.close();
  });

  it('reports every invalid option', () => {
    assert.throws(
      () =>
        postgresMetrics({ sources: [1], interval: 1, keepDays: 0.5, schema: 'a b', instance: '', logger: {} } as never),
      /sources[\s\S]*pool[\s\S]*schema[\s\S]*instance[\s\S]*interval[\s\S]*keepDays[\s\S]*logger/,
    );
  });
});
