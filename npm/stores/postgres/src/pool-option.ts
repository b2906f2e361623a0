import type { OptionsReader } from 'fusewire/kit';
import { isPostgresPool, openPool } from './connection.ts';
import type { PostgresPool } from './connection.ts';

/** Pool of a store, and how the store lets go of it. */
export interface OwnedPool {
  readonly pool: PostgresPool;
  /** Ends the pool if the store has opened it. */
  close(): Promise<void>;
}

/** Reads the options `pool` and `connectionString`, of which exactly one is required. Returns a function that opens the pool. */
export function readPool(reader: OptionsReader): () => OwnedPool {
  const pool = reader.value('pool');
  const connectionString = reader.value('connectionString');
  if (pool !== undefined && !isPostgresPool(pool)) reader.report('pool', 'type', 'a pool of pg');
  if (connectionString !== undefined && (typeof connectionString !== 'string' || connectionString === '')) {
    reader.report('connectionString', typeof connectionString === 'string' ? 'range' : 'type', 'a URL of a database');
  }
  if ((pool === undefined) === (connectionString === undefined)) {
    reader.report('pool', 'conflict', 'given if, and only if, connectionString is not');
  }
  return () => {
    if (pool !== undefined) return { pool: pool as PostgresPool, close: async () => undefined };
    const opened = openPool(connectionString as string);
    return { pool: opened, close: () => opened.end() };
  };
}

/** Reads a name of a table, a schema or a view, of at most `most` characters. */
export function readName(reader: OptionsReader, option: string, most = 40): string | undefined {
  const value = reader.value(option);
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.length <= most && /^[A-Za-z_]\w*$/.test(value)) return value;
  const expected = `a name of at most ${most} letters, digits and _, not beginning with a digit`;
  reader.report(option, typeof value === 'string' ? 'range' : 'type', expected);
  return undefined;
}
