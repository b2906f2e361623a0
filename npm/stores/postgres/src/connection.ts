import { createHash } from 'node:crypto';
import pg from 'pg';

/** A pool of pg, or an object with the same `query` method. */
export interface PostgresPool {
  query(statement: string | Statement): Promise<QueryResult>;
}

/** Statement with parameters. A connection parses and plans one with a name once. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
}

/** Part of the result of a query. */
export interface QueryResult {
  readonly rows: unknown[];
  readonly rowCount: number | null;
}

/** Names of the statements by their text. */
const names = new Map<string, string>();

/** Returns a pool whose connections prepare no statements. */
export function unprepared(pool: PostgresPool): PostgresPool {
  return {
    query: (statement) =>
      pool.query(typeof statement === 'string' ? statement : { text: statement.text, values: statement.values }),
  };
}

/** Runs a statement, which each connection prepares once. */
export function run(pool: PostgresPool, text: string, values: unknown[]): Promise<QueryResult> {
  let name = names.get(text);
  if (name === undefined) {
    names.set(text, (name = `fusewire_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`));
  }
  return pool.query({ name, text, values });
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
