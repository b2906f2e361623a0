import { queueOver, readOptions, readQueueLimits } from 'fusewire/kit';
import type { QueueLimits } from 'fusewire/kit';
import type { Queue, QueueOptions } from 'fusewire/queue';
import type { PostgresPool } from '../connection.ts';
import { readName, readPool } from '../pool-option.ts';
import type { OwnedPool } from '../pool-option.ts';
import { PostgresQueueStore } from './store.ts';

/** Options of {@link postgresQueue}. Exactly one of `pool` and `connectionString` is required. */
export interface PostgresQueueOptions extends QueueOptions {
  /**
   * An open pool, which the queue never ends. Give it a `query_timeout` and `connectionTimeoutMillis`: without them, connections
   * that the network has lost hold up the queue for a quarter of an hour.
   */
  readonly pool?: PostgresPool | undefined;
  /**
   * URL of the database: `postgres://user:password@host:port/database`. The queue opens and ends a pool of its own. A statement that
   * is not answered rejects after 10 s.
   */
  readonly connectionString?: string | undefined;
  /**
   * Name of the table: at most 48 letters, digits and `_`, not beginning with a digit. Default `'fusewire_queue'`.
   */
  readonly table?: string | undefined;
  /** Name of the schema of the table, with the same limits. The schema must exist. Default: from the search path. */
  readonly schema?: string | undefined;
  /** Whether the queue creates the table if it does not exist. Default true. */
  readonly createTable?: boolean | undefined;
  /**
   * Whether connections prepare each statement once. Set it to false for a pooler that passes a statement to any connection,
   * such as PgBouncer in transaction mode without `max_prepared_statements`. Default true.
   */
  readonly preparedStatements?: boolean | undefined;
}

/**
 * Returns a queue in a PostgreSQL table, which any number of processes may share. An acknowledged message is committed:
 * it survives `kill -9` of this process, and of the server unless `synchronous_commit` or `fsync` is off.
 *
 * With the first use the queue creates its table, or brings one of an earlier version up to date. If the table is as it must
 * be, no lock is taken and no right to create is needed.
 *
 * @throws {OptionsError} with every invalid option.
 */
export function postgresQueue<Payload = unknown>(options: PostgresQueueOptions): Queue<Payload> {
  const { open, table, schema, createTable, prepares, limits } = readPostgresOptions(options);
  const { pool, close } = open();
  const store = new PostgresQueueStore(pool, table, schema, createTable, close, prepares);
  return queueOver<Payload>(store, limits);
}

interface PostgresQueueSettings {
  readonly open: () => OwnedPool;
  readonly table: string;
  readonly schema: string | undefined;
  readonly createTable: boolean;
  readonly prepares: boolean;
  readonly limits: QueueLimits;
}

function readPostgresOptions(options: PostgresQueueOptions): PostgresQueueSettings {
  const reader = readOptions('Queue', 'postgres', options);
  const open = readPool(reader);
  const table = readName(reader, 'table', 48) ?? 'fusewire_queue';
  const schema = readName(reader, 'schema', 48);
  const createTable = reader.boolean('createTable') ?? true;
  const prepares = reader.boolean('preparedStatements') ?? true;
  const limits = readQueueLimits(reader);
  reader.finish();
  return { open, table, schema, createTable, prepares, limits };
}
