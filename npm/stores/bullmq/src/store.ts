import { createHash, randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import type { ConnectionOptions, Job } from 'bullmq';
import type { PutBack, QueueSize, QueueStore, StoredMessage } from 'fusewire';

/** What is kept with a job. */
interface Data {
  readonly key: string;
  readonly payload: string;
  /** Tells a message that was put in from one that was there already. */
  readonly nonce: string;
  /** How many of its stalls were before it was revived. */
  readonly stalls: number;
}

export interface StoreSettings {
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  readonly stalledInterval: number;
}

/** Milliseconds for which a message is leased until its real lease is set, with a second call. */
const FIRST_LEASE = 5_000;
/** No lease that is over makes a job fail: how many there were is told to who asks for messages. */
const WITHOUT_END = Number.MAX_SAFE_INTEGER;
/** BullMQ's codes for a job that is gone, or is not held under this token, or not in that state. */
const NOT_HELD: ReadonlySet<unknown> = new Set([-1, -2, -3, -6]);

/**
 * Messages as jobs, whose ids are made of their keys. Leases are BullMQ's locks; who asks for messages does so by hand, and a
 * worker that runs nothing looks for those whose lease is over.
 */
export class BullmqStore implements QueueStore {
  readonly #name: string;
  readonly #settings: StoreSettings;
  readonly #queue: Queue<Data>;
  #worker: Worker<Data> | undefined;

  constructor(name: string, settings: StoreSettings) {
    const { connection, prefix } = settings;
    this.#name = name;
    this.#settings = settings;
    this.#queue = new Queue<Data>(name, { connection: impatient(connection), prefix, skipWaitingForReady: true });
    // What goes wrong is told to who calls.
    this.#queue.on('error', () => undefined);
  }

  async insert(key: string, payload: string) {
    const id = `key-${createHash('sha256').update(key).digest('hex')}`;
    const nonce = randomUUID();
    await this.#queue.add('message', { key, payload, nonce, stalls: 0 }, { jobId: id, removeOnComplete: true });
    const job = await this.#queue.getJob(id);
    return { id, duplicate: job !== undefined && job.data.nonce !== nonce };
  }

  async claim(token: string, visibility: number): Promise<StoredMessage | undefined> {
    for (;;) {
      const job = (await this.#running().getNextJob(token, { block: false })) as Job<Data> | undefined;
      if (job === undefined) return undefined;
      if (await this.#extend(job, token, visibility)) return asMessage(job, 1);
    }
  }

  async extend(id: string, token: string, visibility: number): Promise<boolean> {
    const job = await this.#queue.getJob(id);
    return job !== undefined && this.#extend(job, token, visibility);
  }

  complete(id: string, token: string): Promise<boolean> {
    return this.#settle(id, (job) => job.moveToCompleted(null, token, false));
  }

  putBack(id: string, token: string, { after, error }: PutBack): Promise<boolean> {
    return this.#settle(id, (job) => {
      if (error === null) return job.moveToWait(token);
      // At the head of the row, or among those that wait for their time.
      const retry = after > 0 ? { backoff: { type: 'fixed', delay: Math.ceil(after) } } : { lifo: true };
      Object.assign(job.opts, { attempts: WITHOUT_END, ...retry });
      return job.moveToFailed(withoutStack(error), token);
    });
  }

  bury(id: string, token: string, error: string | null): Promise<boolean> {
    return this.#settle(id, (job) => {
      job.opts.attempts = 0;
      return job.moveToFailed(withoutStack(error ?? ''), token);
    });
  }

  async dead(limit: number): Promise<StoredMessage[]> {
    const jobs = await this.#queue.getJobs(['failed'], 0, limit - 1, true);
    return jobs.map((job) => asMessage(job, 0));
  }

  revive(id: string): Promise<boolean> {
    return this.#settle(id, async (job) => {
      if (!(await job.isFailed())) throw Object.assign(new Error(`${id} is no dead letter`), { code: -3 });
      await job.updateData({ ...job.data, stalls: job.stalledCounter });
      await job.retry('failed', { resetAttemptsMade: true });
    });
  }

  async discard(id: string): Promise<boolean> {
    const job = await this.#queue.getJob(id);
    if (job === undefined || !(await job.isFailed())) return false;
    await job.remove();
    return true;
  }

  async size(): Promise<QueueSize> {
    const counts = await this.#queue.getJobCounts('wait', 'delayed', 'active', 'failed');
    const { wait = 0, delayed = 0, active = 0, failed = 0 } = counts;
    return { waiting: wait + delayed, leased: active, dead: failed };
  }

  async close(): Promise<void> {
    await Promise.all([this.#worker?.close(), this.#queue.close()]);
  }

  /** The worker, with the first who asks for messages. */
  #running(): Worker<Data> {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker<Data>(this.#name, null, {
      ...this.#settings,
      autorun: false,
      lockDuration: FIRST_LEASE,
      maxStalledCount: WITHOUT_END,
    });
    worker.on('error', () => undefined);
    void worker.startStalledCheckTimer();
    return (this.#worker = worker);
  }

  async #extend(job: Job<Data>, token: string, visibility: number): Promise<boolean> {
    return (await job.extendLock(token, Math.ceil(visibility))) > 0;
  }

  async #settle(id: string, settle: (job: Job<Data>) => Promise<unknown>): Promise<boolean> {
    const job = await this.#queue.getJob(id);
    if (job === undefined) return false;
    try {
      await settle(job);
      return true;
    } catch (error) {
      if (NOT_HELD.has((error as { code?: unknown }).code)) return false;
      throw error;
    }
  }
}

/** BullMQ repeats commands for as long as Redis is away, which is too long for who wants to put something off. */
function impatient(connection: ConnectionOptions): ConnectionOptions {
  const isClient = typeof (connection as { connect?: unknown }).connect === 'function';
  return isClient ? connection : { maxRetriesPerRequest: 3, ...connection };
}

/** @param under 1 for the attempt that is under way. */
function asMessage({ id, data, attemptsMade, stalledCounter, failedReason }: Job<Data>, under: 0 | 1): StoredMessage {
  const { key, payload, stalls } = data;
  const attempts = attemptsMade + stalledCounter - stalls + under;
  return { id: id as string, key, payload, attempts, lastError: failedReason ?? null };
}

function withoutStack(message: string): Error {
  return Object.assign(new Error(message), { stack: message });
}
