import type { CircuitBreaker as Engine } from 'fusewire';
import type { Database } from '../database/database.ts';

/** Tables and functions of the document. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS circuit_breaker_metrics (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    circuit_name text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL,
    successes integer NOT NULL,
    failures integer NOT NULL,
    rejections integer NOT NULL,
    response_time double precision
  );
  CREATE INDEX IF NOT EXISTS circuit_breaker_metrics_time ON circuit_breaker_metrics (recorded_at);
  CREATE TABLE IF NOT EXISTS circuit_breaker_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    circuit_name text NOT NULL,
    occurred_at timestamptz NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    reason text NOT NULL
  );
  CREATE INDEX IF NOT EXISTS circuit_breaker_events_time ON circuit_breaker_events (occurred_at);

  CREATE OR REPLACE FUNCTION get_circuit_breaker_health(within interval DEFAULT interval '5 minutes')
  RETURNS TABLE (circuit_name text, state text, calls bigint, failure_rate double precision, average_response_time double precision)
  LANGUAGE sql STABLE AS $$
    SELECT m.circuit_name, (array_agg(m.state ORDER BY m.id DESC))[1], sum(m.successes + m.failures),
      coalesce(sum(m.failures) / nullif(sum(m.successes + m.failures), 0)::double precision, 0),
      sum(m.response_time * (m.successes + m.failures)) / nullif(sum(m.successes + m.failures) FILTER (WHERE m.response_time IS NOT NULL), 0)
    FROM circuit_breaker_metrics m WHERE m.recorded_at > now() - within GROUP BY m.circuit_name ORDER BY 1
  $$;

  CREATE OR REPLACE FUNCTION cleanup_circuit_breaker_metrics(keep interval DEFAULT interval '30 days') RETURNS bigint
  LANGUAGE sql AS $$
    WITH metrics AS (DELETE FROM circuit_breaker_metrics WHERE recorded_at < now() - keep RETURNING 1),
      events AS (DELETE FROM circuit_breaker_events WHERE occurred_at < now() - keep RETURNING 1)
    SELECT (SELECT count(*) FROM metrics) + (SELECT count(*) FROM events)
  $$;

  CREATE OR REPLACE FUNCTION get_circuit_breaker_dashboard_metrics(within interval DEFAULT interval '1 day')
  RETURNS TABLE (circuit_name text, hour timestamptz, successes bigint, failures bigint, rejections bigint, openings bigint)
  LANGUAGE sql STABLE AS $$
    SELECT name, hour, sum(ok)::bigint, sum(failed)::bigint, sum(rejected)::bigint, sum(opened)::bigint FROM (
      SELECT m.circuit_name, date_trunc('hour', m.recorded_at), m.successes, m.failures, m.rejections, 0
      FROM circuit_breaker_metrics m WHERE m.recorded_at > now() - within
      UNION ALL
      SELECT e.circuit_name, date_trunc('hour', e.occurred_at), 0, 0, 0, 1
      FROM circuit_breaker_events e WHERE e.occurred_at > now() - within AND e.to_state = 'OPEN'
    ) AS all_hours (name, hour, ok, failed, rejected, opened) GROUP BY 1, 2 ORDER BY 2, 1
  $$;`;

/** Milliseconds between two records of the metrics, and between two clean-ups. */
const INTERVAL = 10_000;
const CLEANUP = 3_600_000;
/** Most state changes that wait for the database. The oldest ones are dropped. */
const MOST_WAITING = 1_000;

/** State change that is not yet in the table. */
type Change = readonly [name: string, at: string, from: string, to: string, reason: string];

/**
 * Recorder of the metrics and state changes in the tables of the document. No call waits for it, and while the database is away
 * it keeps what happens.
 */
export class CircuitBreakerTables {
  readonly #database: Database;
  readonly #breakers: readonly Engine[];
  readonly #before = new Map<string, readonly number[]>();
  readonly #changes: Change[] = [];
  readonly #ends: (() => void)[];
  #isReady = false;
  #cleanedAt = 0;

  constructor(database: Database, breakers: readonly Engine[], interval = INTERVAL) {
    this.#database = database;
    this.#breakers = breakers;
    const timer = setInterval(() => void this.record().catch(() => undefined), interval);
    timer.unref();
    this.#ends = breakers.map((breaker) =>
      breaker.on('stateChange', ({ from, to, reason, shadow }) => {
        if (shadow) return;
        this.#changes.push([breaker.name, new Date().toISOString(), from, to, reason]);
        if (this.#changes.length > MOST_WAITING) this.#changes.shift();
      }),
    );
    this.#ends.push(() => clearInterval(timer));
  }

  /** Creates the tables and functions. Nothing is recorded before. */
  async setUp(): Promise<void> {
    await this.#database.query(TABLES);
    this.#isReady = true;
  }

  /** Writes what has happened since the last record. */
  async record(): Promise<void> {
    if (!this.#isReady) return;
    const rows = this.#breakers.map((breaker) => this.#rowOf(breaker));
    await this.#database.query({
      text: `INSERT INTO circuit_breaker_metrics (circuit_name, state, successes, failures, rejections, response_time)
        SELECT * FROM jsonb_to_recordset($1) AS row (n text, s text, ok int, failed int, rejected int, time float8)`,
      values: [JSON.stringify(rows)],
    });
    for (const breaker of this.#breakers) this.#before.set(breaker.name, totalsOf(breaker));
    const changes = this.#changes.slice();
    await this.#database.query({
      text: `INSERT INTO circuit_breaker_events (circuit_name, occurred_at, from_state, to_state, reason)
        SELECT c->>0, (c->>1)::timestamptz, c->>2, c->>3, c->>4 FROM jsonb_array_elements($1) AS c`,
      values: [JSON.stringify(changes)],
    });
    this.#changes.splice(0, changes.length);
    if (performance.now() - this.#cleanedAt > CLEANUP)
      await this.#database.query('SELECT cleanup_circuit_breaker_metrics()');
    this.#cleanedAt = performance.now();
  }

  close(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  #rowOf(breaker: Engine) {
    const [ok, failed, rejected] = totalsOf(breaker).map(
      (total, index) => total - (this.#before.get(breaker.name)?.[index] ?? 0),
    );
    const { averageResponseTime: time, state: s } = breaker.getStats();
    return { n: breaker.name, s, ok, failed, rejected, time };
  }
}

function totalsOf(breaker: Engine): readonly number[] {
  const { totalSuccesses, totalFailures, totalRejected } = breaker.getStats();
  return [totalSuccesses, totalFailures, totalRejected];
}
