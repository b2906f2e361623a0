import { readOptions } from 'fusewire/kit';
import type { EventSink } from '@fusewire/operations/events';
import { isPostgresPool, openPool } from '../connection.ts';
import type { PostgresPool } from '../connection.ts';
import type { EventTables } from './schema.ts';
import { PostgresEventStore } from './store.ts';

/** Options of {@link postgresEventSink}. Exactly one of `pool` and `connectionString` is required. */
export interface PostgresEventSinkOptions {
  /** An open pool, which the sink never ends. */
  readonly pool?: PostgresPool | undefined;
  /** URL of the database: `postgres://user:password@host:port/database`. The sink opens and ends a pool of its own. */
  readonly connectionString?: string | undefined;
  /** Name of the table: at most 40 letters, digits and `_`, not beginning with a digit. Default `'fusewire_events'`. */
  readonly table?: string | undefined;
  /** Name of the schema of the table, with the same limits. The schema must exist. Default: from the search path. */
  readonly schema?: string | undefined;
  /**
   * Name of a view with the columns of an `EventLog` table: `eventType`, `aggregateId`, `payload`, `metadata` and `timestamp`.
   * Default: no view.
   */
  readonly view?: string | undefined;
  /** Whether the sink creates the table and the view if they do not exist. It creates the partitions in any case. Default true. */
  readonly createTable?: boolean | undefined;
}

const NAME = /^[A-Za-z_]\w{0,39}$/;

/**
 * Returns a sink of events in a PostgreSQL table, which any number of processes may share. The table has a partition for each week,
 * so that old events are deleted with their partition, and no statement holds a lock for long.
 *
 * @throws {OptionsError} with every invalid option.
 */
export function postgresEventSink(options: PostgresEventSinkOptions): EventSink {
  const { pool, connectionString, tables, createTable } = readSinkOptions(options);
  if (pool !== undefined) return new PostgresEventStore(pool, tables, createTable);
  const opened = openPool(connectionString);
  return new PostgresEventStore(opened, tables, createTable, () => opened.end());
}

interface SinkSettings {
  readonly pool: PostgresPool | undefined;
  /** Empty if `pool` is set. */
  readonly connectionString: string;
  readonly tables: EventTables;
  readonly createTable: boolean;
}

function readSinkOptions(options: PostgresEventSinkOptions): SinkSettings {
  const reader = readOptions('Event sink', 'postgres', options);
  const pool = reader.value('pool');
  const connectionString = reader.value('connectionString');
  const createTable = reader.boolean('createTable') ?? true;
  if (pool !== undefined && !isPostgresPool(pool)) reader.report('pool', 'type', 'a pool of pg');
  if (connectionString !== undefined && (typeof connectionString !== 'string' || connectionString === '')) {
    reader.report('connectionString', typeof connectionString === 'string' ? 'range' : 'type', 'a URL of a database');
  }
  if ((pool === undefined) === (connectionString === undefined)) {
    reader.report('pool', 'conflict', 'given if, and only if, connectionString is not');
  }
  const [table, schema, view] = ['table', 'schema', 'view'].map((option) => {
    const value = reader.value(option);
    if (value === undefined || (typeof value === 'string' && NAME.test(value))) return value;
    const expected = 'a name of at most 40 letters, digits and _, not beginning with a digit';
    reader.report(option, typeof value === 'string' ? 'range' : 'type', expected);
    return undefined;
  }) as [string | undefined, string | undefined, string | undefined];
  reader.finish();
  const name = table ?? 'fusewire_events';
  const quoted = (of: string) => (schema === undefined ? `"${of}"` : `"${schema}"."${of}"`);
  return {
    pool: pool as PostgresPool | undefined,
    connectionString: (connectionString ?? '') as string,
    tables: { name, table: quoted(name), quoted, view },
    createTable,
  };
}
