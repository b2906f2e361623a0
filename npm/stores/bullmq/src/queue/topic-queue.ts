import { createHash } from 'node:crypto';
import { Job, Queue } from 'bullmq';
import type {
  InsertedMessage,
  LetterFilter,
  LetterRange,
  NewMessage,
  StoreCheck,
  StoreWorker,
  WorkerHooks,
  WorkerSettings,
} from 'fusewire/kit';
import type { QueueSize } from 'fusewire/queue';
import { failFast } from '../connection.ts';
import { BatchedAdds } from './batched-adds.ts';
import type { Transaction } from './batched-adds.ts';
import { checkRedis } from './check.ts';
import type { RedisSettings } from './check.ts';
import { ClockWatch } from './clock-watch.ts';
import { isNotLeased, messageId, toMessage } from './jobs.ts';
import type { BullmqQueueSettings, JobData } from './jobs.ts';
import { DeadJobs } from './letters.ts';
import type { DeadJob } from './letters.ts';
import { ResidentWorker } from './resident-worker.ts';

/** Part of the client of BullMQ that is used. */
interface Client extends RedisSettings {
  multi(): Transaction;
  exists(key: string): Promise<number>;
  hset(key: string, data: Record<string, string>): Promise<number>;
  hgetall(key: string): Promise<Record<string, string>>;
}

/** Milliseconds to wait for connections to close, before they are cut. */
const CLOSING = 1_000;
const DEFAULT_PRIORITY = 2;

/** Queue of BullMQ with the messages of one topic. A job's id is the hash of the message's key. */
export class TopicQueue {
  readonly #topic: string;
  readonly #settings: BullmqQueueSettings;
  readonly #queue: Queue<JobData>;
  readonly #letters: DeadJobs;
  readonly #adds = new BatchedAdds(async () => (await this.#client()).multi());

  /** @param settings those of the queue, with the name of this topic's queue in BullMQ. */
  constructor(topic: string, settings: BullmqQueueSettings) {
    const { name, connection, prefix } = settings;
    this.#topic = topic;
    this.#settings = settings;
    this.#queue = new Queue<JobData>(name, { connection: failFast(connection), prefix, skipWaitingForReady: true });
    // Every method rejects with its own error; without a listener the event would end the process.
    this.#queue.on('error', () => undefined);
    this.#letters = new DeadJobs(this.#queue, topic);
  }

  /** Adds fields to the hash `name` of this queue in Redis. */
  async addToHash(name: string, fields: Record<string, string>): Promise<void> {
    await (await this.#client()).hset(this.#queue.toKey(name), fields);
  }

  async readHash(name: string): Promise<Record<string, string>> {
    return (await this.#client()).hgetall(this.#queue.toKey(name));
  }

  /** Whether there is a message with this key. */
  async has(key: string): Promise<boolean> {
    return (await (await this.#client()).exists(this.#queue.toKey(jobIdOf(key)))) > 0;
  }

  async check(): Promise<StoreCheck> {
    return checkRedis(await this.#client());
  }

  async insert(message: NewMessage): Promise<InsertedMessage> {
    const { id, status } = await this.#insert(message);
    return { id: messageId(this.#topic, id), status };
  }

  async #insert({ key, payload, delay, priority, revives }: NewMessage): Promise<InsertedMessage> {
    const id = jobIdOf(key);
    const data = { key, payload, stalls: 0, enqueuedAt: Date.now() };
    for (;;) {
      if (await this.#add(id, data, delay, priority)) return { id, status: 'new' };
      const job = await this.#queue.getJob(id);
      const state = await job?.getState();
      // It was completed meanwhile: add it again.
      if (job === undefined || state === 'completed' || state === 'unknown') continue;
      if (state === 'active') return { id, status: 'running' };
      if (state !== 'failed') return { id, status: 'waiting' };
      if (!revives) return { id, status: 'dead' };
      if (await this.#add(id, data, delay, priority, true)) return { id, status: 'revived' };
    }
  }

  /** Starts BullMQ's worker. */
  work(settings: WorkerSettings, hooks: WorkerHooks): StoreWorker {
    const watch = new ClockWatch(this.#queue, (error) => hooks.fault(error, 'claim'));
    return new ResidentWorker(this.#settings, settings, hooks, () => watch.end());
  }

  /** @param ids ids of jobs, which replace those of the filter. */
  select(filter: LetterFilter, ids: readonly string[] | undefined, range: LetterRange): Promise<DeadJob[]> {
    return this.#letters.select(filter, ids, range);
  }

  async revive({ job }: DeadJob): Promise<boolean> {
    return this.#revive(job);
  }

  async discard({ job }: DeadJob): Promise<boolean> {
    if (!(await job.isFailed())) return false;
    await job.remove();
    return true;
  }

  async size(): Promise<QueueSize> {
    const waiting = ['wait', 'delayed', 'prioritized'] as const;
    const counts = await this.#queue.getJobCounts(...waiting, 'active', 'failed');
    const of = (state: string) => counts[state] ?? 0;
    const oldest = await Promise.all(
      [...waiting, 'active' as const].map((state) => this.#queue.getJobs([state], 0, 0, true)),
    );
    const ages = oldest.flat().map((job) => toMessage(this.#topic, job, 0).age);
    return {
      waiting: of('wait') + of('delayed') + of('prioritized'),
      running: of('active'),
      dead: of('failed'),
      oldestAge: ages.length === 0 ? null : Math.max(...ages),
    };
  }

  /** Closes the connection. While Redis is away, it is cut. */
  async close(): Promise<void> {
    let isClosed = false;
    const closing = this.#queue.close().then(() => (isClosed = true));
    closing.catch(() => undefined);
    await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, CLOSING).unref())]).catch(
      () => undefined,
    );
    if (!isClosed) this.#queue.disconnect().catch(() => undefined);
  }

  /** Adds a job unless there is one with its id, or with `replacesDead` in place of one that has failed. Returns whether it was added. */
  #add(id: string, data: JobData, delay: number, priority: number, replacesDead = false): Promise<boolean> {
    const order = priority > DEFAULT_PRIORITY ? { lifo: true } : { priority: DEFAULT_PRIORITY - priority };
    const options = { jobId: id, removeOnComplete: true, delay: Math.ceil(delay), ...order };
    const job = new Job<JobData>(this.#queue as never, 'message', data, options, id);
    return this.#adds.add(job, this.#queue.toKey(id), replacesDead ? this.#queue.toKey('failed') : undefined);
  }

  async #revive(job: Job<JobData>): Promise<boolean> {
    try {
      if (!(await job.isFailed())) return false;
      await job.updateData({ ...job.data, stalls: job.stalledCounter, enqueuedAt: Date.now() });
      await job.retry('failed', { resetAttemptsMade: true });
      return true;
    } catch (error) {
      if (isNotLeased(error)) return false;
      throw error;
    }
  }

  async #client(): Promise<Client> {
    const { client } = this.#queue.getBackend() as unknown as { readonly client: Promise<unknown> };
    return (await client) as Client;
  }
}

/** Returns the id of the job with a key: BullMQ allows neither colons nor numbers. */
function jobIdOf(key: string): string {
  return `key-${createHash('sha256').update(key).digest('hex')}`;
}
