import { setTimeout as sleep } from 'node:timers/promises';
import type { SqliteConnection } from '../connection.ts';

/** Milliseconds between two tries of a write that another process holds up. */
const RETRY_INTERVAL = 5;

interface PendingWrite {
  readonly work: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writer of a database. It commits all writes of a turn of the event loop in one transaction, and so with one write to the
 * disk. While another process writes, it tries again without blocking the event loop.
 */
export class SqliteWriter {
  readonly #database: SqliteConnection;
  readonly #busyTimeout: number;
  readonly #subject: string;
  #pending: PendingWrite[] = [];
  #writing: Promise<void> | undefined;

  constructor(database: SqliteConnection, busyTimeout: number, subject = 'Queue sqlite') {
    this.#database = database;
    this.#busyTimeout = busyTimeout;
    this.#subject = subject;
  }

  /** Resolves with what `work` returns, once its writes are committed. */
  write<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ work, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves when all writes so far are settled. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0) {
      const writes = this.#pending;
      this.#pending = [];
      try {
        const results = await this.#untilFree(() => this.#transaction(writes));
        for (const [index, { resolve }] of writes.entries()) resolve(results[index] as never);
      } catch (error) {
        for (const { reject } of writes) reject(error);
      }
    }
    // At once: a write that follows the last one in the next microtask begins anew.
    this.#writing = undefined;
  }

  #transaction(writes: readonly PendingWrite[]): unknown[] {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const results = writes.map(({ work }) => work());
      this.#database.exec('COMMIT');
      return results;
    } catch (error) {
      if (this.#database.inTransaction !== false) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  async #untilFree<T>(work: () => T): Promise<T> {
    const end = performance.now() + this.#busyTimeout;
    for (;;) {
      // In a transaction of the program, a write would be undone with it.
      if (this.#database.inTransaction !== true) {
        try {
          return work();
        } catch (error) {
          if (!isBusy(error) || performance.now() >= end) throw error;
        }
      } else if (performance.now() >= end) {
        throw new Error(`${this.#subject}: a transaction of the program is open on the connection`);
      }
      await sleep(RETRY_INTERVAL);
    }
  }
}

function isBusy(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY');
}
