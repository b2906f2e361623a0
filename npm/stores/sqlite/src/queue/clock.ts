import type { SqliteConnection } from '../connection.ts';
import { VERSIONS } from './schema.ts';

/** Clocks of this process, in milliseconds. */
export interface Clocks {
  /** Clock of the machine, which may be set. */
  wall(): number;
  /** Clock that never jumps. */
  monotonic(): number;
}

const SYSTEM: Clocks = { wall: () => Date.now(), monotonic: () => performance.now() };
/** Milliseconds after which the latest time is stored again. */
const STORE_INTERVAL = 1_000;

/** Statements of one connection that read and store the latest time. */
export type ClockStatements = ReturnType<typeof clockStatementsFor>;

export function clockStatementsFor(database: SqliteConnection, table: string) {
  // The name of a table has no space.
  const name = `${table} clock`;
  const read = database.prepare(`SELECT version AS latest FROM ${VERSIONS} WHERE name = ?`);
  const store = database.prepare(
    `INSERT INTO ${VERSIONS} (name, version) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version`,
  );
  return {
    read: () => (read.get(name) as { readonly latest: number } | undefined)?.latest ?? 0,
    store: (time: number) => store.run(name, time),
  };
}

/**
 * Clock of the messages in a table. It begins with the time of the machine, or with the latest time that a process has stored
 * in the database, and then goes on with a clock that never jumps. Where the clock of the machine is set back, no message
 * waits longer for it, and no lease of a process that has ended.
 */
export class QueueClock {
  readonly #clocks: Clocks;
  readonly #statements: ClockStatements;
  #offset: number;

  constructor(statements: ClockStatements, clocks: Clocks = SYSTEM) {
    this.#clocks = clocks;
    this.#statements = statements;
    this.#offset = clocks.wall() - clocks.monotonic();
    this.read();
  }

  /** Returns the time, which is not before the latest one of any process. */
  read(statements: ClockStatements = this.#statements): number {
    const behind = statements.read() - this.now();
    if (behind > 0) this.#offset += behind;
    return this.now();
  }

  /** Returns the time in a transaction that writes, and stores it now and then. */
  write(statements: ClockStatements = this.#statements): number {
    const latest = statements.read();
    if (latest > this.now()) this.#offset += latest - this.now();
    else if (this.now() - latest >= STORE_INTERVAL) statements.store(Math.floor(this.now()));
    return this.now();
  }

  /** Returns the time without a look into the database. */
  now(): number {
    return this.#clocks.monotonic() + this.#offset;
  }
}
