import { createHash, randomUUID } from 'node:crypto';
import { Job, Queue, Worker } from 'bullmq';
import type { ConnectionOptions } from 'bullmq';
import type { NewMessage, PutBack, QueueReceiptStatus, StoredMessage } from 'fusewire/kit';
import type { QueueSize } from 'fusewire/queue';
import { failFast, withTimeout } from '../connection.ts';

/** Data of a job of BullMQ. */
interface JobData {
  readonly key: string;
  readonly payload: string;
  /** Random id of the `insert` that added the job: any other `insert` of the same key is a duplicate. */
  readonly nonce: string;
  /** Number of stalls before the last revival, which do not count as attempts. */
  readonly stalls: number;
  /** Time of the last `insert` or revival, by the clock of that process. */
  readonly enqueuedAt?: number;
}

/** Validated options of a queue. */
export interface BullmqQueueSettings {
  readonly name: string;
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  readonly stalledInterval: number;
}

/** Part of the client of BullMQ that is used. */
interface Client {
  multi(): {
    hgetall(key: string): unknown;
    eval(script: string, keys: number, ...values: readonly string[]): unknown;
    exec(): Promise<[Error | null, unknown][] | null>;
  };
  hset(key: string, data: Record<string, string>): Promise<number>;
  hgetall(key: string): Promise<Record<string, string>>;
}

type Inserted = { readonly id: string; readonly status: QueueReceiptStatus };

/** Milliseconds of the lock that BullMQ sets with a claim. A second command then sets the lease of the caller. */
const INITIAL_LOCK = 5_000;
/** Milliseconds to wait for connections to close, before they are cut. */
const CLOSING = 1_000;
/** Limit of attempts and stalls that a job never reaches: the caller, not BullMQ, gives a message up. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** Error codes of BullMQ for a job that does not exist, is locked under another token, or is in another state. */
const NOT_LEASED: ReadonlySet<unknown> = new Set([-1, -2, -3, -6]);
const DEFAULT_PRIORITY = 2;
/** Script that removes a job if it has failed. */
const REMOVE_DEAD = `if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then redis.call('DEL', KEYS[2]) end`;

/**
 * Queue of BullMQ with the messages of one topic. A job's id is the hash of the message's key, and a lease is BullMQ's lock of
 * the job. `claim` fetches jobs by hand: the worker processes none, but returns jobs with an expired lock to the queue.
 */
export class TopicQueue {
  readonly #topic: string;
  readonly #settings: BullmqQueueSettings;
  readonly #queue: Queue<JobData>;
  #worker: Worker<JobData> | undefined;

  /** @param settings those of the queue, with the name of this topic's queue in BullMQ. */
  constructor(topic: string, settings: BullmqQueueSettings) {
    const { name, connection, prefix } = settings;
    this.#topic = topic;
    this.#settings = settings;
    this.#queue = new Queue<JobData>(name, { connection: failFast(connection), prefix, skipWaitingForReady: true });
    // Every method rejects with its own error; without a listener the event would end the process.
    this.#queue.on('error', () => undefined);
  }

  /** Adds fields to the hash `name` of this queue in Redis. */
  async addToHash(name: string, fields: Record<string, string>): Promise<void> {
    await (await this.#client()).hset(this.#queue.toKey(name), fields);
  }

  async readHash(name: string): Promise<Record<string, string>> {
    return (await this.#client()).hgetall(this.#queue.toKey(name));
  }

  async insert({ key, payload, delay, priority, revives }: NewMessage): Promise<Inserted> {
    const id = `key-${createHash('sha256').update(key).digest('hex')}`;
    const data = { key, payload, nonce: randomUUID(), stalls: 0, enqueuedAt: Date.now() };
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

  async claim(count: number, token: string, leaseTime: number): Promise<StoredMessage[]> {
    const first = await this.#claimOne(token, leaseTime);
    if (first === undefined) return [];
    const others = Array.from({ length: count - 1 }, () => this.#claimOne(token, leaseTime));
    return [first, ...(await Promise.all(others)).filter((message) => message !== undefined)];
  }

  async extend(id: string, token: string, leaseTime: number): Promise<boolean> {
    const job = await this.#queue.getJob(id);
    return job !== undefined && this.#extend(job, token, leaseTime);
  }

  complete(id: string, token: string): Promise<boolean> {
    return this.#settle(id, (job) => job.moveToCompleted(null, token, false));
  }

  putBack(id: string, token: string, { after, error }: PutBack): Promise<boolean> {
    return this.#settle(id, (job) => {
      if (error === null) return after > 0 ? job.moveToDelayed(Date.now() + after, token) : job.moveToWait(token);
      // Without a delay, `lifo` keeps the message at the head of the queue.
      const retry = after > 0 ? { backoff: { type: 'fixed', delay: Math.ceil(after) } } : { lifo: true };
      Object.assign(job.opts, { attempts: NO_LIMIT, stackTraceLimit: 0, ...retry });
      return job.moveToFailed(withoutStack(error), token);
    });
  }

  bury(id: string, token: string, error: string | null): Promise<boolean> {
    return this.#settle(id, (job) => {
      Object.assign(job.opts, { attempts: 0, stackTraceLimit: 0 });
      return job.moveToFailed(withoutStack(error ?? ''), token);
    });
  }

