import type { PutBack, QueueStore, StoredMessage } from 'fusewire/kit';
import type { QueueSize } from 'fusewire/queue';
import type { SqliteConnection } from '../connection.ts';

interface Row {
  readonly id: number;
  readonly key: string;
  readonly payload: string;
  readonly attempts: number;
  readonly last_error: string | null;
}

/**
 * Store of the messages of a queue in one SQLite table. Every method but `insert` is a single statement, and thereby
 * one transaction. `available_at` is the time from which a message may be claimed, in milliseconds of the wall clock:
 * the only clock that processes share.
 */
export class SqliteQueueStore implements QueueStore {
  readonly #close: () => unknown;
  readonly #insert;
  readonly #find;
  readonly #claim;
  readonly #extend;
  readonly #complete;
  readonly #putBack;
  readonly #bury;
  readonly #dead;
  readonly #revive;
  readonly #discard;
  readonly #size;

  constructor(database: SqliteConnection, table: string, close: () => unknown = () => undefined) {
    this.#close = close;
    database.exec(schemaOf(table));
    const columns = 'id, key, payload, attempts, last_error';
    const underLease = 'WHERE id = ? AND token = ? AND dead = 0';
    this.#insert = database.prepare(
      `INSERT INTO ${table} (key, payload) VALUES (?, ?) ON CONFLICT (key) DO NOTHING RETURNING id`,
    );
    this.#find = database.prepare(`SELECT id FROM ${table} WHERE key = ?`);
    this.#claim = database.prepare(`
      UPDATE ${table} SET attempts = attempts + 1, token = ?, available_at = ? WHERE id =
        (SELECT id FROM ${table} WHERE dead = 0 AND available_at <= ? ORDER BY id LIMIT 1)
      RETURNING ${columns}`);
    this.#extend = database.prepare(`UPDATE ${table} SET available_at = ? ${underLease}`);
    this.#complete = database.prepare(`DELETE FROM ${table} ${underLease}`);
    this.#putBack = database.prepare(`
      UPDATE ${table}
      SET token = NULL, available_at = ?, attempts = attempts - (? IS NULL), last_error = coalesce(?, last_error) ${underLease}`);
    this.#bury = database.prepare(`UPDATE ${table} SET token = NULL, dead = 1, last_error = ? ${underLease}`);
    this.#dead = database.prepare(`SELECT ${columns} FROM ${table} WHERE dead = 1 ORDER BY id LIMIT ?`);
    this.#revive = database.prepare(
      `UPDATE ${table} SET dead = 0, attempts = 0, available_at = 0 WHERE id = ? AND dead = 1`,
    );
    this.#discard = database.prepare(`DELETE FROM ${table} WHERE id = ? AND dead = 1`);
    this.#size = database.prepare(`
      SELECT count(*) AS total,
        count(*) FILTER (WHERE dead = 1) AS dead,
        count(*) FILTER (WHERE dead = 0 AND token IS NOT NULL AND available_at > ?) AS leased
      FROM ${table}`);
  }

  async insert(key: string, payload: string) {
    for (;;) {
      const inserted = this.#insert.get(key, payload) as Row | undefined;
      if (inserted !== undefined) return { id: String(inserted.id), duplicate: false };
      const existing = this.#find.get(key) as Row | undefined;
      if (existing !== undefined) return { id: String(existing.id), duplicate: true };
      // Another process completed the message between the two statements: insert again.
    }
  }

  async claim(token: string, visibility: number): Promise<StoredMessage | undefined> {
    const now = Date.now();
    const row = this.#claim.get(token, now + visibility, now) as Row | undefined;
    return row && toMessage(row);
  }

  async extend(id: string, token: string, visibility: number): Promise<boolean> {
    return this.#extend.run(Date.now() + visibility, id, token).changes > 0;
  }

  async complete(id: string, token: string): Promise<boolean> {
    return this.#complete.run(id, token).changes > 0;
  }

  async putBack(id: string, token: string, { after, error }: PutBack): Promise<boolean> {
    return this.#putBack.run(after === 0 ? 0 : Date.now() + after, error, error, id, token).changes > 0;
  }

  async bury(id: string, token: string, error: string | null): Promise<boolean> {
    return this.#bury.run(error, id, token).changes > 0;
  }

  async dead(limit: number): Promise<StoredMessage[]> {
    return (this.#dead.all(limit) as Row[]).map(toMessage);
  }

  async revive(id: string): Promise<boolean> {
    return this.#revive.run(id).changes > 0;
  }

  async discard(id: string): Promise<boolean> {
    return this.#discard.run(id).changes > 0;
  }

  async size(): Promise<QueueSize> {
    const { total, dead, leased } = this.#size.get(Date.now()) as { total: number; dead: number; leased: number };
    return { waiting: total - dead - leased, leased, dead };
  }

  async close(): Promise<void> {
    this.#close();
  }
}

function schemaOf(table: string): string {
  return `
    CREATE TABLE IF NOT EXISTS ${table} (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      key TEXT NOT NULL UNIQUE,
      payload TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      available_at REAL NOT NULL DEFAULT 0,
      token TEXT,
      last_error TEXT,
      dead INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX IF NOT EXISTS ${table}_alive ON ${table} (id) WHERE dead = 0;
    CREATE INDEX IF NOT EXISTS ${table}_dead ON ${table} (id) WHERE dead = 1;`;
}

function toMessage({ id, key, payload, attempts, last_error }: Row): StoredMessage {
  return { id: String(id), key, payload, attempts, lastError: last_error };
}
