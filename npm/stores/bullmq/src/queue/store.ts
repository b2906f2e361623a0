import { createHash, randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import type { ConnectionOptions, Job } from 'bullmq';
import type { PutBack, QueueStore, StoredMessage } from 'fusewire/kit';
import type { QueueSize } from 'fusewire/queue';
import { failFast } from '../connection.ts';

/** Data of a job of BullMQ. */
interface JobData {
  readonly key: string;
  readonly payload: string;
  /** Random id of the `insert` that added the job: any other `insert` of the same key is a duplicate. */
  readonly nonce: string;
  /** Number of stalls before the last `revive`, which do not count as attempts. */
  readonly stalls: number;
}

/** Validated options of a queue. */
export interface BullmqQueueSettings {
  readonly name: string;
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  readonly stalledInterval: number;
}

/** Milliseconds of the lock that BullMQ sets with a claim. A second command then sets the visibility of the caller. */
const INITIAL_LOCK = 5_000;
/** Limit of attempts and stalls that a job never reaches: the caller, not BullMQ, gives a message up. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** Error codes of BullMQ for a job that does not exist, is locked under another token, or is in another state. */
const NOT_LEASED: ReadonlySet<unknown> = new Set([-1, -2, -3, -6]);

/**
 * Store of the messages of a queue as jobs of BullMQ. A job's id is the hash of the message's key, and a lease is
 * BullMQ's lock of the job. `claim` fetches jobs by hand: the worker processes none, but returns jobs with an expired
 * lock to the queue.
 */
export class BullmqQueueStore implements QueueStore {
  readonly #settings: BullmqQueueSettings;
  readonly #queue: Queue<JobData>;
  #worker: Worker<JobData> | undefined;

  constructor(settings: BullmqQueueSettings) {
    const { name, connection, prefix } = settings;
    this.#settings = settings;
    this.#queue = new Queue<JobData>(name, { connection: failFast(connection), prefix, skipWaitingForReady: true });
    // Every method rejects with its own error; without a listener the event would end the process.
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
      const job = (await this.#startedWorker().getNextJob(token, { block: false })) as Job<JobData> | undefined;
      if (job === undefined) return undefined;
      if (await this.#extend(job, token, visibility)) return toMessage(job, 1);
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
      // Without a delay, `lifo` keeps the message at the head of the queue.
      const retry = after > 0 ? { backoff: { type: 'fixed', delay: Math.ceil(after) } } : { lifo: true };
      Object.assign(job.opts, { attempts: NO_LIMIT, ...retry });
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
    return jobs.map((job) => toMessage(job, 0));
  }

  revive(id: string): Promise<boolean> {
    return this.#settle(id, async (job) => {
      if (!(await job.isFailed()))
        throw Object.assign(new Error(`Queue: message ${id} is no dead letter`), { code: -3 });
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

  /** Returns the worker, which the first `claim` starts. */
  #startedWorker(): Worker<JobData> {
    if (this.#worker !== undefined) return this.#worker;
    const { name, ...settings } = this.#settings;
    const worker = new Worker<JobData>(name, null, {
      ...settings,
      autorun: false,
      lockDuration: INITIAL_LOCK,
      maxStalledCount: NO_LIMIT,
    });
    worker.on('error', () => undefined);
    void worker.startStalledCheckTimer();
    return (this.#worker = worker);
  }

  async #extend(job: Job<JobData>, token: string, visibility: number): Promise<boolean> {
    return (await job.extendLock(token, Math.ceil(visibility))) > 0;
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
}

/** @param running 1 if an attempt is under way, which BullMQ has not counted yet. */
function toMessage(
  { id, data, attemptsMade, stalledCounter, failedReason }: Job<JobData>,
  running: 0 | 1,
): StoredMessage {
  const { key, payload, stalls } = data;
  const attempts = attemptsMade + stalledCounter - stalls + running;
  return { id: id as string, key, payload, attempts, lastError: failedReason ?? null };
}

/** Returns an error whose stack is its message: BullMQ stores the stack with the job. */
function withoutStack(message: string): Error {
  return Object.assign(new Error(message), { stack: message });
}
