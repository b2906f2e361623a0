import Database from 'better-sqlite3';

/** A connection of better-sqlite3, or an object with the same methods. */
export interface SqliteConnection {
  readonly open: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): {
    get(...values: unknown[]): unknown;
    all(...values: unknown[]): unknown[];
    run(...values: unknown[]): { readonly changes: number };
  };
}

/** Whether `value` has the methods of a connection that this package calls. */
export function isSqliteConnection(value: unknown): value is SqliteConnection {
  if (typeof value !== 'object' || value === null) return false;
  const { prepare, exec } = value as Partial<SqliteConnection>;
  return typeof prepare === 'function' && typeof exec === 'function';
}

/**
 * Opens a database file in WAL mode with `synchronous = FULL`, so that a committed write survives a loss of power.
 *
 * @param busyTimeout milliseconds that a statement waits for another process that writes.
 * @throws the error of better-sqlite3 if the file cannot be opened.
 */
export function openDurably(path: string, busyTimeout: number): SqliteConnection & { close(): unknown } {
  const database = new Database(path, { timeout: busyTimeout });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  return database;
}
