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
import { isSqliteConnection } from '../connection.ts';
import type { SqliteConnection } from '../connection.ts';
import { checkDatabase } from './check.ts';
import { nextMessages } from './claims.ts';
import { clockStatementsFor, QueueClock } from './clock.ts';
import type { Clocks } from './clock.ts';
import { DeadLetterTable } from './letters.ts';
import { prepareTable } from './schema.ts';
import { SqliteWriter } from './writer.ts';

interface Row {
  readonly id: number;
  readonly topic: string;
  readonly key: string;
  readonly group_name: string | null;
  readonly payload: string;
  readonly priority: number;
  readonly attempts: number;
  readonly abandoned: number;
  readonly enqueued_at: number;
  readonly last_error: string | null;
}

interface ExistingRow {
  readonly id: number;
  readonly dead: number;
  readonly token: string | null;
  readonly available_at: number;
}

const COLUMNS = 'id, topic, key, group_name, payload, priority, attempts, abandoned, enqueued_at, last_error';

/** Longest wait for another process that writes, unless the option says otherwise, in milliseconds. */
export const BUSY_TIMEOUT = 5_000;

/** Settings of a {@link SqliteQueueStore}. */
export interface SqliteStoreSettings {
  /** Milliseconds to wait for another process that writes. Default 5 000. */
  readonly busyTimeout?: number;
  /** Closes the connection, if the queue has opened it. */
  readonly close?: () => unknown;
  /** Clocks of this process. Default: those of the machine. */
  readonly clocks?: Clocks;
}

/**
 * Store of the messages of a queue in one SQLite table. `available_at` is the time from which a message may be claimed, in
 * milliseconds of a clock that the processes share: see {@link QueueClock}.
 */
export class SqliteQueueStore implements LeaseStore {
  readonly hasGroups = true;
  readonly #database: SqliteConnection;
  readonly #name: string;
  readonly #writer: SqliteWriter;
  readonly #clock: QueueClock;
  readonly #letters: DeadLetterTable<Row>;
  readonly #close: () => unknown;
  readonly #statements;

  constructor(
    database: SqliteConnection,
    table: string,
    { busyTimeout = BUSY_TIMEOUT, close = () => undefined, clocks }: SqliteStoreSettings = {},
  ) {
    prepareTable(database, table);
    this.#database = database;
    this.#name = table;
    this.#writer = new SqliteWriter(database, busyTimeout);
    this.#close = close;
    this.#statements = statementsFor(database, table);
    this.#clock = new QueueClock(this.#statements.clock, clocks);
    this.#letters = new DeadLetterTable(database, `"${table}"`, COLUMNS, (row) => toMessage(row, this.#clock.now()));
  }

  async insert(
    messages: readonly NewMessage[],
    { room, transaction }: InsertOptions,
  ): Promise<readonly InsertedMessage[] | null> {
    const insertAll = (statements: InsertStatements) => {
      const now = this.#clock.write(statements.clock);
      const isMissing = ({ topic, key }: NewMessage) => statements.find.get(topic, key) === undefined;
      if (messages.length > room && messages.filter(isMissing).length > room) return null;
      return messages.map((message) => insert(statements, message, now));
    };
    if (transaction === undefined) return this.#writer.write(() => insertAll(this.#statements));
    if (!isSqliteConnection(transaction)) {
      throw new TypeError('Queue: the option in must be the connection of better-sqlite3 that has begun a transaction');
    }
    if (transaction.inTransaction === false) {
      throw new Error('Queue sqlite: no transaction has begun on the connection of the option in');
    }
    return insertAll(transaction === this.#database ? this.#statements : insertStatementsFor(transaction, this.#name));
  }

  async claim(topic: string, count: number, token: string, leaseTime: number): Promise<StoredMessage[]> {
    // Without a message, a claim is one read: no process writes at each interval.
    if (this.#statements.hasNext.get({ topic, now: this.#clock.read(), count: 1 }) === undefined) return [];
    return this.#write((now) =>
      (this.#statements.claim.all({ token, end: now + leaseTime, topic, now, count }) as Row[])
        .toSorted((one, other) => other.priority - one.priority || one.id - other.id)
        .map((row) => toMessage(row, now)),
    );
  }

  extend(id: string, token: string, leaseTime: number): Promise<boolean> {
    return this.#changes((now) => this.#statements.extend.run(now + leaseTime, id, token));
  }

  complete(id: string, token: string): Promise<boolean> {
    return this.#changes(() => this.#statements.complete.run(id, token));
  }

  putBack(id: string, token: string, { after, error }: PutBack): Promise<boolean> {
    return this.#changes((now) => this.#statements.putBack.run(after === 0 ? 0 : now + after, error, error, id, token));
  }

  bury(id: string, token: string, error: string | null): Promise<boolean> {
    return this.#changes((now) => this.#statements.bury.run(error, now, id, token));
  }

  async dead(filter: LetterFilter, range: LetterRange): Promise<LetterPage> {
    if (filter.olderThan !== undefined) await this.#write((now) => this.#letters.stamp(now));
    return this.#letters.page(filter, range, this.#clock.read());
  }

  revive(filter: LetterFilter, limit: number): Promise<number> {
    return this.#write((now) => {
      this.#letters.stamp(now);
      return this.#letters.revive(filter, limit, now);
    });
  }

