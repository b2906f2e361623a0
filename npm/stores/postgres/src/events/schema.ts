import type { PostgresPool } from '../connection.ts';

/** Advisory lock under which a process creates tables: two that create one at the same time would fail. */
const TABLE_LOCK = 7_380_116;
const VERSION = 1;
/** Milliseconds that a change of the table waits for a lock. Statements that come later wait behind it. */
const LOCK_TIMEOUT = 2_000;
const LABEL = 'fusewire events, version ';

/** Names of the tables of a sink. */
export interface EventTables {
  /** Name of the table, without the schema. */
  readonly name: string;
  /** Quoted name, with the schema if there is one. */
  readonly table: string;
  /** Quoted name of a table in the same schema. */
  readonly quoted: (name: string) => string;
  /** Name of the view of an `EventLog` table, if one is wanted. */
  readonly view: string | undefined;
}

/** Columns of an event, in the order in which they are read. */
export const COLUMNS = `id, round(extract(epoch FROM created_at) * 1000)::float8 AS time, kind, severity, breaker, policy,
  instance, actor, reason, count::float8 AS count, summary, details`;

/**
 * Creates the table of events, unless it exists. Nothing is changed, and no lock is taken, if all is as it must be.
 *
 * @param mayCreate whether the sink may create the table.
 */
export async function prepareEvents(pool: PostgresPool, tables: EventTables, mayCreate: boolean): Promise<void> {
  const { name, table, quoted, view } = tables;
  const { rows } = await pool.query({
    text: `SELECT obj_description(to_regclass($1), 'pg_class') AS label,
       ($2::text IS NULL OR to_regclass($2) IS NOT NULL) AS "hasView"`,
    values: [table, view === undefined ? null : quoted(view)],
  });
  const { label, hasView } = rows[0] as { readonly label: string | null; readonly hasView: boolean };
  const version = label?.startsWith(LABEL) ? Number(label.slice(LABEL.length)) : 0;
  if (version > VERSION) {
    throw new Error(
      `Event sink postgres: table ${name} has version ${version}; this version of the package knows ${VERSION}`,
    );
  }
  // Without the table, the statements of the sink report that it does not exist.
  if ((version === VERSION && hasView) || !mayCreate) return;
  await pool.query(definitionOf(tables));
}

/** Returns the statements that create the table and the view, as one query and thereby one transaction. */
function definitionOf({ name, table, quoted, view }: EventTables): string {
  return `
    SELECT pg_advisory_xact_lock(${TABLE_LOCK});
    SELECT set_config('lock_timeout', '${LOCK_TIMEOUT}', true);
    CREATE TABLE IF NOT EXISTS ${table} (
      id text COLLATE "C" NOT NULL,
      created_at timestamptz NOT NULL,
      kind text COLLATE "C" NOT NULL,
      severity text COLLATE "C" NOT NULL,
      breaker text,
      policy text,
      instance text NOT NULL,
      actor text,
      reason text,
      count bigint NOT NULL,
      summary text NOT NULL,
      details jsonb NOT NULL,
      PRIMARY KEY (id, created_at)
    ) PARTITION BY RANGE (created_at);
    CREATE INDEX IF NOT EXISTS "${name}_time" ON ${table} USING brin (created_at);
    CREATE INDEX IF NOT EXISTS "${name}_breaker" ON ${table} (breaker, id);
    CREATE INDEX IF NOT EXISTS "${name}_kind" ON ${table} (kind, id);
    ${view === undefined ? '' : viewOf(table, quoted(view))}
    COMMENT ON TABLE ${table} IS '${LABEL}${VERSION}';`;
}

/** Returns the view with the columns of an `EventLog` table. */
function viewOf(table: string, view: string): string {
  return `
    CREATE OR REPLACE VIEW ${view} AS SELECT
      id,
      CASE WHEN position('.' IN kind) > 0 THEN kind ELSE 'fusewire.' || kind END AS "eventType",
      coalesce(details->>'aggregateId', breaker, policy, instance) AS "aggregateId",
      coalesce(nullif(details->'payload', 'null'), jsonb_build_object('breaker', breaker, 'policy', policy,
        'reason', reason, 'count', count, 'summary', summary, 'details', details)) AS payload,
      coalesce(nullif(details->'metadata', 'null'), jsonb_build_object('severity', severity, 'instance', instance,
        'actor', actor)) AS metadata,
      created_at AS "timestamp"
    FROM ${table};`;
}

const WEEK = 604_800_000;
/** Time of the first Monday since 1970. */
const FIRST_MONDAY = 345_600_000;

/** Week of a partition. */
export interface Week {
  /** Name of the partition. */
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

/** Returns the week of a time, from Monday to Monday in UTC. */
export function weekOf(name: string, time: number): Week {
  const begin = Math.floor((time - FIRST_MONDAY) / WEEK) * WEEK + FIRST_MONDAY;
  const day = new Date(begin).toISOString().slice(0, 10).replaceAll('-', '');
  return { name: `${name}_${day}`, begin, end: begin + WEEK };
}

/** Creates the partition of a week, unless it exists. It is attached to the table, which readers and writers may use meanwhile. */
export async function createPartition(pool: PostgresPool, { table, quoted }: EventTables, week: Week): Promise<void> {
  const partition = quoted(week.name);
  const bound = (time: number) => `'${new Date(time).toISOString()}'`;
  await pool.query(`
    SELECT pg_advisory_xact_lock(${TABLE_LOCK});
    SELECT set_config('lock_timeout', '${LOCK_TIMEOUT}', true);
    DO $do$ BEGIN
      IF to_regclass('${partition}') IS NULL THEN
        CREATE TABLE ${partition} (LIKE ${table} INCLUDING DEFAULTS);
        ALTER TABLE ${table} ATTACH PARTITION ${partition} FOR VALUES FROM (${bound(week.begin)}) TO (${bound(week.end)});
      END IF;
    END $do$;`);
}

/** Returns the partitions whose week has ended before a time. */
export async function partitionsBefore(pool: PostgresPool, tables: EventTables, before: number): Promise<string[]> {
  const { rows } = await pool.query({
    text: `SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
     WHERE inhparent = to_regclass($1) ORDER BY relname`,
    values: [tables.table],
  });
  const last = weekOf(tables.name, before).name;
  const isOfSink = new RegExp(`^${tables.name}_\\d{8}$`);
  return (rows as { name: string }[]).map(({ name }) => name).filter((name) => isOfSink.test(name) && name < last);
}

/** Milliseconds that a deletion of a partition waits for its lock; then it gives way, and is tried again. */
const DROP_TIMEOUT = 100;
const DROP_TRIES = 10;

/** Deletes a partition. Resolves with the number of its events. */
export async function dropPartition(pool: PostgresPool, { quoted }: EventTables, name: string): Promise<number> {
  const partition = quoted(name);
  const { rows } = await pool.query(`SELECT count(*)::float8 AS count FROM ${partition}`);
  for (let attempt = 1; ; attempt++) {
    try {
      await pool.query(`
        SELECT set_config('lock_timeout', '${DROP_TIMEOUT}', true);
        DROP TABLE IF EXISTS ${partition};`);
      return (rows[0] as { count: number }).count;
    } catch (error) {
      const isBusy = (error as { code?: unknown }).code === '55P03';
      if (!isBusy || attempt >= DROP_TRIES) throw error;
    }
  }
}
