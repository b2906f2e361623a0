import { queueOver, readOptions } from 'fusewire';
import type { Queue } from 'fusewire';
import pg from 'pg';
import { PostgresStore } from './store.ts';

/** A pool of pg, or whatever runs a query like it. */
export interface PostgresPool {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[]; readonly rowCount: number | null }>;
}

/** Where the queue is: `pool` or `connectionString` must be given. */
export interface PostgresQueueOptions {
  /** A pool that is there already, and stays open. */
  readonly pool?: PostgresPool | undefined;
  /** The database, as `postgres://user:password@host:port/database`. The queue has a pool of its own. */
  readonly connectionString?: string | undefined;
  /** The table: letters, digits and `_`, at most 48. Default `'fusewire_queue'`. */
  readonly table?: string | undefined;
  /** Its schema, of the same form. Default: the one that the search path comes to. */
  readonly schema?: string | undefined;
  /** Whether the table is made where there is none. Default true. */
  readonly createTable?: boolean | undefined;
}

const NAME = /^[A-Za-z_]\w{0,47}$/;

/**
 * A queue in a table of PostgreSQL, which any number of processes may share. What was acknowledged is committed: it is there
 * after `kill -9` of this process, and of the server unless that was told otherwise (`synchronous_commit`, `fsync`).
 *
 * The table is made with the first use.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function postgresQueue<Payload = unknown>(options: PostgresQueueOptions): Queue<Payload> {
  const reader = readOptions('Queue', 'postgres', options);
  const pool = reader.value('pool');
  const connectionString = reader.value('connectionString');
  const names = { table: reader.value('table') ?? 'fusewire_queue', schema: reader.value('schema') };
  const createTable = reader.boolean('createTable') ?? true;
  if (pool !== undefined && !isPool(pool)) reader.report('pool', 'type', 'a pool of pg');
  if (connectionString !== undefined && (typeof connectionString !== 'string' || connectionString === '')) {
    reader.report('connectionString', typeof connectionString === 'string' ? 'range' : 'type', 'a URL of a database');
  }
  if ((pool === undefined) === (connectionString === undefined)) {
    reader.report('pool', 'conflict', 'given, or else connectionString');
  }
  for (const [option, name] of Object.entries(names)) {
    if (name === undefined || (typeof name === 'string' && NAME.test(name))) continue;
    reader.report(option, typeof name === 'string' ? 'range' : 'type', 'a name of letters, digits and _');
  }
  reader.finish();
  const { table, schema } = names as { table: string; schema: string | undefined };
  if (pool !== undefined)
    return queueOver<Payload>(new PostgresStore(pool as PostgresPool, table, schema, createTable));
  const own = new pg.Pool({ connectionString: connectionString as string });
  // A connection that breaks while nobody uses it is replaced by the next query.
  own.on('error', () => undefined);
  return queueOver<Payload>(new PostgresStore(own, table, schema, createTable, () => own.end()));
}

function isPool(given: unknown): given is PostgresPool {
  return typeof (given as Partial<PostgresPool> | null)?.query === 'function';
}
