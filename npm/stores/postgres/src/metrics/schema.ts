import type { PostgresPool } from '../connection.ts';

/** Advisory lock under which a process creates tables: two that create one at the same time would fail. */
const TABLE_LOCK = 7_380_117;
const VERSION = 1;
const LABEL = 'fusewire metrics, version ';
/** Milliseconds that a change of the tables waits for a lock. Statements that come later wait behind it. */
const LOCK_TIMEOUT = 2_000;
/** Milliseconds that the deletion of a partition waits for its lock; then it gives way until the next clean-up. */
const DROP_TIMEOUT = 100;

/** Returns the quoted name of a table or function in the schema, if there is one. */
export type Qualify = (name: string) => string;

/** Whether the tables exist as this version of the package creates them. Rejects if a later version has created them. */
export async function hasTables(pool: PostgresPool, qualify: Qualify): Promise<boolean> {
  const { rows } = await pool.query({
    text: "SELECT obj_description(to_regclass($1), 'pg_class') AS label",
    values: [qualify('circuit_breaker_metrics')],
  });
  const { label } = rows[0] as { readonly label: string | null };
  const version = label?.startsWith(LABEL) ? Number(label.slice(LABEL.length)) : 0;
  if (version <= VERSION) return version === VERSION;
  throw new Error(`Metrics postgres: the tables have version ${version}; this version of the package knows ${VERSION}`);
}

/** Creates the tables and functions, or brings them up to date. All of it is one query, and thereby one transaction. */
export async function createTables(pool: PostgresPool, qualify: Qualify): Promise<void> {
  await pool.query(`
    SELECT pg_advisory_xact_lock(${TABLE_LOCK});
    SELECT set_config('lock_timeout', '${LOCK_TIMEOUT}', true);
    ${tables(qualify)}
    ${hours(qualify)}
    ${partitions(qualify)}
    ${cleanup(qualify)}
    ${reports(qualify)}
    COMMENT ON TABLE ${qualify('circuit_breaker_metrics')} IS '${LABEL}${VERSION}';`);
}

/** The key of the metrics is also the index of their time, and makes a row that is written twice one row. */
function tables(qualify: Qualify): string {
  const [metrics, events] = [qualify('circuit_breaker_metrics'), qualify('circuit_breaker_events')];
  return `
    CREATE TABLE IF NOT EXISTS ${metrics} (
      recorded_at timestamptz NOT NULL DEFAULT now(),
      circuit_name text NOT NULL,
      instance text NOT NULL DEFAULT '',
      state text NOT NULL,
      successes integer NOT NULL DEFAULT 0,
      failures integer NOT NULL DEFAULT 0,
      timeouts integer NOT NULL DEFAULT 0,
      rejections integer NOT NULL DEFAULT 0,
      average_response_time double precision,
      PRIMARY KEY (recorded_at, circuit_name, instance)
    ) PARTITION BY RANGE (recorded_at);
    CREATE TABLE IF NOT EXISTS ${events} (
      id uuid NOT NULL DEFAULT gen_random_uuid(),
      occurred_at timestamptz NOT NULL DEFAULT now(),
      circuit_name text NOT NULL,
      instance text NOT NULL DEFAULT '',
      from_state text NOT NULL,
      to_state text NOT NULL,
      reason text NOT NULL,
      PRIMARY KEY (occurred_at, id)
    ) PARTITION BY RANGE (occurred_at);
    CREATE INDEX IF NOT EXISTS circuit_breaker_events_circuit ON ${events} (circuit_name, occurred_at DESC);`;
}

/** Sums of each hour, which triggers keep: a dashboard of many days reads a few thousand rows, and not millions. */
function hours(qualify: Qualify): string {
  const [table, trigger] = [qualify('circuit_breaker_hours'), 'circuit_breaker_hours_add'];
  const triggerOf = (on: string, name: string, rows: string) => `
    CREATE OR REPLACE FUNCTION ${qualify(name)}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
      INSERT INTO ${table} AS hours
        (hour, circuit_name, successes, failures, timeouts, rejections, openings, response_time, records, changes)
      ${rows} GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (hour, circuit_name) DO UPDATE SET
        successes = hours.successes + excluded.successes, failures = hours.failures + excluded.failures,
        timeouts = hours.timeouts + excluded.timeouts, rejections = hours.rejections + excluded.rejections,
        openings = hours.openings + excluded.openings, response_time = hours.response_time + excluded.response_time,
        records = hours.records + excluded.records, changes = hours.changes + excluded.changes;
      RETURN NULL;
    END $$;
    CREATE OR REPLACE TRIGGER ${name} AFTER INSERT ON ${on} REFERENCING NEW TABLE AS added
      FOR EACH STATEMENT EXECUTE FUNCTION ${qualify(name)}();`;
  return `
    CREATE TABLE IF NOT EXISTS ${table} (
      hour timestamptz NOT NULL,
      circuit_name text NOT NULL,
      successes bigint NOT NULL,
      failures bigint NOT NULL,
      timeouts bigint NOT NULL,
      rejections bigint NOT NULL,
      openings bigint NOT NULL,
      response_time double precision NOT NULL,
      records bigint NOT NULL,
      changes bigint NOT NULL,
      PRIMARY KEY (hour, circuit_name)
    );
    ${triggerOf(
      qualify('circuit_breaker_metrics'),
      `${trigger}_metrics`,
      `SELECT date_trunc('hour', recorded_at, 'UTC'), circuit_name, sum(successes), sum(failures), sum(timeouts), sum(rejections), 0,
        coalesce(sum(average_response_time * (successes + failures)), 0), count(*), 0 FROM added`,
    )}
    ${triggerOf(
      qualify('circuit_breaker_events'),
      `${trigger}_events`,
      `SELECT date_trunc('hour', occurred_at, 'UTC'), circuit_name, 0, 0, 0, 0, count(*) FILTER (WHERE to_state = 'OPEN'), 0, 0, count(*)
        FROM added`,
    )}`;
}

