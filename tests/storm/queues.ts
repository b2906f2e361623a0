import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bullmqQueue } from '@fusewire/bullmq';
import { postgresQueue } from '@fusewire/postgres';
import { sqliteQueue } from '@fusewire/sqlite';
import { memoryQueue } from 'fusewire/queue';
import type { Queue } from 'fusewire/queue';
import { findPostgres, findRedis } from '../../.ci/lib/servers.mjs';
import { startPostgres, startRedis } from '../queues/servers.ts';

/** Queue with a name for messages. */
export interface NamedQueue {
  readonly name: string;
  readonly queue: Queue<number>;
  /** Closes the queue, and stops its server. */
  close(): Promise<void>;
}

/** Opens one queue of each kind whose server is installed. */
export async function openQueues(): Promise<NamedQueue[]> {
  return [memory(), sqlite(), ...(findRedis() ? [await bullmq()] : []), ...(findPostgres() ? [await postgres()] : [])];
}

function memory(): NamedQueue {
  const queue = memoryQueue<number>();
  return { name: 'memory', queue, close: () => queue.close() };
}

function sqlite(): NamedQueue {
  const folder = mkdtempSync(join(tmpdir(), 'fusewire-storm-'));
  const queue = sqliteQueue<number>({ path: join(folder, 'queue.db') });
  const close = async () => {
    await queue.close();
    rmSync(folder, { recursive: true });
  };
  return { name: 'sqlite', queue, close };
}

async function bullmq(): Promise<NamedQueue> {
  const server = await startRedis();
  const queue = bullmqQueue<number>({ connection: { host: '127.0.0.1', port: server.port } });
  const close = async () => {
    await queue.close();
    await server.stop();
  };
  return { name: 'bullmq', queue, close };
}

async function postgres(): Promise<NamedQueue> {
  const server = await startPostgres();
  const connectionString = `postgres://postgres@127.0.0.1:${server.port}/postgres`;
  const queue = postgresQueue<number>({ connectionString });
  const close = async () => {
    await queue.close();
    await server.stop();
  };
  return { name: 'postgres', queue, close };
}
