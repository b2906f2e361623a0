import type { LeaseStore, NewMessage, PutBack, QueueReceiptStatus, StoredMessage } from 'fusewire/kit';
import type { QueueSize } from 'fusewire/queue';
import { isPostgresPool, run } from '../connection.ts';
import type { PostgresPool } from '../connection.ts';
import { BatchedLeases } from './batched-leases.ts';
import type { Batch, BatchResult } from './batched-leases.ts';
import { prepareTable } from './schema.ts';

interface Row {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly payload: string;
  readonly priority: number;
  readonly attempts: number;
  readonly abandoned: number;
  readonly last_error: string | null;
  readonly age: number;
}

type SizeRow = Readonly<Record<'total' | 'dead' | 'running' | 'alive' | 'oldest', number>>;

/** Row of a claim. The id is null if nothing was claimed. */
interface ClaimedRow extends Omit<Row, 'id'> {
  readonly id: string | null;
  /** Ids of the messages that the same statement has deleted. */
  readonly done: readonly string[];
}

const MILLISECONDS_FROM_NOW = `clock_timestamp() + $1 * interval '1 millisecond'`;
const AGE = 'greatest(0, extract(epoch FROM clock_timestamp() - enqueued_at) * 1000)::float8 AS age';
const COLUMNS = `id, topic, key, payload, priority, attempts, abandoned, last_error, ${AGE}`;
const UNDER_LEASE = 'WHERE id = $2 AND token = $3 AND NOT dead';
const IS_LEASED = 'NOT dead AND token IS NOT NULL AND available_at > clock_timestamp()';

/**
 * Store of the messages of a queue in one PostgreSQL table. Every method but `insert` is a single statement, and
 * thereby one transaction. `available_at` is the time from which a message may be claimed, by the clock of the server.
 */
export class PostgresQueueStore implements LeaseStore {
  readonly #pool: PostgresPool;
  readonly #table: string;
  readonly #name: string;
  readonly #mayCreate: boolean;
  readonly #close: () => Promise<void>;
  #prepared: Promise<void> | undefined;
  readonly #leases = new BatchedLeases((batch) => this.#execute(batch));

  constructor(
    pool: PostgresPool,
    table: string,
    schema: string | undefined,
    mayCreate: boolean,
    close: () => Promise<void> = async () => undefined,
  ) {
    this.#pool = pool;
    this.#name = table;
    this.#table = schema === undefined ? `"${table}"` : `"${schema}"."${table}"`;
    this.#mayCreate = mayCreate;
    this.#close = close;
  }

  async insert({ topic, key, payload, delay, priority, revives }: NewMessage, transaction: unknown) {
    if (transaction !== undefined && !isPostgresPool(transaction)) {
      throw new TypeError('Queue: the option in must be the client of pg that has begun a transaction');
    }
    const client = transaction ?? this.#pool;
    await this.#prepare();
    for (;;) {
      const { rows: added } = await run(
        client,
        `INSERT INTO ${this.#table} AS message (topic, key, payload, priority, available_at)
         VALUES ($2, $3, $4, $5, ${MILLISECONDS_FROM_NOW})
         ON CONFLICT (topic, key) DO UPDATE SET payload = excluded.payload, priority = excluded.priority, dead = false,
           available_at = excluded.available_at, enqueued_at = clock_timestamp(), attempts = 0, abandoned = 0, last_error = NULL
         WHERE message.dead AND $6 RETURNING id, xmax = 0 AS "isNew"`,
        [delay, topic, key, payload, priority, revives],
      );
      const [message] = added as { id: string; isNew: boolean }[];
      if (message !== undefined) return receipt(message.id, message.isNew ? 'new' : 'revived');
      const { rows: found } = await run(
        client,
        `SELECT id, CASE WHEN dead THEN 'dead' WHEN ${IS_LEASED} THEN 'running' ELSE 'waiting' END AS status
         FROM ${this.#table} WHERE topic = $1 AND key = $2`,
        [topic, key],
      );
      const [existing] = found as { id: string; status: QueueReceiptStatus }[];
      // Another process may have completed or buried the message between the two statements: insert again.
      if (existing !== undefined && !(existing.status === 'dead' && revives)) {
        return receipt(existing.id, existing.status);
      }
    }
  }

  claim(topic: string, count: number, token: string, leaseTime: number): Promise<StoredMessage[]> {
    return this.#leases.claim(topic, count, token, leaseTime);
  }