  async dead(limit: number): Promise<StoredMessage[]> {
    const jobs = await this.#queue.getJobs(['failed'], 0, limit - 1, true);
    return jobs.map((job) => this.#toMessage(job, 0));
  }

  async revive(id: string): Promise<boolean> {
    const job = await this.#queue.getJob(id);
    return job !== undefined && this.#revive(job);
  }

  async discard(id: string): Promise<boolean> {
    const job = await this.#queue.getJob(id);
    if (job === undefined || !(await job.isFailed())) return false;
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
    const ages = oldest.flat().map((job) => this.#toMessage(job, 0).age);
    return {
      waiting: of('wait') + of('delayed') + of('prioritized'),
      running: of('active'),
      dead: of('failed'),
      oldestAge: ages.length === 0 ? null : Math.max(...ages),
    };
  }

  /** Closes the connections. While Redis is away, they are cut. */
  async close(): Promise<void> {
    const parts = [this.#worker, this.#queue].filter((part) => part !== undefined);
    let isClosed = false;
    const closing = Promise.all([this.#worker?.close(true), this.#queue.close()]).then(() => (isClosed = true));
    closing.catch(() => undefined);
    await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, CLOSING).unref())]).catch(
      () => undefined,
    );
    if (!isClosed) for (const part of parts) part.disconnect().catch(() => undefined);
  }

  /**
   * Adds a job unless there is one with its id, or with `replacesDead` in place of one that has failed. Returns whether it was
   * added, as the same transaction has read it.
   */
  async #add(id: string, data: JobData, delay: number, priority: number, replacesDead = false): Promise<boolean> {
    const order = priority > DEFAULT_PRIORITY ? { lifo: true } : { priority: DEFAULT_PRIORITY - priority };
    const options = { jobId: id, removeOnComplete: true, delay: Math.ceil(delay), ...order };
    const job = new Job<JobData>(this.#queue as never, 'message', data, options, id);
    const multi = (await this.#client()).multi();
    if (replacesDead) multi.eval(REMOVE_DEAD, 2, this.#queue.toKey('failed'), this.#queue.toKey(id), id);
    const adding = job.addJob(multi as never);
    multi.hgetall(this.#queue.toKey(id));
    const [results] = await Promise.all([multi.exec(), adding]);
    for (const [error] of results ?? []) if (error !== null) throw error;
    const stored = results?.at(-1)?.[1] as { readonly data?: string } | undefined;
    if (stored?.data === undefined) throw new Error('Queue: BullMQ has not stored the message');
    return (JSON.parse(stored.data) as JobData).nonce === data.nonce;
  }

  async #claimOne(token: string, leaseTime: number): Promise<StoredMessage | undefined> {
    for (;;) {
      const job = (await this.#startedWorker().getNextJob(token, { block: false })) as Job<JobData> | undefined;
      if (job === undefined) return undefined;
      if (await this.#extend(job, token, leaseTime)) return this.#toMessage(job, 1);
    }
  }

  async #revive(job: Job<JobData>): Promise<boolean> {
    try {
      if (!(await job.isFailed())) return false;
      await job.updateData({ ...job.data, stalls: job.stalledCounter, enqueuedAt: Date.now() });
      await job.retry('failed', { resetAttemptsMade: true });
      return true;
    } catch (error) {
      if (NOT_LEASED.has((error as { code?: unknown }).code)) return false;
      throw error;
    }
  }

  /** Returns the worker, which the first `claim` starts. */
  #startedWorker(): Worker<JobData> {
    if (this.#worker !== undefined) return this.#worker;
    const { name, connection, ...settings } = this.#settings;
    const worker = new Worker<JobData>(name, null, {
      ...settings,
      connection: withTimeout(connection),
      autorun: false,
      lockDuration: INITIAL_LOCK,
      maxStalledCount: NO_LIMIT,
    });
    worker.on('error', () => undefined);
    void worker.startStalledCheckTimer();
    return (this.#worker = worker);
  }

  async #extend(job: Job<JobData>, token: string, leaseTime: number): Promise<boolean> {
    return (await job.extendLock(token, Math.ceil(leaseTime))) > 0;
  }

  async #settle(id: string, settle: (job: Job<JobData>) => Promise<unknown>): Promise<boolean> {
    const job = await this.#queue.getJob(id);
    if (job === undefined) return false;
    try {
      await settle(job);
      return true;
    } catch (error) {
      if (NOT_LEASED.has((error as { code?: unknown }).code)) return false;
      throw error;
    }
  }

  async #client(): Promise<Client> {
    const { client } = this.#queue.getBackend() as unknown as { readonly client: Promise<unknown> };
    return (await client) as Client;
  }

  /** @param running 1 if an attempt is under way, which BullMQ has not counted yet. */
  #toMessage(job: Job<JobData>, running: 0 | 1): StoredMessage {
    const { id, data, attemptsMade, stalledCounter, failedReason, timestamp } = job;
    const { key, payload, stalls, enqueuedAt = timestamp } = data;
    const abandoned = stalledCounter - stalls;
    const attempts = attemptsMade + abandoned + running;
    const age = Math.max(0, Date.now() - enqueuedAt);
    return {
      id: id as string,
      topic: this.#topic,
      key,
      payload,
      attempts,
      abandoned,
      lastError: failedReason ?? null,
      age,
    };
  }
}

/** Returns an error whose stack is its message: BullMQ stores the stack with the job. */
function withoutStack(message: string): Error {
  return Object.assign(new Error(message), { stack: message });
}
