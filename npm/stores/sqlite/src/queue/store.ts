import type { NewMessage, PutBack, QueueReceiptStatus, QueueStore, StoredMessage } from 'fusewire/kit';
import type { QueueSize } from 'fusewire/queue';
import { isSqliteConnection } from '../connection.ts';
import type { SqliteConnection } from '../connection.ts';
import { prepareTable } from './schema.ts';
import { SqliteWriter } from './writer.ts';

interface Row {
  readonly id: number;
  readonly topic: string;
  readonly key: string;
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

type Inserted = { readonly id: string; readonly status: QueueReceiptStatus };

/** Longest wait for another process that writes, unless the option says otherwise, in milliseconds. */
export const BUSY_TIMEOUT = 5_000;

/**
 * Store of the messages of a queue in one SQLite table. `available_at` is the time from which a message may be claimed, in
 * milliseconds of the wall clock: the only clock that processes share. If that clock is set back, the waits that began in its
 * future begin anew with the next claim.
 */
export class SqliteQueueStore implements QueueStore {
  readonly #database: SqliteConnection;
  readonly #table: string;
  readonly #writer: SqliteWriter;
  readonly #close: () => unknown;
  readonly #statements;
  /** Time of the last claim. Before the first one, the clock may have been set back. */
  #lastClaim = Number.POSITIVE_INFINITY;

  constructor(
    database: SqliteConnection,
    table: string,
    busyTimeout = BUSY_TIMEOUT,
    close: () => unknown = () => undefined,
  ) {
    prepareTable(database, table);
    this.#database = database;
    this.#table = `"${table}"`;
    this.#writer = new SqliteWriter(database, busyTimeout);
    this.#close = close;
    this.#statements = statementsFor(database, this.#table);
  }

  async insert(message: NewMessage, transaction: unknown): Promise<Inserted> {
    if (transaction === undefined) return this.#writer.write(() => insert(this.#statements, message));
    if (!isSqliteConnection(transaction)) {
      throw new TypeError('Queue: the option in must be the connection of better-sqlite3 that has begun a transaction');
    }
    const statements =
      transaction === this.#database ? this.#statements : insertStatementsFor(transaction, this.#table);
    return insert(statements, message);
  }

  async claim(topic: string, count: number, token: string, leaseTime: number): Promise<StoredMessage[]> {
    await this.#adjust(Date.now());
    // Without a message, a claim is one read: no process writes at each interval.
    if (this.#statements.hasNext.get(topic, Date.now()) === undefined) return [];
    const rows = await this.#writer.write(() => {
      const now = Date.now();
      return this.#statements.claim.all(token, now + leaseTime, now, topic, now, count) as Row[];
    });
    return rows.toSorted((one, other) => other.priority - one.priority || one.id - other.id).map(toMessage);
  }

  extend(id: string, token: string, leaseTime: number): Promise<boolean> {
    return this.#changes(() => {
      const now = Date.now();
      return this.#statements.extend.run(now + leaseTime, now, id, token);
    });
  }

  complete(id: string, token: string): Promise<boolean> {
    return this.#changes(() => this.#statements.complete.run(id, token));
  }

  putBack(id: string, token: string, { after, error }: PutBack): Promise<boolean> {
    return this.#changes(() => {
      const now = Date.now();
      return this.#statements.putBack.run(after === 0 ? 0 : now + after, now, error, error, id, token);
    });
  }

  bury(id: string, token: string, error: string | null): Promise<boolean> {
    return this.#changes(() => this.#statements.bury.run(error, id, token));
  }

  async dead(topic: string | undefined, limit: number): Promise<StoredMessage[]> {
    return (this.#statements.dead.all(topic ?? null, topic ?? null, limit) as Row[]).map(toMessage);
  }

  revive(id: string): Promise<boolean> {
    return this.#changes(() => {
      const now = Date.now();
      return this.#statements.revive.run(now, now, id);
    });
  }

  discard(id: string): Promise<boolean> {
    return this.#changes(() => this.#statements.discard.run(id));
  }

  async size(topic: string | undefined): Promise<QueueSize> {
    const now = Date.now();
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

  /** Begins the waits and leases anew that began later than now: the clock was set back. */
  async #adjust(now: number): Promise<void> {
    const wasSetBack = now < this.#lastClaim;
    this.#lastClaim = now;
    if (!wasSetBack || this.#statements.hasEarly.get(now) === undefined) return;
    await this.#writer.write(() => this.#statements.adjust.run(now, now, now));
  }

  async #changes(work: () => { readonly changes: number }): Promise<boolean> {
    return (await this.#writer.write(work)).changes > 0;
  }
}

