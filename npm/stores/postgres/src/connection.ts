import pg from 'pg';

/** A pool of pg, or an object with the same `query` method. */
export interface PostgresPool {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[]; readonly rowCount: number | null }>;
}

/** Whether `value` has a `query` method. */
export function isPostgresPool(value: unknown): value is PostgresPool {
  return typeof (value as Partial<PostgresPool> | null)?.query === 'function';
}

/** Returns a pool of connections to a database. The pool connects with the first query. */
export function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString });
  // An idle connection that breaks is replaced by the next query; without a listener the error would end the process.
  pool.on('error', () => undefined);
  return pool;
}
