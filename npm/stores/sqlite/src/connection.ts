import Database from 'better-sqlite3';

/** A connection of better-sqlite3, or an object with the same methods. */
export interface SqliteConnection {
  readonly open: boolean;
  /** Whether a transaction has begun. */
  readonly inTransaction?: boolean;
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

/** Whether a connection is to a file, and not to a database in memory, which ends with the process. */
export function hasFile(connection: SqliteConnection): boolean {
  const databases = connection.prepare('PRAGMA database_list').all() as { name: string; file: string | null }[];
  return databases.some(({ name, file }) => name === 'main' && file !== null && file !== '');
}

/** Settings of {@link openFile}. */
interface OpenSettings {
  /** Milliseconds that `prepare` may wait for another process that writes. */
  readonly busyTimeout: number;
  /** Whether a database without a WAL is refused. */
  readonly durable: boolean;
  /** Beginning of messages, such as `'Queue sqlite'`. */
  readonly subject: string;
}

/**
 * Opens a database file in WAL mode with `synchronous = FULL`, so that a committed write survives a loss of power. Its
 * statements never wait for another process that writes: that would block the event loop. They fail with `SQLITE_BUSY`.
 *
 * @param prepare creates the tables.
 * @throws {Error} if `durable` is true and the file has no WAL, which some file systems cannot have.
 * @throws the error of better-sqlite3 if the file cannot be opened.
 */
export function openFile<T>(
  path: string,
  { busyTimeout, durable, subject }: OpenSettings,
  prepare: (connection: SqliteConnection & { close(): unknown }) => T,
): T {
  const database = new Database(path, { timeout: busyTimeout });
  try {
    const mode = database.pragma('journal_mode = WAL', { simple: true });
    if (durable && mode !== 'wal')
      throw new Error(`${subject}: the file has the journal mode ${mode}, and cannot have a WAL`);
    database.pragma('synchronous = FULL');
    const prepared = prepare(database);
    database.pragma('busy_timeout = 0');
    return prepared;
  } catch (error) {
    database.close();
    throw error;
  }
}