/** Partitions of a day in UTC. Each is attached to its table, which readers and writers may use meanwhile. */
function partitions(qualify: Qualify): string {
  return `
    CREATE OR REPLACE FUNCTION ${qualify('create_circuit_breaker_metrics_partition')}(day date) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT SET lock_timeout = '${LOCK_TIMEOUT}ms' AS $$
    DECLARE
      parent regclass;
      partition text;
    BEGIN
      FOREACH parent IN ARRAY ${parents(qualify)} LOOP
        partition := parent::text || to_char(day, '"_"YYYYMMDD');
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        -- Unlike an advisory lock, this one also shows what another session has just created.
        EXECUTE format('LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE', parent);
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS)', partition, parent);
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
          parent, partition, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
      END LOOP;
    END $$;`;
}

/** Tables that have a partition for each day. */
function parents(qualify: Qualify): string {
  const tables = ['circuit_breaker_metrics', 'circuit_breaker_events'].map((name) => `'${qualify(name)}'::regclass`);
  return `ARRAY[${tables.join(', ')}]`;
}

/** Clean-up, by whole days: a partition is dropped, and its rows are neither read nor deleted one by one. */
function cleanup(qualify: Qualify): string {
  return `
    CREATE OR REPLACE FUNCTION ${qualify('cleanup_circuit_breaker_metrics')}(keep interval DEFAULT interval '30 days')
    RETURNS bigint LANGUAGE plpgsql SET search_path FROM CURRENT SET lock_timeout = '${DROP_TIMEOUT}ms' AS $$
    DECLARE
      before timestamptz := date_trunc('day', (now() - keep) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
      partition record;
      kept timestamptz := before;
      number bigint;
      deleted bigint := 0;
    BEGIN
      FOR partition IN
        SELECT inhrelid::regclass AS name, to_date(right(relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC' AS day,
          inhparent = '${qualify('circuit_breaker_metrics')}'::regclass AS of_metrics
        FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = ANY (${parents(qualify)}) AND relname ~ '_[0-9]{8}$'
          AND right(relname, 8) < to_char(before AT TIME ZONE 'UTC', 'YYYYMMDD')
      LOOP
        BEGIN
          EXECUTE format('DROP TABLE %s', partition.name);
          SELECT coalesce(sum(CASE WHEN partition.of_metrics THEN records ELSE changes END), 0) INTO number
          FROM ${qualify('circuit_breaker_hours')} WHERE hour >= partition.day AND hour < partition.day + interval '1 day';
          deleted := deleted + number;
        EXCEPTION WHEN lock_not_available OR undefined_table THEN
          -- Somebody reads the day, or has deleted it. The next clean-up tries again.
          kept := least(kept, partition.day);
        END;
      END LOOP;
      DELETE FROM ${qualify('circuit_breaker_hours')} WHERE hour < kept;
      RETURN deleted;
    END $$;`;
}

/** Reports: what each circuit has done within a time, and in each hour. */
function reports(qualify: Qualify): string {
  return `
    CREATE OR REPLACE FUNCTION ${qualify('get_circuit_breaker_health')}(within interval DEFAULT interval '5 minutes')
    RETURNS TABLE (circuit_name text, state text, calls bigint, failures bigint, rejections bigint,
      failure_rate double precision, average_response_time double precision, last_recorded_at timestamptz)
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
    BEGIN
      -- A plan for this time, and not for any: it reads the few rows of the index that are needed, and not the whole day.
      RETURN QUERY EXECUTE '
        SELECT m.circuit_name, (array_agg(m.state ORDER BY m.recorded_at DESC))[1], sum(m.successes + m.failures)::bigint,
          sum(m.failures)::bigint, sum(m.rejections)::bigint,
          coalesce(100 * sum(m.failures) / nullif(sum(m.successes + m.failures), 0)::double precision, 0),
          sum(m.average_response_time * (m.successes + m.failures))
            / nullif(sum(m.successes + m.failures) FILTER (WHERE m.average_response_time IS NOT NULL), 0),
          max(m.recorded_at)
        FROM ${qualify('circuit_breaker_metrics')} m WHERE m.recorded_at > $1 GROUP BY 1 ORDER BY 1' USING now() - within;
    END $$;
    CREATE OR REPLACE FUNCTION ${qualify('get_circuit_breaker_dashboard_metrics')}(within interval DEFAULT interval '1 day')
    RETURNS TABLE (circuit_name text, hour timestamptz, successes bigint, failures bigint, timeouts bigint, rejections bigint,
      openings bigint, failure_rate double precision, average_response_time double precision)
    LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
      SELECT h.circuit_name, h.hour, h.successes, h.failures, h.timeouts, h.rejections, h.openings,
        coalesce(100 * h.failures / nullif(h.successes + h.failures, 0)::double precision, 0),
        h.response_time / nullif(h.successes + h.failures, 0)
      FROM ${qualify('circuit_breaker_hours')} h WHERE h.hour > now() - within - interval '1 hour' ORDER BY 2, 1
    $$;`;
}
