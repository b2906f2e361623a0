import type { ConnectionOptions } from 'bullmq';
import { queueOver, readOptions } from 'fusewire';
import type { Queue } from 'fusewire';
import { BullmqStore } from './store.ts';

/** Where the queue is. */
export interface BullmqQueueOptions {
  /**
   * Redis, as BullMQ takes it: `{ host, port, … }`, or a client of ioredis with `maxRetriesPerRequest: null`, which stays
   * open.
   */
  readonly connection: ConnectionOptions;
  /** The name of the queue, without `:`. Default `'fusewire'`. */
  readonly name?: string | undefined;
  /** What the keys in Redis begin with. Default `'bull'`. */
  readonly prefix?: string | undefined;
  /**
   * Milliseconds from one look for messages whose lease is over to the next: 10 to 3 600 000. Such a message is given out
   * again after the second. Default 5 000.
   */
  readonly stalledInterval?: number | undefined;
}

const LONGEST_INTERVAL = 3_600_000;

/**
 * A queue of BullMQ on Redis, which any number of processes may share. What was acknowledged is as durable as Redis is: over
 * `kill -9` of this process always, over that of Redis with `appendonly yes` and `appendfsync always`.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function bullmqQueue<Payload = unknown>(options: BullmqQueueOptions): Queue<Payload> {
  const reader = readOptions('Queue', 'bullmq', options);
  const connection = reader.value('connection');
  if (connection !== undefined && (typeof connection !== 'object' || connection === null)) {
    reader.report('connection', 'type', 'where Redis is, or a client of ioredis');
  }
  const { name = 'fusewire', prefix = 'bull' } = { name: reader.value('name'), prefix: reader.value('prefix') };
  for (const [option, value] of Object.entries({ name, prefix })) {
    if (typeof value === 'string' && value !== '' && !value.includes(':')) continue;
    reader.report(option, typeof value === 'string' ? 'range' : 'type', 'a string that is not empty, without :');
  }
  const interval = `a number of milliseconds from 10 to ${LONGEST_INTERVAL}`;
  const stalledInterval = reader.number('stalledInterval', 10, LONGEST_INTERVAL, interval) ?? 5_000;
  reader.finish('connection');
  return queueOver<Payload>(
    new BullmqStore(name as string, {
      connection: connection as ConnectionOptions,
      prefix: prefix as string,
      stalledInterval,
    }),
  );
}
