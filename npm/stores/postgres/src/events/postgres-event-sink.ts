import { readOptions } from 'fusewire/kit';
import type { EventSink } from '@fusewire/operations/events';
import type { PostgresPool } from '../connection.ts';
import { readName, readPool } from '../pool-option.ts';
import type { OwnedPool } from '../pool-option.ts';
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

/**
 * Returns a sink of events in a PostgreSQL table, which any number of processes may share. The table has a partition for each week,
 * so that old events are deleted with their partition, and no statement holds a lock for long.
 *
 * @throws {OptionsError} with every invalid option.
 */
export function postgresEventSink(options: PostgresEventSinkOptions): EventSink {
  const { open, tables, createTable } = readSinkOptions(options);
  const { pool, close } = open();
  return new PostgresEventStore(pool, tables, createTable, close);
}

interface SinkSettings {
  readonly open: () => OwnedPool;
  readonly tables: EventTables;
  readonly createTable: boolean;
}

function readSinkOptions(options: PostgresEventSinkOptions): SinkSettings {
  const reader = readOptions('Event sink', 'postgres', options);
  const open = readPool(reader);
  const createTable = reader.boolean('createTable') ?? true;
  const name = readName(reader, 'table') ?? 'fusewire_events';
  const schema = readName(reader, 'schema');
  const view = readName(reader, 'view');
  reader.finish();
  const quoted = (of: string) => (schema === undefined ? `"${of}"` : `"${schema}"."${of}"`);
  return { open, tables: { name, table: quoted(name), quoted, view }, createTable };
}
