import type { SqliteConnection } from '../connection.ts';

/**
 * Version of the table: the number of the last change that earlier releases cannot bear. Columns that were added since need no
 * new version, so that processes of the release before may still start beside those of this one. The version is kept in a table of
 * its own, because `user_version` belongs to the program.
 */
const VERSION = 2;
/** Table with the versions, and the latest times of the clocks. */
export const VERSIONS = '"fusewire_schema"';
/** Columns that were added to version 2, with their types. */
const ADDED = { group_name: 'TEXT', position: 'INTEGER', dead_at: 'REAL' } as const;

/** Creates the table of a queue, or brings one of an earlier version up to date. */
export function prepareTable(database: SqliteConnection, table: string): void {
  database.exec(`CREATE TABLE IF NOT EXISTS ${VERSIONS} (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT`);
  if (versionOf(database, table) === VERSION && missingColumns(database, table).length === 0) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    migrate(database, table);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function migrate(database: SqliteConnection, table: string): void {
  const version = versionOf(database, table);
  if (version > VERSION) {
    throw new Error(
      `Queue sqlite: table ${table} has version ${version}; this version of the package knows ${VERSION}`,
    );
  }
  if (version === 1) database.exec(`ALTER TABLE "${table}" RENAME TO "${table}_1"`);
  if (version < VERSION) database.exec(definitionOf(table));
  if (version === 1) {
    database
      .prepare(
        `INSERT INTO "${table}" (id, topic, key, payload, attempts, enqueued_at, available_at, token, last_error, dead)
         SELECT id, 'default', key, payload, attempts, ?, available_at, token, last_error, dead FROM "${table}_1"`,
      )
      .run(Date.now());
    database.exec(`DROP TABLE "${table}_1"`);
  }
  for (const [column, type] of missingColumns(database, table)) {
    database.exec(`ALTER TABLE "${table}" ADD COLUMN ${column} ${type}`);
  }
  database.exec(indexesOf(table));
  database.prepare(`INSERT OR REPLACE INTO ${VERSIONS} (name, version) VALUES (?, ?)`).run(table, VERSION);
}

/** Returns the version of a table: 0 if it does not exist, 1 if it was created before versions were kept. */
function versionOf(database: SqliteConnection, table: string): number {
  const known = database.prepare(`SELECT version FROM ${VERSIONS} WHERE name = ?`).get(table);
  const exists = database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`).get(table);
  if (exists === undefined) return 0;
  return (known as { version: number } | undefined)?.version ?? 1;
}

function missingColumns(database: SqliteConnection, table: string): [name: string, type: string][] {
  const rows = database.prepare('SELECT name FROM pragma_table_info(?)').all(table) as { readonly name: string }[];
  const names = new Set(rows.map(({ name }) => name));
  return Object.entries(ADDED).filter(([column]) => !names.has(column));
}

function definitionOf(table: string): string {
  return `
    CREATE TABLE "${table}" (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      topic TEXT NOT NULL,
      key TEXT NOT NULL,
      payload TEXT NOT NULL,
      priority INTEGER NOT NULL DEFAULT 2,
      attempts INTEGER NOT NULL DEFAULT 0,
      abandoned INTEGER NOT NULL DEFAULT 0,
      enqueued_at REAL NOT NULL,
      available_at REAL NOT NULL DEFAULT 0,
      token TEXT,
      last_error TEXT,
      dead INTEGER NOT NULL DEFAULT 0,
      UNIQUE (topic, key)
    ) STRICT;`;
}

function indexesOf(table: string): string {
  return `
    DROP INDEX IF EXISTS "${table}_alive";
    DROP INDEX IF EXISTS "${table}_dead";
    DROP INDEX IF EXISTS "${table}_next";
    CREATE INDEX IF NOT EXISTS "${table}_alone" ON "${table}" (topic, priority DESC, id)
      WHERE dead = 0 AND group_name IS NULL;
    CREATE INDEX IF NOT EXISTS "${table}_grouped" ON "${table}" (topic, priority DESC, id)
      WHERE dead = 0 AND group_name IS NOT NULL;
    CREATE INDEX IF NOT EXISTS "${table}_died" ON "${table}" (coalesce(dead_at, enqueued_at), id) WHERE dead = 1;
    CREATE INDEX IF NOT EXISTS "${table}_group" ON "${table}" (topic, group_name, coalesce(position, id))
      WHERE dead = 0 AND group_name IS NOT NULL;`;
}
