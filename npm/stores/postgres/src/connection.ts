import pg from 'pg';

/** A pool of pg, or an object with the same `query` method. */
export interface PostgresPool {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[]; readonly rowCount: number | null }>;
}

/** Whether `value` has a `query` method. */
export function isPostgresPool(value: unknown): value is PostgresPool {
  return typeof (value as Partial<PostgresPool> | null)?.query === 'function';
}

/** Milliseconds after which a connection attempt, a statement or a wait for a free connection rejects. */
const TIMEOUT = 10_000;

/**
 * Returns a pool of connections to a database. The pool connects with the first query. Without timeouts, connections that a
 * network has lost would hold up the pool until the operating system gives them up, which takes a quarter of an hour.
 */
export function openPool(connectionString: string): pg.Pool {
  const timeouts = { connectionTimeoutMillis: TIMEOUT, query_timeout: TIMEOUT };
  const pool = new pg.Pool({ connectionString, ...timeouts, keepAlive: true });
  // An idle connection that breaks is replaced by the next query; without a listener the error would end the process.
  pool.on('error', () => undefined);
  return pool;
}