  extend(id: string, token: string, leaseTime: number): Promise<boolean> {
    return this.#changesRow(`UPDATE ${this.#table} SET available_at = ${MILLISECONDS_FROM_NOW} ${UNDER_LEASE}`, [
      leaseTime,
      id,
      token,
    ]);
  }

  complete(id: string, token: string): Promise<boolean> {
    return this.#leases.complete(id, token);
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

  async dead(topic: string | undefined, limit: number): Promise<StoredMessage[]> {
    const rows = await this.#rows(
      `SELECT ${COLUMNS} FROM ${this.#table} WHERE dead AND ($2::text IS NULL OR topic = $2) ORDER BY id LIMIT $1`,
      [limit, topic ?? null],
    );
    return rows.map(toMessage);
  }

  async revive(id: string): Promise<boolean> {
    return this.#changesRow(
      `UPDATE ${this.#table} SET dead = false, attempts = 0, abandoned = 0, available_at = clock_timestamp(),
         enqueued_at = clock_timestamp()
       WHERE id::text = $1 AND dead`,
      [id],
    );
  }

  discard(id: string): Promise<boolean> {
    return this.#changesRow(`DELETE FROM ${this.#table} WHERE id::text = $1 AND dead`, [id]);
  }

  async size(topic: string | undefined): Promise<QueueSize> {
    const [row] = (await this.#rows<SizeRow>(
      `SELECT count(*)::int AS total,
        count(*) FILTER (WHERE dead)::int AS dead,
        count(*) FILTER (WHERE ${IS_LEASED})::int AS running,
        (greatest(0, extract(epoch FROM clock_timestamp() - min(enqueued_at) FILTER (WHERE NOT dead))) * 1000)::float8 AS oldest,
        count(*) FILTER (WHERE NOT dead)::int AS alive
      FROM ${this.#table} WHERE $1::text IS NULL OR topic = $1`,
      [topic ?? null],
    )) as [SizeRow];
    const { total, dead, running, oldest, alive } = row;
    return { waiting: total - dead - running, running, dead, oldestAge: alive === 0 ? null : oldest };
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** Completes and claims messages in one statement. */
  async #execute({ completed, claim }: Batch): Promise<BatchResult> {
    const ids = completed.map(({ id }) => id);
    const tokens = completed.map(({ token }) => token);
    const done = `
      DELETE FROM ${this.#table} AS message USING unnest($1::bigint[], $2::text[]) AS lease (id, token)
      WHERE message.id = lease.id AND message.token = lease.token AND NOT dead RETURNING message.id`;
    if (claim === undefined) {
      const rows = await this.#rows(done, [ids, tokens]);
      return { done: rows.map(({ id }) => id), messages: [] };
    }
    const { topic, count, token, leaseTime } = claim;
    const rows = await this.#rows<ClaimedRow>(
      `WITH done AS (${done}), next AS (
        SELECT id AS next_id FROM ${this.#table}
        WHERE NOT dead AND topic = $3 AND available_at <= clock_timestamp() AND id <> ALL ($1::bigint[])
        ORDER BY priority DESC, id LIMIT $4 FOR UPDATE SKIP LOCKED
      ), claimed AS (
        UPDATE ${this.#table} SET attempts = attempts + 1, abandoned = abandoned + (token IS NOT NULL)::int,
          available_at = clock_timestamp() + $5 * interval '1 millisecond', token = $6
        FROM next WHERE id = next_id RETURNING ${COLUMNS}
      )
      SELECT claimed.*, ARRAY(SELECT id::text FROM done) AS done FROM (VALUES (1)) AS always LEFT JOIN claimed ON true`,
      [ids, tokens, topic, count, leaseTime, token],
    );
    const messages = rows
      .filter((row): row is ClaimedRow & Row => row.id !== null)
      .toSorted((one, other) => other.priority - one.priority || Number(BigInt(one.id) - BigInt(other.id)))
      .map(toMessage);
    return { done: rows[0]?.done ?? [], messages };
  }

  async #rows<R = Row>(text: string, values: unknown[]): Promise<R[]> {
    await this.#prepare();
    return (await run(this.#pool, text, values)).rows as R[];
  }

  async #changesRow(text: string, values: unknown[]): Promise<boolean> {
    await this.#prepare();
    return ((await run(this.#pool, text, values)).rowCount ?? 0) > 0;
  }

  /** Checks the table with the first statement. After a failure, the next statement tries again. */
  #prepare(): Promise<void> {
    return (this.#prepared ??= prepareTable(this.#pool, this.#table, this.#name, this.#mayCreate).catch(
      (error: unknown) => {
        this.#prepared = undefined;
        throw error;
      },
    ));
  }
}

function receipt(id: string, status: QueueReceiptStatus) {
  return { id, status };
}

function toMessage({ id, topic, key, payload, attempts, abandoned, last_error, age }: Row): StoredMessage {
  return { id, topic, key, payload, attempts, abandoned, lastError: last_error, age };
}
