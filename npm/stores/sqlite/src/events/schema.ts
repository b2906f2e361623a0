import type { SqliteConnection } from '../connection.ts';

/** Version of the table, kept in the table of all versions. */
const VERSION = 1;
const VERSIONS = '"fusewire_schema"';

/** Creates the table of events, or brings one of an earlier version up to date. Changes nothing if it is as it must be. */
export function prepareEvents(database: SqliteConnection, table: string, view: string | undefined): void {
  database.exec(`CREATE TABLE IF NOT EXISTS ${VERSIONS} (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT`);
  if (versionOf(database, table) === VERSION && hasView(database, view)) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have been faster.
    const version = versionOf(database, table);
    if (version > VERSION) {
      throw new Error(
        `Event sink sqlite: table ${table} has version ${version}; this version of the package knows ${VERSION}`,
      );
    }
    database.exec(definitionOf(table));
    if (view !== undefined) database.exec(viewOf(table, view));
    database.prepare(`INSERT OR REPLACE INTO ${VERSIONS} (name, version) VALUES (?, ?)`).run(table, VERSION);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(database: SqliteConnection, table: string): number {
  const known = database.prepare(`SELECT version FROM ${VERSIONS} WHERE name = ?`).get(table);
  return (known as { version: number } | undefined)?.version ?? 0;
}

function hasView(database: SqliteConnection, view: string | undefined): boolean {
  if (view === undefined) return true;
  return database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = ?`).get(view) !== undefined;
}

function definitionOf(table: string): string {
  return `
    CREATE TABLE IF NOT EXISTS "${table}" (
      id TEXT NOT NULL UNIQUE,
      time INTEGER NOT NULL,
      kind TEXT NOT NULL,
      severity TEXT NOT NULL,
      breaker TEXT,
      policy TEXT,
      instance TEXT NOT NULL,
      actor TEXT,
      reason TEXT,
      count INTEGER NOT NULL,
      summary TEXT NOT NULL,
      details TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS "${table}_time" ON "${table}" (time);
    CREATE INDEX IF NOT EXISTS "${table}_breaker" ON "${table}" (breaker, id);
    CREATE INDEX IF NOT EXISTS "${table}_kind" ON "${table}" (kind, id);`;
}

/**
 * Returns the view with the columns of an `EventLog` table: `eventType`, `aggregateId`, `payload`, `metadata` and `timestamp`. The
 * time is a text in the form of `datetime()`, so that both can be compared.
 */
function viewOf(table: string, view: string): string {
  return `
    CREATE VIEW "${view}" AS SELECT
      id,
      CASE WHEN instr(kind, '.') > 0 THEN kind ELSE 'fusewire.' || kind END AS "eventType",
      coalesce(json_extract(details, '$.aggregateId'), breaker, policy, instance) AS "aggregateId",
      coalesce(
        json_extract(details, '$.payload'),
        json_object('breaker', breaker, 'policy', policy, 'reason', reason, 'count', count, 'summary', summary,
          'details', json(details))
      ) AS payload,
      coalesce(
        json_extract(details, '$.metadata'),
        json_object('severity', severity, 'instance', instance, 'actor', actor)
      ) AS metadata,
      strftime('%Y-%m-%d %H:%M:%f', time / 1000.0, 'unixepoch') AS "timestamp"
    FROM "${table}";`;
}
