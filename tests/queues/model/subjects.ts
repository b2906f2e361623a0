import { createRequire } from 'node:module';
import type { QueueStore } from 'fusewire/kit';
import { buildStore } from './build.ts';
import type { Bug } from './bugs.ts';
import { LEASE } from './operations.ts';
import type { Scope } from './operations.ts';
import type { Choices } from './reference.ts';
import { time } from './time.ts';

/** A store that is explored. */
export interface Instance {
  readonly store: QueueStore;
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

const MAX_SIZE = 1_000;
const BOTH_KEYS = ['a', 'b'];

const memory: Subject = {
  name: 'memory',
  choices: { revivedKeepsPlace: false },
  scope: { keys: BOTH_KEYS, workers: 2, concurrency: 2, setsBack: false },
  depth: 8,
  pairDepth: 4,
  async build(bug) {
    const { MemoryQueueStore } = await buildStore('npm/fusewire/src/queue/memory-queue.ts', bug);
    return () => ({ store: new (MemoryQueueStore as new (size: number) => QueueStore)(MAX_SIZE) });
  },
};

const require = createRequire(new URL('../../../npm/stores/sqlite/package.json', import.meta.url));
const TABLE = 'explored';

const sqlite: Subject = {
  name: 'sqlite',
  choices: { revivedKeepsPlace: true },
  scope: { keys: BOTH_KEYS, workers: 2, concurrency: 2, setsBack: true },
  depth: 6,
  pairDepth: 3,
  async build(bug) {
    const { SqliteQueueStore } = await buildStore('npm/stores/sqlite/src/queue/store.ts', bug);
    const Database = require('better-sqlite3') as new (path: string) => Connection;
    return () => {
      const database = new Database(':memory:');
      const store = new (SqliteQueueStore as new (database: Connection, table: string) => QueueStore)(database, TABLE);
      return { store, ...snapshotsOf(database, store) };
    };
  },
};

export const subjects: readonly Subject[] = [memory, sqlite];

interface Connection {
  exec(sql: string): unknown;
  prepare(sql: string): { all(...values: unknown[]): unknown[]; run(...values: unknown[]): unknown };
}

type Row = Readonly<Record<string, unknown>>;

/** Returns functions that read and write the whole content of a database. A store in it has no other state. */
function snapshotsOf(database: Connection, store: QueueStore) {
  const names = (database.prepare(`SELECT name FROM pragma_table_info('${TABLE}')`).all() as { name: string }[]).map(
    ({ name }) => name,
  );
  const read = database.prepare(`SELECT * FROM "${TABLE}"`);
  const readSequence = database.prepare('SELECT seq FROM sqlite_sequence');
  const clear = database.prepare(`DELETE FROM "${TABLE}"`);
  const clearSequence = database.prepare('DELETE FROM sqlite_sequence');
  const write = database.prepare(`INSERT INTO "${TABLE}" VALUES (${names.map(() => '?').join(', ')})`);
  const writeSequence = database.prepare(`INSERT INTO sqlite_sequence (name, seq) VALUES ('${TABLE}', ?)`);
  return {
    save: () => ({ rows: read.all() as Row[], sequence: (readSequence.all() as { seq: number }[])[0]?.seq }),
    load(saved: unknown) {
      const { rows, sequence } = saved as { rows: readonly Row[]; sequence: number | undefined };
      clear.run();
      for (const row of rows) write.run(...names.map((name) => row[name]));
      clearSequence.run();
      if (sequence !== undefined) writeSequence.run(sequence);
      // For the store, the clock is then set back as it is for a process that begins.
      time.wall = Number.MAX_SAFE_INTEGER;
      void store.claim('no topic', 1, 'no token', LEASE);
    },
  };
}
