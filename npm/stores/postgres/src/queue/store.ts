import type { PutBack, QueueStore, StoredMessage } from 'fusewire/kit';
import type { QueueSize } from 'fusewire/queue';
import type { PostgresPool } from '../connection.ts';

interface Row {
  readonly id: string;
  readonly key: string;
  readonly payload: string;
  readonly attempts: number;
  readonly last_error: string | null;
}

/** Advisory lock under which a process creates the table: two that create it at the same time would fail. */
const TABLE_LOCK = 7_380_115;
const MILLISECONDS_FROM_NOW = `clock_timestamp() + $1 * interval '1 millisecond'`;
const COLUMNS = 'id, key, payload, attempts, last_error';
const UNDER_LEASE = 'WHERE id = $2 AND token = $3 AND NOT dead';

/**
 * Store of the messages of a queue in one PostgreSQL table. Every method but `insert` is a single statement, and
 * thereby one transaction. `available_at` is the time from which a message may be claimed, by the clock of the server.
 */
export class PostgresQueueStore implements QueueStore {
  readonly #pool: PostgresPool;
  readonly #table: string;
  readonly #close: () => Promise<void>;
  /** Statements that create the table; undefined if the queue must not create it. */
  readonly #definition: string | undefined;
  #created: Promise<unknown> | undefined;

  constructor(
    pool: PostgresPool,
    table: string,
    schema: string | undefined,
    createTable: boolean,
    close: () => Promise<void> = async () => undefined,
  ) {
    this.#pool = pool;
    this.#table = schema === undefined ? `"${table}"` : `"${schema}"."${table}"`;
    this.#close = close;
    this.#definition = createTable ? definitionOf(this.#table, table) : undefined;
  }

  async insert(key: string, payload: string) {
    for (;;) {
      const [inserted] = await this.#rows(
        `INSERT INTO ${this.#table} (key, payload) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING id`,
        [key, payload],
      );
      if (inserted !== undefined) return { id: inserted.id, duplicate: false };
      const [existing] = await this.#rows(`SELECT id FROM ${this.#table} WHERE key = $1`, [key]);
      if (existing !== undefined) return { id: existing.id, duplicate: true };
      // Another process completed the message between the two statements: insert again.
    }
  }

  async claim(token: string, visibility: number): Promise<StoredMessage | undefined> {
    const [row] = await this.#rows(
      `WITH next AS (
        SELECT id AS next_id FROM ${this.#table} WHERE NOT dead AND available_at <= clock_timestamp()
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
      )
      UPDATE ${this.#table} SET attempts = attempts + 1, available_at = ${MILLISECONDS_FROM_NOW}, token = $2
      FROM next WHERE id = next_id RETURNING ${COLUMNS}`,
      [visibility, token],
    );
    return row && toMessage(row);
  }

  extend(id: string, token: string, visibility: number): Promise<boolean> {
    return this.#changesRow(`UPDATE ${this.#table} SET available_at = ${MILLISECONDS_FROM_NOW} ${UNDER_LEASE}`, [
      visibility,
      id,
      token,
    ]);
  }

  complete(id: string, token: string): Promise<boolean> {
    return this.#changesRow(`DELETE FROM ${this.#table} WHERE id = $1 AND token = $2 AND NOT dead`, [id, token]);
  }

  putBack(id: string, token: string, { after, error }: PutBack): Promise<boolean> {
    return this.#changesRow(
      `UPDATE ${this.#table} SET token = NULL, available_at = ${MILLISECONDS_FROM_NOW},
        attempts = attempts - ($4::text IS NULL)::int, last_error = coalesce($4, last_error) ${UNDER_LEASE}`,
      [after, id, token, error],
    );
  }

  bury(id: string, token: string, error: string | null): Promise<boolean> {
    return this.#changesRow(`UPDATE ${this.#table} SET token = NULL, dead = true, last_error = $1 ${UNDER_LEASE}`, [
      error,
      id,
      token,
    ]);
  }

  async dead(limit: number): Promise<StoredMessage[]> {
    const rows = await this.#rows(`SELECT ${COLUMNS} FROM ${this.#table} WHERE dead ORDER BY id LIMIT $1`, [limit]);
    return rows.map(toMessage);
  }

  async revive(id: string): Promise<boolean> {
    return this.#changesRow(
      `UPDATE ${this.#table} SET dead = false, attempts = 0, available_at = clock_timestamp()
       WHERE id::text = $1 AND dead`,
      [id],
    );
  }

  discard(id: string): Promise<boolean> {
    return this.#changesRow(`DELETE FROM ${this.#table} WHERE id::text = $1 AND dead`, [id]);
  }

  async size(): Promise<QueueSize> {
    const [row] = (await this.#rows(
      `SELECT count(*)::int AS total,
        count(*) FILTER (WHERE dead)::int AS dead,
        count(*) FILTER (WHERE NOT dead AND token IS NOT NULL AND available_at > clock_timestamp())::int AS leased
      FROM ${this.#table}`,
      [],
    )) as unknown as readonly [{ total: number; dead: number; leased: number }];
    const { total, dead, leased } = row;
    return { waiting: total - dead - leased, leased, dead };
  }

  close(): Promise<void> {
    return this.#close();
  }

  async #rows(text: string, values: unknown[]): Promise<Row[]> {
    await this.#createTable();
    return (await this.#pool.query(text, values)).rows as Row[];
  }

  async #changesRow(text: string, values: unknown[]): Promise<boolean> {
    await this.#createTable();
    return ((await this.#pool.query(text, values)).rowCount ?? 0) > 0;
  }

  /** Creates the table with the first statement. After a failure, the next statement tries again. */
  #createTable(): Promise<unknown> {
    if (this.#definition === undefined) return Promise.resolve();
    return (this.#created ??= this.#pool.query(this.#definition).catch((error: unknown) => {
      this.#created = undefined;
      throw error;
    }));
  }
}

/** Returns the statements that create the table, as one query and thereby one transaction. */
function definitionOf(table: string, name: string): string {
  return `
    SELECT pg_advisory_xact_lock(${TABLE_LOCK});
    CREATE TABLE IF NOT EXISTS ${table} (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      key text NOT NULL UNIQUE,
      payload text NOT NULL,
      attempts integer NOT NULL DEFAULT 0,
      available_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      token text,
      last_error text,
      dead boolean NOT NULL DEFAULT false
    );
    CREATE INDEX IF NOT EXISTS "${name}_alive" ON ${table} (id) WHERE NOT dead;
    CREATE INDEX IF NOT EXISTS "${name}_dead" ON ${table} (id) WHERE dead;`;
}

function toMessage({ id, key, payload, attempts, last_error }: Row): StoredMessage {
  return { id, key, payload, attempts, lastError: last_error };
}
