// Fills the tables of circuit breakers with ten million rows of 30 days, and measures their documented queries and the clean-up.
//
//   npm run bench:metrics [-- ROWS [--json FILE]]
//
// Each query runs 200 times on a warm cache. Ends with 1 if a p99 is above 20 ms, or the clean-up of a day above 50 ms.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startPostgres } from '../queues/servers.ts';
import { createMetrics, fillMetrics } from './fill-metrics.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
const rows = Number(positionals[0] ?? 10_000_000);
const RUNS = 200;
const QUERY_LIMIT = 20;
const CLEANUP_LIMIT = 50;
const DAYS = 30;

const QUERIES: Readonly<Record<string, string>> = {
  'get_circuit_breaker_health()': 'SELECT * FROM s.get_circuit_breaker_health()',
  "get_circuit_breaker_health('1 hour')": "SELECT * FROM s.get_circuit_breaker_health('1 hour')",
  'get_circuit_breaker_dashboard_metrics()': 'SELECT * FROM s.get_circuit_breaker_dashboard_metrics()',
  'events of a circuit': `SELECT * FROM s.circuit_breaker_events WHERE circuit_name = 'circuit-7' ORDER BY occurred_at DESC LIMIT 50`,
  'metrics of a circuit, an hour': `SELECT * FROM s.circuit_breaker_metrics
    WHERE circuit_name = 'circuit-7' AND recorded_at > now() - interval '1 hour' ORDER BY recorded_at`,
};
/** Bodies of the functions, whose own plans PostgreSQL does not show. */
const PLANS = [
  `SELECT circuit_name, sum(successes) FROM s.circuit_breaker_metrics WHERE recorded_at > now() - interval '5 minutes' GROUP BY 1`,
  `SELECT * FROM s.circuit_breaker_hours WHERE hour > now() - interval '25 hours' ORDER BY hour, circuit_name`,
];

const server = await startPostgres();
const pool = new pg.Pool({ connectionString: `postgres://postgres@127.0.0.1:${server.port}/postgres`, max: 1 });
try {
  await pool.query('CREATE SCHEMA s');
  await createMetrics(pool, 's');
  const start = performance.now();
  // One day more than is kept, which the clean-up deletes.
  await fillMetrics(pool, 's', { rows: (rows * (DAYS + 2)) / DAYS, days: DAYS + 2, circuits: 50 });
  await pool.query('VACUUM ANALYZE');
  const [filled] = (
    await pool.query(`SELECT count(*)::int AS metrics, (SELECT count(*)::int FROM s.circuit_breaker_events) AS events,
    (SELECT version()) AS version FROM s.circuit_breaker_metrics`)
  ).rows;
  console.log(
    `${filled.metrics} rows, ${filled.events} events, filled in ${seconds(start)}; ${filled.version.split(' on ')[0]}`,
  );
  for (const plan of PLANS) {
    const { rows: lines } = await pool.query(`EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ${plan}`);
    console.log(lines.map((line) => `    ${line['QUERY PLAN']}`).join('\n'));
  }
  const table = [];
  for (const [query, text] of Object.entries(QUERIES))
    table.push({ query, ...(await measure(text)), limit: QUERY_LIMIT });
  const cleanup = await timed(`SELECT s.cleanup_circuit_breaker_metrics() AS number`);
  table.push({
    query: `clean-up of a day, ${cleanup.rows[0]?.['number']} rows`,
    p50: cleanup.ms,
    p99: cleanup.ms,
    limit: CLEANUP_LIMIT,
  });
  console.table(table);
  if (values.json !== undefined)
    writeFileSync(values.json, JSON.stringify({ rows: filled.metrics, table }, undefined, 2));
  process.exitCode = table.every(({ p99, limit }) => p99 <= limit) ? 0 : 1;
} finally {
  await pool.end();
  await server.stop();
}

async function timed(text: string): Promise<{ readonly ms: number; readonly rows: Record<string, unknown>[] }> {
  const start = performance.now();
  const { rows: found } = await pool.query(text);
  return { ms: Math.round((performance.now() - start) * 100) / 100, rows: found };
}

async function measure(text: string): Promise<{ readonly p50: number; readonly p99: number }> {
  await timed(text);
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push((await timed(text)).ms);
  times.sort((one, other) => one - other);
  return { p50: times[RUNS / 2] as number, p99: times[Math.floor(RUNS * 0.99)] as number };
}

function seconds(start: number): string {
  return `${((performance.now() - start) / 1_000).toFixed(0)} s`;
}