function insertStatementsFor(database: SqliteConnection, table: string) {
  return {
    insert: database.prepare(
      `INSERT INTO ${table} (topic, key, payload, priority, enqueued_at, available_at, set_at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (topic, key) DO NOTHING RETURNING id`,
    ),
    find: database.prepare(`SELECT id, dead, token, available_at FROM ${table} WHERE topic = ? AND key = ?`),
    reviveWith: database.prepare(
      `UPDATE ${table} SET payload = ?, priority = ?, enqueued_at = ?, available_at = ?, set_at = ?, dead = 0, attempts = 0,
       abandoned = 0, last_error = NULL WHERE id = ? AND dead = 1`,
    ),
  };
}

function statementsFor(database: SqliteConnection, table: string) {
  const columns = 'id, topic, key, payload, priority, attempts, abandoned, enqueued_at, last_error';
  const underLease = 'WHERE id = ? AND token = ? AND dead = 0';
  const ofTopic = '(? IS NULL OR topic = ?)';
  return {
    ...insertStatementsFor(database, table),
    hasNext: database.prepare(`SELECT 1 FROM ${table} WHERE dead = 0 AND topic = ? AND available_at <= ? LIMIT 1`),
    hasEarly: database.prepare(`SELECT 1 FROM ${table} WHERE dead = 0 AND set_at > ? LIMIT 1`),
    adjust: database.prepare(
      `UPDATE ${table} SET available_at = ? + available_at - set_at, set_at = ? WHERE dead = 0 AND set_at > ?`,
    ),
    claim: database.prepare(`
      UPDATE ${table}
      SET attempts = attempts + 1, abandoned = abandoned + (token IS NOT NULL), token = ?, available_at = ?, set_at = ?
      WHERE id IN
        (SELECT id FROM ${table} WHERE dead = 0 AND topic = ? AND available_at <= ? ORDER BY priority DESC, id LIMIT ?)
      RETURNING ${columns}`),
    extend: database.prepare(`UPDATE ${table} SET available_at = ?, set_at = ? ${underLease}`),
    complete: database.prepare(`DELETE FROM ${table} ${underLease}`),
    putBack: database.prepare(`
      UPDATE ${table} SET token = NULL, available_at = ?, set_at = ?, attempts = attempts - (? IS NULL),
        last_error = coalesce(?, last_error) ${underLease}`),
    bury: database.prepare(`UPDATE ${table} SET token = NULL, dead = 1, last_error = ? ${underLease}`),
    dead: database.prepare(`SELECT ${columns} FROM ${table} WHERE dead = 1 AND ${ofTopic} ORDER BY id LIMIT ?`),
    revive: database.prepare(
      `UPDATE ${table} SET dead = 0, attempts = 0, abandoned = 0, available_at = 0, set_at = ?, enqueued_at = ?
       WHERE id = ? AND dead = 1`,
    ),
    discard: database.prepare(`DELETE FROM ${table} WHERE id = ? AND dead = 1`),
    size: database.prepare(`
      SELECT count(*) AS total,
        count(*) FILTER (WHERE dead = 1) AS dead,
        count(*) FILTER (WHERE dead = 0 AND token IS NOT NULL AND available_at > ?) AS running,
        min(enqueued_at) FILTER (WHERE dead = 0) AS oldest
      FROM ${table} WHERE ${ofTopic}`),
  };
}

/** Adds a message, or finds the one with its key. */
function insert(statements: ReturnType<typeof insertStatementsFor>, message: NewMessage): Inserted {
  const { topic, key, payload, priority, delay, revives } = message;
  for (;;) {
    const now = Date.now();
    const availableAt = delay === 0 ? 0 : now + delay;
    const inserted = statements.insert.get(topic, key, payload, priority, now, availableAt, now) as Row | undefined;
    if (inserted !== undefined) return { id: String(inserted.id), status: 'new' };
    const existing = statements.find.get(topic, key) as ExistingRow | undefined;
    // Another process completed the message between two statements outside of a transaction: insert again.
    if (existing === undefined) continue;
    const id = String(existing.id);
    if (existing.dead === 0) {
      return { id, status: existing.token !== null && existing.available_at > now ? 'running' : 'waiting' };
    }
    if (!revives) return { id, status: 'dead' };
    const { changes } = statements.reviveWith.run(payload, priority, now, availableAt, now, existing.id);
    if (changes > 0) return { id, status: 'revived' };
  }
}

function toMessage(row: Row): StoredMessage {
  const { id, topic, key, payload, attempts, abandoned, last_error, enqueued_at } = row;
  const age = Math.max(0, Date.now() - enqueued_at);
  return { id: String(id), topic, key, payload, attempts, abandoned, lastError: last_error, age };
}
