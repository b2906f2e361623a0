import { createRequire } from 'node:module';
import type { LeaseStore } from 'fusewire/kit';
import { buildStore } from './build.ts';
import type { Bug } from './bugs.ts';
import type { Scope } from './operations.ts';
import type { Choices } from './reference.ts';
import './time.ts';

/** A store that is explored. */
export interface Instance {
  readonly store: LeaseStore;
  /** Returns the stored state. Without this method, the operations that led to a state are repeated. */
  save?(): unknown;
  load?(saved: unknown): void;
}

/** A kind of store. */
export interface Subject {
  readonly name: string;
  readonly choices: Choices;
  readonly scope: Scope;
  /** Number of operations of every program, in `npm test`. */
  readonly depth: number;
  /** Number of operations before which two operations at once are tried. */
  readonly pairDepth: number;
  /** Builds the store from its source, with a bug if there is one, and returns a function that creates one. */
  build(bug?: Bug): Promise<() => Instance>;
}

const BOTH_KEYS = ['a', 'b'];

const memory: Subject = {
  name: 'memory',
  choices: { revivedKeepsPlace: false, diesByTime: false },
  scope: { keys: BOTH_KEYS, workers: 2, concurrency: 2, setsBack: false },
  depth: 8,
  pairDepth: 4,
  async build(bug) {
    const { MemoryQueueStore } = await buildStore('npm/fusewire/src/queue/memory-queue.ts', bug);
    return () => ({ store: new (MemoryQueueStore as new () => LeaseStore)() });
  },
};

const require = createRequire(new URL('../../../npm/stores/sqlite/package.json', import.meta.url));
const TABLE = 'explored';

const sqlite: Subject = {
  name: 'sqlite',
  choices: { revivedKeepsPlace: true, diesByTime: true },
  scope: { keys: BOTH_KEYS, workers: 2, concurrency: 2, setsBack: true },
  depth: 5,
  pairDepth: 2,
  async build(bug) {
    const { SqliteQueueStore } = await buildStore('npm/stores/sqlite/src/queue/store.ts', bug);
    const Database = require('better-sqlite3') as new (path: string) => Connection;
    return () => {
      const database = new Database(':memory:');
      const store = new (SqliteQueueStore as new (database: Connection, table: string) => LeaseStore)(database, TABLE);
      return { store };
    };
  },
};

export const subjects: readonly Subject[] = [memory, sqlite];

interface Connection {
  exec(sql: string): unknown;
  prepare(sql: string): { all(...values: unknown[]): unknown[]; run(...values: unknown[]): unknown };
}
