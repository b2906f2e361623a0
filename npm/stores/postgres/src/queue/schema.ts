import { run } from '../connection.ts';
import type { PostgresPool } from '../connection.ts';

/** Advisory lock under which a process creates the table: two that create it at the same time would fail. */
const TABLE_LOCK = 7_380_115;
/**
 * Version of the table: the number of the last change that earlier releases cannot bear. Columns that were added since need no
 * new version, so that processes of the release before may still start beside those of this one.
 */
const VERSION = 2;
/** Milliseconds that a migration waits for a lock. Statements that come later wait behind it. */
const LOCK_TIMEOUT = 2_000;
const LABEL = 'fusewire queue, version ';

interface TableState {
  readonly exists: boolean;
  readonly hasTopic: boolean;
  /** Whether it has the columns that were added to version 2. */
  readonly hasGroups: boolean;
  readonly label: string | null;
}

/**
 * Creates the table of a queue, or brings one of an earlier version up to date. Nothing is changed, and no lock is taken, if
 * the table is as it must be.
 *
 * @param table quoted name, with the schema if there is one.
 * @param mayCreate whether the queue may create and change the table.
 */
export async function prepareTable(pool: PostgresPool, table: string, name: string, mayCreate: boolean): Promise<void> {
  const { rows } = await run(
    pool,
    `SELECT to_regclass($1) IS NOT NULL AS exists, obj_description(to_regclass($1), 'pg_class') AS label,
       EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'topic' AND NOT attisdropped)
         AS "hasTopic",
       (SELECT count(*) = 3 FROM pg_attribute WHERE attrelid = to_regclass($1) AND NOT attisdropped
         AND attname IN ('group_name', 'position', 'dead_at')) AS "hasGroups"`,
    [table],
  );
  const { exists, hasTopic, hasGroups, label } = rows[0] as TableState;
  const version = Number(label?.startsWith(LABEL) ? label.slice(LABEL.length) : hasTopic ? VERSION : 1);
  if (exists && version > VERSION) {
    throw new Error(
      `Queue postgres: table ${name} has version ${version}; this version of the package knows ${VERSION}`,
    );
  }
  if (exists && version === VERSION && hasGroups) return;
  if (exists && !mayCreate) {
    throw new Error(
      `Queue postgres: table ${name} is one of an earlier release, and createTable is false; create the columns of this one`,
    );
  }
  // Without the table, the statements of the queue report that it does not exist.
  if (mayCreate) await pool.query(exists ? migrationOf(table, name, version) : definitionOf(table, name));
}

/** Returns the statements that create the table, as one query and thereby one transaction. */
function definitionOf(table: string, name: string): string {
  return `
    SELECT pg_advisory_xact_lock(${TABLE_LOCK});
    CREATE TABLE IF NOT EXISTS ${table} (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      topic text NOT NULL DEFAULT 'default',
      key text NOT NULL,
      payload text NOT NULL,
      priority smallint NOT NULL DEFAULT 2,
      attempts integer NOT NULL DEFAULT 0,
      abandoned integer NOT NULL DEFAULT 0,
      enqueued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      available_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      token text,
      last_error text,
      dead boolean NOT NULL DEFAULT false,
      group_name text,
      position bigint,
      dead_at timestamptz,
      CONSTRAINT "${name}_key" UNIQUE (topic, key)
    );
    ${indexesOf(table, name)}`;
}

/** Returns the statements that bring a table of an earlier release up to date. */
function migrationOf(table: string, name: string, version: number): string {
  return `
    SELECT pg_advisory_xact_lock(${TABLE_LOCK});
    SELECT set_config('lock_timeout', '${LOCK_TIMEOUT}', true);
    ${version === 1 ? topicsOf(table, name) : ''}
    ALTER TABLE ${table}
      ADD COLUMN IF NOT EXISTS group_name text,
      ADD COLUMN IF NOT EXISTS position bigint,
      ADD COLUMN IF NOT EXISTS dead_at timestamptz;
    ${indexesOf(table, name)}`;
}

/** Returns the statement that turns a table of version 1 into one of version 2. */
function topicsOf(table: string, name: string): string {
  return `
    ALTER TABLE ${table}
      ADD COLUMN IF NOT EXISTS topic text NOT NULL DEFAULT 'default',
      ADD COLUMN IF NOT EXISTS priority smallint NOT NULL DEFAULT 2,
      ADD COLUMN IF NOT EXISTS abandoned integer NOT NULL DEFAULT 0,
      ADD COLUMN IF NOT EXISTS enqueued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      DROP CONSTRAINT IF EXISTS "${name}_key_key",
      DROP CONSTRAINT IF EXISTS "${name}_key",
      ADD CONSTRAINT "${name}_key" UNIQUE (topic, key);`;
}

function indexesOf(table: string, name: string): string {
  return `
    CREATE INDEX IF NOT EXISTS "${name}_alone" ON ${table} (topic, priority DESC, id)
      WHERE NOT dead AND group_name IS NULL;
    CREATE INDEX IF NOT EXISTS "${name}_grouped" ON ${table} (topic, priority DESC, id)
      WHERE NOT dead AND group_name IS NOT NULL;
    CREATE INDEX IF NOT EXISTS "${name}_died" ON ${table} (coalesce(dead_at, enqueued_at), id) WHERE dead;
    CREATE INDEX IF NOT EXISTS "${name}_group" ON ${table} (topic, group_name, coalesce(position, id))
      WHERE NOT dead AND group_name IS NOT NULL;
    DROP INDEX IF EXISTS ${indexName(table, name, '_next')};
    DROP INDEX IF EXISTS ${indexName(table, name, '_dead')};
    COMMENT ON TABLE ${table} IS '${LABEL}${VERSION}';`;
}

/** Returns the name of an index, in the schema of its table. */
function indexName(table: string, name: string, suffix: string): string {
  return `${table.slice(0, table.length - name.length - 2)}"${name}${suffix}"`;
}
