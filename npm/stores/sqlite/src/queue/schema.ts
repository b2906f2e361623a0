import type { SqliteConnection } from '../connection.ts';

/** Version of the table. It is kept in a table of its own, because `user_version` belongs to the program. */
const VERSION = 3;
const VERSIONS = '"fusewire_schema"';

/** Creates the table of a queue, or brings one of an earlier version up to date. */
export function prepareTable(database: SqliteConnection, table: string): void {
  database.exec(`CREATE TABLE IF NOT EXISTS ${VERSIONS} (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT`);
  if (versionOf(database, table) === VERSION) return;
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
  if (version === VERSION) return;
  if (version === 1) database.exec(`ALTER TABLE "${table}" RENAME TO "${table}_1"`);
  if (version === 2) database.exec(`ALTER TABLE "${table}" ADD COLUMN ${SET_AT}`);
  else database.exec(definitionOf(table));
  if (version === 1) {
    database
      .prepare(
        `INSERT INTO "${table}" (id, topic, key, payload, attempts, enqueued_at, available_at, token, last_error, dead)
         SELECT id, 'default', key, payload, attempts, ?, available_at, token, last_error, dead FROM "${table}_1"`,
      )
      .run(Date.now());
    database.exec(`DROP TABLE "${table}_1"`);
  }
  if (version !== 2) database.exec(indexesOf(table));
  database.prepare(`INSERT OR REPLACE INTO ${VERSIONS} (name, version) VALUES (?, ?)`).run(table, VERSION);
}

/** Returns the version of a table: 0 if it does not exist, 1 if it was created before versions were kept. */
function versionOf(database: SqliteConnection, table: string): number {
  const known = database.prepare(`SELECT version FROM ${VERSIONS} WHERE name = ?`).get(table);
  const exists = database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`).get(table);
  if (exists === undefined) return 0;
  return (known as { version: number } | undefined)?.version ?? 1;
}

/** Time at which `available_at` was set. In rows of an earlier version it is 0. */
const SET_AT = 'set_at REAL NOT NULL DEFAULT 0';

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
      ${SET_AT},
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
    CREATE INDEX "${table}_next" ON "${table}" (topic, priority DESC, id) WHERE dead = 0;
    CREATE INDEX "${table}_dead" ON "${table}" (id) WHERE dead = 1;`;
}
