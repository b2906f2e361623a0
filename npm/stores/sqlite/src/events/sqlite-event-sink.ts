import { readOptions } from 'fusewire/kit';
import type { EventSink } from '@fusewire/operations/events';
import { hasFile, isSqliteConnection, openFile } from '../connection.ts';
import type { SqliteConnection } from '../connection.ts';
import { prepareEvents } from './schema.ts';
import { SqliteEventStore } from './store.ts';

/** Options of {@link sqliteEventSink}. Exactly one of `path` and `database` is required. */
export interface SqliteEventSinkOptions {
  /** Path of the database file. The sink creates the file if it does not exist, and closes it with the log. */
  readonly path?: string | undefined;
  /** An open connection to a file, which the sink never closes. */
  readonly database?: SqliteConnection | undefined;
  /**
   * Name of the table: at most 50 letters, digits and `_`, not beginning with a digit. The sink creates the table if it does not
   * exist. Default `'fusewire_events'`.
   */
  readonly table?: string | undefined;
  /**
   * Name of a view with the columns of an `EventLog` table: `eventType`, `aggregateId`, `payload`, `metadata` and `timestamp`.
   * Default: no view.
   */
  readonly view?: string | undefined;
  /** Milliseconds to wait for another process that writes: 0 to 600 000. Default 5 000. */
  readonly busyTimeout?: number | undefined;
}

const SUBJECT = 'Event sink sqlite';
const BUSY_TIMEOUT = 5_000;
const LONGEST_BUSY_TIMEOUT = 600_000;
const NAME = /^[A-Za-z_]\w{0,49}$/;

/**
 * Returns a sink of events in an SQLite database, which several processes of one machine may share. A file that the sink opens
 * is in WAL mode with `synchronous = NORMAL`: stored events survive `kill -9`. The last ones may be lost with the power.
 *
 * SQLite runs in the calling thread. A batch is one transaction, and old events are deleted 500 at a time.
 *
 * @throws {OptionsError} with every invalid option.
 * @throws the error of better-sqlite3 if the file cannot be opened.
 */
export function sqliteEventSink(options: SqliteEventSinkOptions): EventSink {
  const { path, database, table, view, busyTimeout } = readSinkOptions(options);
  const open = (connection: SqliteConnection, close?: () => unknown) => {
    prepareEvents(connection, table, view);
    return new SqliteEventStore(connection, table, busyTimeout, close);
  };
  if (database !== undefined) return open(database);
  return openFile(path, { busyTimeout, durable: true, subject: SUBJECT }, (connection) => {
    // The events are also in the write-ahead log, if there is one: the disk need not hold up the event loop.
    connection.exec('PRAGMA synchronous = NORMAL');
    return open(connection, () => connection.close());
  });
}

interface SinkSettings {
  /** Empty if `database` is set. */
  readonly path: string;
  readonly database: SqliteConnection | undefined;
  readonly table: string;
  readonly view: string | undefined;
  readonly busyTimeout: number;
}

function readSinkOptions(options: SqliteEventSinkOptions): SinkSettings {
  const reader = readOptions('Event sink', 'sqlite', options);
  const path = reader.value('path');
  const database = reader.value('database');
  const milliseconds = `a number of milliseconds from 0 to ${LONGEST_BUSY_TIMEOUT}`;
  const busyTimeout = reader.number('busyTimeout', 0, LONGEST_BUSY_TIMEOUT, milliseconds) ?? BUSY_TIMEOUT;
  if (path !== undefined && (typeof path !== 'string' || path === '' || path.includes(':memory:'))) {
    const expected = 'the path of a file, and not a database in memory';
    reader.report('path', typeof path === 'string' ? 'range' : 'type', expected);
  }
  if (database !== undefined && !isSqliteConnection(database)) {
    reader.report('database', 'type', 'a connection of better-sqlite3');
  } else if (database !== undefined && !hasFile(database)) {
    reader.report('database', 'range', 'a connection to a file: a database in memory is lost with the process');
  }
  if ((path === undefined) === (database === undefined)) {
    reader.report('path', 'conflict', 'given if, and only if, database is not');
  }
  const names = ['table', 'view'].map((option) => {
    const value = reader.value(option);
    if (value === undefined || (typeof value === 'string' && NAME.test(value))) return value;
    const expected = 'a name of at most 50 letters, digits and _, not beginning with a digit';
    reader.report(option, typeof value === 'string' ? 'range' : 'type', expected);
    return undefined;
  });
  reader.finish();
  const [table = 'fusewire_events', view] = names as [string | undefined, string | undefined];
  return { path: (path ?? '') as string, database: database as SqliteConnection | undefined, table, view, busyTimeout };
}
