import type {
  InsertedMessage,
  InsertOptions,
  LeaseStore,
  LetterFilter,
  LetterPage,
  LetterRange,
  NewMessage,
  PutBack,
  StoreCheck,
  StoredMessage,
} from 'fusewire/kit';
import type { QueueSize } from 'fusewire/queue';
import { isPostgresPool, run, unprepared } from '../connection.ts';
import type { PostgresPool } from '../connection.ts';
import { BatchedLeases } from './batched-leases.ts';
import type { Batch, BatchResult } from './batched-leases.ts';
import { nextMessages } from './claims.ts';
import { checkSettings, SETTINGS } from './check.ts';
import type { PostgresSettings } from './check.ts';
import { IS_LEASED, MessageInserts } from './inserts.ts';
import { DeadLetterTable } from './letters.ts';
import { prepareTable } from './schema.ts';

interface Row {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly group_name: string | null;
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
const COLUMNS = `id, topic, key, group_name, payload, priority, attempts, abandoned, last_error, ${AGE}`;
const UNDER_LEASE = 'WHERE id = $2 AND token = $3 AND NOT dead';

/**
 * Store of the messages of a queue in one PostgreSQL table. Every method but `insert` is a single statement, and
 * thereby one transaction. `available_at` is the time from which a message may be claimed, by the clock of the server.
 */
export class PostgresQueueStore implements LeaseStore {
  readonly hasGroups = true;
  readonly #pool: PostgresPool;
  readonly #table: string;
  readonly #name: string;
  readonly #mayCreate: boolean;
  /** Whether connections prepare each statement once. */
  readonly #prepares: boolean;
  readonly #close: () => Promise<void>;
  #prepared: Promise<void> | undefined;
  readonly #inserts: MessageInserts;
  readonly #letters: DeadLetterTable<Row>;
  readonly #leases = new BatchedLeases((batch) => this.#execute(batch));

  constructor(
    pool: PostgresPool,
    table: string,
    schema: string | undefined,
    mayCreate: boolean,
    close: () => Promise<void> = async () => undefined,
    prepares = true,
  ) {
    this.#prepares = prepares;
    this.#pool = prepares ? pool : unprepared(pool);
    this.#name = table;
    this.#table = schema === undefined ? `"${table}"` : `"${schema}"."${table}"`;
    this.#mayCreate = mayCreate;
    this.#close = close;
    this.#inserts = new MessageInserts(this.#table);
    this.#letters = new DeadLetterTable((text, values) => this.#rows(text, values), this.#table, COLUMNS, toMessage);
  }

  async insert(
    messages: readonly NewMessage[],
    { room, transaction }: InsertOptions,
  ): Promise<readonly InsertedMessage[] | null> {
    if (transaction !== undefined && !isPostgresPool(transaction)) {
      throw new TypeError('Queue: the option in must be the client of pg that has begun a transaction');
    }
    await this.#prepare();
    if (transaction === undefined) return this.#inserts.insert(this.#pool, messages, room, false);
    return this.#inserts.insert(this.#prepares ? transaction : unprepared(transaction), messages, room, true);
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
    return this.#changesRow(
      `UPDATE ${this.#table} SET token = NULL, dead = true, dead_at = clock_timestamp(), last_error = $1 ${UNDER_LEASE}`,
      [error, id, token],
    );
  }

  dead(filter: LetterFilter, range: LetterRange): Promise<LetterPage> {
    return this.#letters.page(filter, range);
  }

  revive(filter: LetterFilter, limit: number): Promise<number> {
    return this.#letters.revive(filter, limit);
  }

  discard(filter: LetterFilter, limit: number): Promise<number> {
    return this.#letters.discard(filter, limit);
  }

  async check(): Promise<StoreCheck> {
    const { rows } = await run(this.#pool, SETTINGS, []);
    return checkSettings(rows[0] as PostgresSettings);
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
      `WITH RECURSIVE done AS (${done}), ${nextMessages(this.#table)}, claimed AS (
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

function toMessage(row: Row): StoredMessage {
  const { id, topic, key, group_name: group, payload, attempts, abandoned, last_error: lastError, age } = row;
  return { id, topic, key, group, payload, attempts, abandoned, lastError, age };
}
