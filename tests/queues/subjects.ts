/** Stores whose queues survive faults. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { bullmqQueue } from '@fusewire/bullmq';
import { pgBossQueue } from '@fusewire/pg-boss';
import { postgresQueue } from '@fusewire/postgres';
import { sqliteQueue } from '@fusewire/sqlite';
import type { Queue } from 'fusewire/queue';
import { startPostgres, startRedis } from './servers.ts';
import type { Server } from './servers.ts';

/** Faults of workers, servers, networks and clocks. `locks` are writes of another process, while which no other can write. */
export const FAULTS = ['kills', 'crashes', 'stops', 'partitions', 'locks', 'clockSteps'] as const;
export type Fault = (typeof FAULTS)[number];

/** A store of queues. */
export interface Subject {
  readonly name: string;
  /**
   * Path of the TypeScript file of a worker. Its arguments: the location of the store, the folder of the ledger, the
   * name of the worker, and whether it is the last run.
   */
  readonly program: string;
  readonly faults: readonly Fault[];
  /** Whether delays go by the clocks of the processes, and last longer where one is set back. */
  readonly delaysByOwnClock?: boolean;
  /** Whether its connections send a request again whose answer was lost. */
  readonly resends?: boolean;
  open(): Promise<OpenSubject>;
}

/** A store that is ready. */
export interface OpenSubject {
  /** Port of its server. */
  readonly port?: number;
  /** Returns the location of the store, with another port if there is a proxy. */
  where(port?: number): string;
  /** Opens the queue. Not for a store that ends with its process. */
  queue?(): Queue;
  /** Kills the server, and starts it again. */
  crash?(): Promise<void>;
  /** Begins to write, so that no other process can. Returns a function that ends it. */
  lock?(): () => void;
  close(): Promise<void>;
}

const programOf = (name: string) =>
  fileURLToPath(new URL(`../../npm/stores/${name}/test/queue-worker.ts`, import.meta.url));

async function openServer(server: Server, where: (port: number) => string, queue: () => Queue): Promise<OpenSubject> {
  return {
    port: server.port,
    where: (port = server.port) => where(port),
    queue,
    crash: () => server.crash(),
    close: () => server.stop(),
  };
}

const postgresUrl = (port: number) => `postgres://postgres@127.0.0.1:${port}/postgres`;

export const subjects: Readonly<Record<'memory' | 'sqlite' | 'postgres' | 'pgBoss' | 'bullmq', Subject>> = {
  memory: {
    name: 'memory',
    program: fileURLToPath(new URL('faults/memory-worker.ts', import.meta.url)),
    faults: ['stops', 'clockSteps'],
    open: async () => ({ where: () => 'memory', close: async () => undefined }),
  },
  sqlite: {
    name: 'SQLite',
    program: programOf('sqlite'),
    faults: ['kills', 'stops', 'locks', 'clockSteps'],
    async open() {
      const folder = mkdtempSync(join(tmpdir(), 'fusewire-queue-'));
      const path = join(folder, 'queue.db');
      return {
        where: () => path,
        queue: () => sqliteQueue({ path }),
        lock() {
          const database = new Database(path, { timeout: 60_000 });
          database.exec('BEGIN IMMEDIATE');
          return () => database.close();
        },
        close: async () => rmSync(folder, { recursive: true }),
      };
    },
  },
  postgres: {
    name: 'PostgreSQL',
    program: programOf('postgres'),
    faults: ['kills', 'crashes', 'stops', 'partitions', 'clockSteps'],
    async open() {
      const server = await startPostgres();
      return openServer(server, postgresUrl, () => postgresQueue({ connectionString: postgresUrl(server.port) }));
    },
  },
  pgBoss: {
    name: 'pg-boss',
    program: programOf('pg-boss'),
    // A lease of pg-boss is 10 s at least, so that each fault of a worker takes that long.
    faults: ['kills', 'crashes'],
    async open() {
      const server = await startPostgres();
      return openServer(server, postgresUrl, () => pgBossQueue({ connectionString: postgresUrl(server.port) }));
    },
  },
  bullmq: {
    name: 'BullMQ',
    program: programOf('bullmq'),
    faults: ['kills', 'crashes', 'stops', 'partitions', 'clockSteps'],
    delaysByOwnClock: true,
    resends: true,
    async open() {
      const server = await startRedis();
      return openServer(server, String, () => bullmqQueue({ connection: { host: '127.0.0.1', port: server.port } }));
    },
  },
};
