import { queueOver, readOptions, readQueueLimits } from 'fusewire/kit';
import type { QueueLimits } from 'fusewire/kit';
import type { Queue, QueueOptions } from 'fusewire/queue';
import { hasFile, isSqliteConnection, openFile } from '../connection.ts';
import type { SqliteConnection } from '../connection.ts';
import { journalMode } from './check.ts';
import { BUSY_TIMEOUT, SqliteQueueStore } from './store.ts';

/** Options of {@link sqliteQueue}. Exactly one of `path` and `database` is required. */
export interface SqliteQueueOptions extends QueueOptions {
  /** Path of the database file. The queue creates the file if it does not exist, and closes it with the queue. */
  readonly path?: string | undefined;
  /**
   * An open connection to a file in WAL mode, which the queue never closes. Its `synchronous` setting decides how durable a
   * message is: only `FULL` survives a loss of power. `health()` reports less.
   */
  readonly database?: SqliteConnection | undefined;
  /**
   * Name of the table: at most 63 letters, digits and `_`, not beginning with a digit. The queue creates the table if
   * it does not exist. Default `'fusewire_queue'`.
   */
  readonly table?: string | undefined;
  /** Milliseconds to wait for another process that writes: 0 to 600 000. Default 5 000. Requires `path`. */
  readonly busyTimeout?: number | undefined;
  /**
   * Whether a database in memory and one without a WAL are refused, because they may lose messages. Default true. With false,
   * `health()` says how durable a message is.
   */
  readonly durable?: boolean | undefined;
}

const LONGEST_BUSY_TIMEOUT = 600_000;
const TABLE = /^[A-Za-z_]\w{0,62}$/;

/**
 * Returns a queue in an SQLite database, which several processes of one machine may share. A file that the queue opens
 * is in WAL mode with `synchronous = FULL`: an acknowledged message survives `kill -9` and a loss of power.
 *
 * SQLite runs in the calling thread. All messages of one turn of the event loop are committed with one write to the disk. While
 * another process writes, the queue waits without blocking the event loop.
 *
 * @throws {OptionsError} with every invalid option.
 * @throws the error of better-sqlite3 if the file cannot be opened.
 */
export function sqliteQueue<Payload = unknown>(options: SqliteQueueOptions): Queue<Payload> {
  const { path, database, table, busyTimeout, durable, limits } = readSqliteOptions(options);
  if (database !== undefined) return queueOver<Payload>(new SqliteQueueStore(database, table), limits);
  const prepare = (opened: SqliteConnection & { close(): unknown }) =>
    new SqliteQueueStore(opened, table, { busyTimeout, close: () => opened.close() });
  return queueOver<Payload>(openFile(path, { busyTimeout, durable, subject: 'Queue sqlite' }, prepare), limits);
}

interface SqliteQueueSettings {
  /** Empty if `database` is set. */
  readonly path: string;
  readonly database: SqliteConnection | undefined;
  readonly table: string;
  readonly busyTimeout: number;
  readonly durable: boolean;
  readonly limits: QueueLimits;
}

function readSqliteOptions(options: SqliteQueueOptions): SqliteQueueSettings {
  const reader = readOptions('Queue', 'sqlite', options);
  const path = reader.value('path');
  const database = reader.value('database');
  const table = reader.value('table') ?? 'fusewire_queue';
  const milliseconds = `a number of milliseconds from 0 to ${LONGEST_BUSY_TIMEOUT}`;
  const busyTimeout = reader.number('busyTimeout', 0, LONGEST_BUSY_TIMEOUT, milliseconds);
  const durable = reader.boolean('durable') ?? true;
  const limits = readQueueLimits(reader);
  if (path !== undefined && (typeof path !== 'string' || path === '' || (durable && !isFilePath(path)))) {
    const expected = 'the path of a file, and not a database in memory unless durable is false';
    reader.report('path', typeof path === 'string' ? 'range' : 'type', expected);
  }
  if (database !== undefined && !isSqliteConnection(database)) {
    reader.report('database', 'type', 'a connection of better-sqlite3');
  } else if (database !== undefined && durable && !hasFile(database)) {
    reader.report('database', 'range', 'a connection to a file: a database in memory is lost with the process');
  } else if (database !== undefined && durable && journalMode(database) !== 'wal') {
    reader.report(
      'database',
      'range',
      "in WAL mode, by database.pragma('journal_mode = WAL'), unless durable is false",
    );
  }
  if ((path === undefined) === (database === undefined)) {
    reader.report('path', 'conflict', 'given if, and only if, database is not');
  }
  if (database !== undefined && busyTimeout !== undefined) {
    reader.report('busyTimeout', 'conflict', 'given with path only');
  }
  if (typeof table !== 'string' || !TABLE.test(table)) {
    const expected = 'a name of at most 63 letters, digits and _, not beginning with a digit';
    reader.report('table', typeof table === 'string' ? 'range' : 'type', expected);
  }
  reader.finish();
  return {
    path: (path ?? '') as string,
    database: database as SqliteConnection | undefined,
    table: table as string,
    busyTimeout: busyTimeout ?? BUSY_TIMEOUT,
    durable,
    limits,
  };
}

function isFilePath(path: string): boolean {
  return !path.startsWith(':memory:') && !/^file:.*(:memory:|mode=memory)/.test(path);
}
