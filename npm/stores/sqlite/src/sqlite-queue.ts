import Database from 'better-sqlite3';
import { queueOver, readOptions } from 'fusewire';
import type { Queue } from 'fusewire';
import { SqliteStore } from './store.ts';

/** A connection of better-sqlite3. */
export interface SqliteConnection {
  readonly open: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): {
    get(...values: unknown[]): unknown;
    all(...values: unknown[]): unknown[];
    run(...values: unknown[]): { readonly changes: number };
  };
}

/** Where the queue is: `path` or `database` must be given. */
export interface SqliteQueueOptions {
  /** The file of the database. It is made where there is none. */
  readonly path?: string | undefined;
  /**
   * A connection that is there already, and stays open. What is acknowledged is as durable as it makes it: over the loss of
   * power only with `synchronous = FULL`.
   */
  readonly database?: SqliteConnection | undefined;
  /** The table: letters, digits and `_`, at most 63. It is made where there is none. Default `'fusewire_queue'`. */
  readonly table?: string | undefined;
  /** Milliseconds to wait for another process that writes: 0 to 600 000. Default 5 000. Goes with `path`. */
  readonly busyTimeout?: number | undefined;
}

const LONGEST_WAIT = 600_000;
const TABLE = /^[A-Za-z_]\w{0,62}$/;

/**
 * A queue in an SQLite database, which several processes of one machine may share. A file that it opens itself is in WAL
 * mode with `synchronous = FULL`: what was acknowledged is there after `kill -9`, and after a loss of power.
 *
 * SQLite works in the thread that calls it: a message that comes in costs one write to the disk, and the event loop waits.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 * @throws what better-sqlite3 throws where the file cannot be opened.
 */
export function sqliteQueue<Payload = unknown>(options: SqliteQueueOptions): Queue<Payload> {
  const reader = readOptions('Queue', 'sqlite', options);
  const path = reader.value('path');
  const given = reader.value('database');
  const table = reader.value('table') ?? 'fusewire_queue';
  const timeout = reader.number('busyTimeout', 0, LONGEST_WAIT, `a number of milliseconds from 0 to ${LONGEST_WAIT}`);
  if (path !== undefined && (typeof path !== 'string' || path === '')) {
    reader.report('path', typeof path === 'string' ? 'range' : 'type', 'the path of a file');
  }
  if (given !== undefined && !isConnection(given)) reader.report('database', 'type', 'a connection of better-sqlite3');
  if ((path === undefined) === (given === undefined)) reader.report('path', 'conflict', 'given, or else database');
  if (given !== undefined && timeout !== undefined) reader.report('busyTimeout', 'conflict', 'given with path only');
  if (typeof table !== 'string' || !TABLE.test(table)) {
    reader.report('table', typeof table === 'string' ? 'range' : 'type', 'a name of letters, digits and _');
  }
  reader.finish();
  if (given !== undefined) return queueOver<Payload>(new SqliteStore(given as SqliteConnection, table as string));
  const database = openDurably(path as string, timeout ?? 5_000);
  return queueOver<Payload>(new SqliteStore(database, table as string, () => database.close()));
}

function openDurably(path: string, timeout: number) {
  const database = new Database(path, { timeout });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  return database;
}

function isConnection(given: unknown): given is SqliteConnection {
  if (typeof given !== 'object' || given === null) return false;
  const { prepare, exec } = given as Partial<SqliteConnection>;
  return typeof prepare === 'function' && typeof exec === 'function';
}
