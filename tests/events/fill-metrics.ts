import { BreakerRegistry } from 'fusewire';
import { postgresMetrics } from '@fusewire/postgres';
import type { PostgresPool } from '@fusewire/postgres';

/** Size of what {@link fillMetrics} writes. */
export interface Filling {
  /** Rows of the metrics. */
  readonly rows: number;
  /** Days over which they are spread, up to now. */
  readonly days: number;
  readonly circuits: number;
}

/** Creates the tables in a schema, and returns its name. */
export async function createMetrics(pool: PostgresPool, schema: string): Promise<string> {
  const metrics = postgresMetrics({ pool, schema, sources: [new BreakerRegistry()] });
  await metrics.setUp();
  await metrics.close();
  return schema;
}

/** Fills the tables, day by day, as recorders would have done. One row in a hundred has an opening beside it. */
export async function fillMetrics(
  pool: PostgresPool,
  schema: string,
  { rows, days, circuits }: Filling,
): Promise<void> {
  const perDay = Math.ceil(rows / days / circuits);
  for (let day = days - 1; day >= 0; day--) {
    await pool.query(`SET search_path = ${schema};
      SELECT create_circuit_breaker_metrics_partition(((now() AT TIME ZONE 'UTC')::date - ${day}));
      INSERT INTO circuit_breaker_metrics (recorded_at, circuit_name, state, successes, failures, rejections, average_response_time)
      SELECT time, 'circuit-' || circuit, 'CLOSED', 90 + circuit % 10, record % 7, record % 3, 20 + circuit
      FROM (SELECT date_trunc('day', now(), 'UTC') - interval '${day} days' + interval '1 day' * record / ${perDay} AS time, record
        FROM generate_series(0, ${perDay - 1}) AS record) AS times, generate_series(1, ${circuits}) AS circuit
      WHERE time <= now();
      INSERT INTO circuit_breaker_events (occurred_at, circuit_name, from_state, to_state, reason)
      SELECT recorded_at, circuit_name, 'CLOSED', 'OPEN', 'failure-threshold' FROM circuit_breaker_metrics
      WHERE recorded_at >= date_trunc('day', now(), 'UTC') - interval '${day} days'
        AND recorded_at < date_trunc('day', now(), 'UTC') - interval '${day - 1} days' AND hashtext(recorded_at::text || circuit_name) % 100 = 0;
      RESET search_path;`);
  }
}
