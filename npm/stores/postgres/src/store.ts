import type { PutBack, QueueSize, QueueStore, StoredMessage } from 'fusewire';
import type { PostgresPool } from './postgres-queue.ts';

interface Row {
  readonly id: string;
  readonly key: string;
  readonly payload: string;
  readonly attempts: number;
  readonly last_error: string | null;
}

/** One process makes the table while the others wait: two at once would be in each other's way. */
const TABLE_LOCK = 7_380_115;
const IN_A_WHILE = `clock_timestamp() + $1 * interval '1 millisecond'`;
const COLUMNS = 'id, key, payload, attempts, last_error';
const HELD = 'WHERE id = $2 AND token = $3 AND NOT dead';

/**
 * Messages in a table. Each method is one statement, and with that one transaction. `available_at` is when a message may be
 * given out, on the clock of the server, which all processes share.
 */
export class PostgresStore implements QueueStore {
  readonly #pool: PostgresPool;
  readonly #table: string;
  readonly #close: () => Promise<void>;
  readonly #schema: string | undefined;
  #ready: Promise<unknown> | undefined;

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
    this.#schema = createTable ? definition(this.#table, table) : undefined;
  }

  async insert(key: string, payload: string) {
    for (;;) {
      const [inserted] = await this.#rows(
        `INSERT INTO ${this.#table} (key, payload) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING id`,
        [key, payload],
      );
      if (inserted !== undefined) return { id: inserted.id, duplicate: false };
      const [known] = await this.#rows(`SELECT id FROM ${this.#table} WHERE key = $1`, [key]);
      // Another process may have completed it between the two statements.
      if (known !== undefined) return { id: known.id, duplicate: true };
    }
  }

  async claim(token: string, visibility: number): Promise<StoredMessage | undefined> {
    const [row] = await this.#rows(
      `WITH next AS (
        SELECT id AS next_id FROM ${this.#table} WHERE NOT dead AND available_at <= clock_timestamp()
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
      )
      UPDATE ${this.#table} SET attempts = attempts + 1, available_at = ${IN_A_WHILE}, token = $2
      FROM next WHERE id = next_id RETURNING ${COLUMNS}`,
      [visibility, token],
    );
    return row && asMessage(row);
  }

  extend(id: string, token: string, visibility: number): Promise<boolean> {
    return this.#changed(`UPDATE ${this.#table} SET available_at = ${IN_A_WHILE} ${HELD}`, [visibility, id, token]);
  }

  complete(id: string, token: string): Promise<boolean> {
    return this.#changed(`DELETE FROM ${this.#table} WHERE id = $1 AND token = $2 AND NOT dead`, [id, token]);
  }

  putBack(id: string, token: string, { after, error }: PutBack): Promise<boolean> {
    return this.#changed(
      `UPDATE ${this.#table} SET token = NULL, available_at = ${IN_A_WHILE},
        attempts = attempts - ($4::text IS NULL)::int, last_error = coalesce($4, last_error) ${HELD}`,
      [after, id, token, error],
    );
  }

  bury(id: string, token: string, error: string | null): Promise<boolean> {
    return this.#changed(`UPDATE ${this.#table} SET token = NULL, dead = true, last_error = $1 ${HELD}`, [
      error,
      id,
      token,
    ]);
  }

  async dead(limit: number): Promise<StoredMessage[]> {
    const rows = await this.#rows(`SELECT ${COLUMNS} FROM ${this.#table} WHERE dead ORDER BY id LIMIT $1`, [limit]);
    return rows.map(asMessage);
  }

  async revive(id: string): Promise<boolean> {
    return this.#changed(
      `UPDATE ${this.#table} SET dead = false, attempts = 0, available_at = clock_timestamp()
       WHERE id::text = $1 AND dead`,
      [id],
    );
  }

  discard(id: string): Promise<boolean> {
    return this.#changed(`DELETE FROM ${this.#table} WHERE id::text = $1 AND dead`, [id]);
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
    await this.#prepared();
    return (await this.#pool.query(text, values)).rows as Row[];
  }

  async #changed(text: string, values: unknown[]): Promise<boolean> {
    await this.#prepared();
    return ((await this.#pool.query(text, values)).rowCount ?? 0) > 0;
  }

  /** The table is there. Where it could not be made, the next one tries again. */
  #prepared(): Promise<unknown> {
    if (this.#schema === undefined) return Promise.resolve();
    return (this.#ready ??= this.#pool.query(this.#schema).catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    }));
  }
}

/** One query of several statements, and with that one transaction. */
function definition(table: string, name: string): string {
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

function asMessage({ id, key, payload, attempts, last_error }: Row): StoredMessage {
  return { id, key, payload, attempts, lastError: last_error };
}