  discard(filter: LetterFilter, limit: number): Promise<number> {
    return this.#write((now) => {
      this.#letters.stamp(now);
      return this.#letters.discard(filter, limit, now);
    });
  }

  async check(): Promise<StoreCheck> {
    return checkDatabase(this.#database);
  }

  async size(topic: string | undefined): Promise<QueueSize> {
    const now = this.#clock.read();
    const counts = this.#statements.size.get(now, topic ?? null, topic ?? null);
    const { total, dead, running, oldest } = counts as Record<'total' | 'dead' | 'running', number> & {
      oldest: number | null;
    };
    const oldestAge = oldest === null ? null : Math.max(0, now - oldest);
    return { waiting: total - dead - running, running, dead, oldestAge };
  }

  async close(): Promise<void> {
    await this.#writer.idle();
    this.#close();
  }

  /** Runs `work` in a transaction, with the time of it. */
  #write<T>(work: (now: number) => T): Promise<T> {
    return this.#writer.write(() => work(this.#clock.write()));
  }

  async #changes(work: (now: number) => { readonly changes: number }): Promise<boolean> {
    return (await this.#write(work)).changes > 0;
  }
}

type InsertStatements = ReturnType<typeof insertStatementsFor>;

function insertStatementsFor(database: SqliteConnection, name: string) {
  const table = `"${name}"`;
  return {
    clock: clockStatementsFor(database, name),
    insert: database.prepare(
      `INSERT INTO ${table} (topic, key, payload, priority, group_name, enqueued_at, available_at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (topic, key) DO NOTHING RETURNING id`,
    ),
    find: database.prepare(`SELECT id, dead, token, available_at FROM ${table} WHERE topic = ? AND key = ?`),
    nextPosition: database.prepare('UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = ? RETURNING seq'),
    reviveWith: database.prepare(
      `UPDATE ${table} SET payload = ?, priority = ?, group_name = ?, position = ?, enqueued_at = ?, available_at = ?,
         dead = 0, dead_at = NULL, attempts = 0, abandoned = 0, last_error = NULL WHERE id = ? AND dead = 1`,
    ),
    name,
  };
}

function statementsFor(database: SqliteConnection, name: string) {
  const table = `"${name}"`;
  const underLease = 'WHERE id = ? AND token = ? AND dead = 0';
  return {
    ...insertStatementsFor(database, name),
    hasNext: database.prepare(`${nextMessages(table)} SELECT id FROM next LIMIT 1`),
    claim: database.prepare(`
      ${nextMessages(table)}
      UPDATE ${table} SET attempts = attempts + 1, abandoned = abandoned + (token IS NOT NULL), token = @token,
        available_at = @end WHERE id IN (SELECT id FROM next) RETURNING ${COLUMNS}`),
    extend: database.prepare(`UPDATE ${table} SET available_at = ? ${underLease}`),
    complete: database.prepare(`DELETE FROM ${table} ${underLease}`),
    putBack: database.prepare(`
      UPDATE ${table} SET token = NULL, available_at = ?, attempts = attempts - (? IS NULL),
        last_error = coalesce(?, last_error) ${underLease}`),
    bury: database.prepare(`UPDATE ${table} SET token = NULL, dead = 1, last_error = ?, dead_at = ? ${underLease}`),
    size: database.prepare(`
      SELECT count(*) AS total,
        count(*) FILTER (WHERE dead = 1) AS dead,
        count(*) FILTER (WHERE dead = 0 AND token IS NOT NULL AND available_at > ?) AS running,
        min(enqueued_at) FILTER (WHERE dead = 0) AS oldest
      FROM ${table} WHERE (? IS NULL OR topic = ?)`),
  };
}

/** Adds a message, or finds the one with its key. */
function insert(statements: InsertStatements, message: NewMessage, now: number): InsertedMessage {
  const { topic, key, payload, priority, group, delay, revives } = message;
  for (;;) {
    const availableAt = delay === 0 ? 0 : now + delay;
    const inserted = statements.insert.get(topic, key, payload, priority, group, now, availableAt) as Row | undefined;
    if (inserted !== undefined) return { id: String(inserted.id), status: 'new' };
    const existing = statements.find.get(topic, key) as ExistingRow | undefined;
    // Another process completed the message between two statements outside of a transaction: insert again.
    if (existing === undefined) continue;
    const id = String(existing.id);
    if (existing.dead === 0) {
      return { id, status: existing.token !== null && existing.available_at > now ? 'running' : 'waiting' };
    }
    if (!revives) return { id, status: 'dead' };
    const { seq } = statements.nextPosition.get(statements.name) as { readonly seq: number };
    const { changes } = statements.reviveWith.run(payload, priority, group, seq, now, availableAt, existing.id);
    if (changes > 0) return { id, status: 'revived' };
  }
}

function toMessage(row: Row, now: number): StoredMessage {
  const { id, topic, key, group_name: group, payload, attempts, abandoned, last_error, enqueued_at } = row;
  const age = Math.max(0, now - enqueued_at);
  return { id: String(id), topic, key, group, payload, attempts, abandoned, lastError: last_error, age };
}
