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

  it('reports every invalid option', () => {
    assert.throws(
      () =>
        postgresMetrics({ sources: [1], interval: 1, keepDays: 0.5, schema: 'a b', instance: '', logger: {} } as never),
      /sources[\s\S]*pool[\s\S]*schema[\s\S]*instance[\s\S]*interval[\s\S]*keepDays[\s\S]*logger/,
    );
  });
});
