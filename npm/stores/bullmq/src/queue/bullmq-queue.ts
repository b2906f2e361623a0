import type { ConnectionOptions } from 'bullmq';
import { queueOver, readOptions, readQueueLimits } from 'fusewire/kit';
import type { QueueLimits } from 'fusewire/kit';
import type { Queue, QueueOptions } from 'fusewire/queue';
import { BullmqQueueStore } from './store.ts';
import type { BullmqQueueSettings } from './jobs.ts';

/** Options of {@link bullmqQueue}. */
export interface BullmqQueueOptions extends QueueOptions {
  /**
   * Redis, as BullMQ accepts it: `{ host, port, … }`, or a client of ioredis with `maxRetriesPerRequest: null`. The
   * queue never closes such a client. Give it a `socketTimeout`; with options, a connection without an answer is replaced after 15 s.
   */
  readonly connection: ConnectionOptions;
  /**
   * Name of the queue in BullMQ: a string that is not empty, without `:` and `@`. Default `'fusewire'`. Topics other than
   * `'default'` have queues of their own, `<name>@<topic>`.
   */
  readonly name?: string | undefined;
  /** Prefix of the keys in Redis: a string that is not empty, without `:` and `@`. Default `'bull'`. */
  readonly prefix?: string | undefined;
  /**
   * Milliseconds between two checks for expired leases: 10 to 3 600 000. The second check after the expiry returns a
   * message to the queue. Default 5 000.
   */
  readonly stalledInterval?: number | undefined;
}

const LONGEST_INTERVAL = 3_600_000;

/**
 * Returns a queue of BullMQ on Redis, which any number of processes may share. An acknowledged message survives `kill
 * -9` of this process. It survives that of Redis only with `appendonly yes` and `appendfsync always`.
 *
 * @throws {OptionsError} with every invalid option.
 */
export function bullmqQueue<Payload = unknown>(options: BullmqQueueOptions): Queue<Payload> {
  const { settings, limits } = readBullmqOptions(options);
  return queueOver<Payload>(new BullmqQueueStore(settings), limits);
}

function readBullmqOptions(options: BullmqQueueOptions): { settings: BullmqQueueSettings; limits: QueueLimits } {
  const reader = readOptions('Queue', 'bullmq', options);
  const connection = reader.value('connection');
  if (connection !== undefined && (typeof connection !== 'object' || connection === null)) {
    reader.report('connection', 'type', 'connection options of BullMQ, or a client of ioredis');
  }
  const { name = 'fusewire', prefix = 'bull' } = { name: reader.value('name'), prefix: reader.value('prefix') };
  for (const [option, value] of Object.entries({ name, prefix })) {
    if (typeof value === 'string' && value !== '' && !/[:@]/.test(value)) continue;
    reader.report(option, typeof value === 'string' ? 'range' : 'type', 'a string that is not empty, without : and @');
  }
  const milliseconds = `a number of milliseconds from 10 to ${LONGEST_INTERVAL}`;
  const stalledInterval = reader.number('stalledInterval', 10, LONGEST_INTERVAL, milliseconds) ?? 5_000;
  const limits = readQueueLimits(reader);
  reader.finish('connection');
  const settings = { name: name as string, connection: connection as ConnectionOptions, prefix: prefix as string };
  return { settings: { ...settings, stalledInterval }, limits };
}
