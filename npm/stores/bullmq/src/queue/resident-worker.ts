import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { DelayedError, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Job } from 'bullmq';
import { errorText } from 'fusewire/kit';
import type { Settlement, StoredMessage, StoreWorker, WorkerHooks, WorkerSettings } from 'fusewire/kit';
import { withTimeout } from '../connection.ts';
import { JobRun } from './job-run.ts';
import { isNotLeased, NO_LIMIT, toMessage } from './jobs.ts';
import type { BullmqQueueSettings, JobData } from './jobs.ts';

/** Milliseconds that the end of a worker waits for Redis. */
const GRACE = 1_000;
/** Milliseconds after which BullMQ repeats a command that failed because Redis was away. */
const COMMAND_RETRY = 1_000;
/** Longest time for which one command waits for a job, in milliseconds: less than the timeout of a connection. */
const LONGEST_BLOCK = 5_000;
/** Share of a lease after which the answer that grants it counts as late. */
const LATE_SHARE = 1 / 3;
/** Milliseconds between two tries to return a message. */
const RELEASE_RETRY = 100;

/**
 * BullMQ's own worker, as the worker of a topic. BullMQ fetches jobs, renews their locks, stores results and wakes up for new
 * and delayed jobs; the lock of a job is the lease of its message. This class decides which job may start: none during a
 * pause, and one whose process died only when no other runs, so that one that ends its process takes no others with it.
 */
export class ResidentWorker implements StoreWorker {
  readonly #worker: Worker<JobData>;
  readonly #hooks: WorkerHooks;
  readonly #onClose: () => void;
  readonly #settings: WorkerSettings;
  /** Runs by the id of the job, until the result is stored. */
  readonly #runs = new Map<string, JobRun>();
  /** Jobs that are being returned without a start. */
  readonly #returns = new Set<Promise<void>>();
  #limit: number;
  #isPaused = false;
  #isClosed = false;
  /** Whether the next job may have ended its process, and must run alone. */
  #isAlone = false;

  /**
   * @param queue settings of the queue in BullMQ.
   * @param onClose called when the worker is being closed.
   */
  constructor(queue: BullmqQueueSettings, settings: WorkerSettings, hooks: WorkerHooks, onClose: () => void) {
    const { name, connection, ...others } = queue;
    const { concurrency, leaseTime, pollInterval } = settings;
    this.#settings = settings;
    this.#hooks = hooks;
    this.#onClose = onClose;
    this.#limit = concurrency;
    this.#worker = new Worker<JobData>(name, (job, token) => this.#process(job, token as string), {
      ...others,
      connection: withTimeout(connection),
      concurrency,
      lockDuration: Math.ceil(leaseTime),
      lockRenewTime: leaseTime / 3,
      maxStalledCount: NO_LIMIT,
      drainDelay: Math.min(pollInterval, LONGEST_BLOCK) / 1_000,
      runRetryDelay: COMMAND_RETRY,
    });
    this.#worker.on('completed', ({ id }) => this.#onStored(id, undefined));
    this.#worker.on('failed', (job, error) => this.#onStored(job?.id, error));
    this.#worker.on('locksRenewed', ({ jobIds }) => {
      for (const id of jobIds) this.#runs.get(id)?.onRenewed();
    });
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.#runs.get(id)?.lose();
    });
    this.#worker.on('error', (error) => {
      if (!isNotLeased(error) && !error.message.startsWith('could not renew lock')) hooks.fault(error, 'claim');
    });
  }

  get running(): number {
    return [...this.#runs.values()].filter(({ settlement }) => settlement === undefined).length;
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
    if (!this.#isAlone) this.#worker.concurrency = limit;
  }

  pause(): void {
    this.#isPaused = true;
    void this.#worker.pause(true);
  }

  resume(): void {
    this.#isPaused = false;
    if (!this.#isClosed) void this.#worker.resume();
  }

  /** Does nothing: BullMQ wakes up by itself. */
  wake(): void {}

  async close(timeout: number): Promise<void> {
    this.#isClosed = true;
    this.#onClose();
    // BullMQ fetches no more jobs, and waits for those that it has fetched, unless it was paused before.
    const stopped = Promise.all([this.#worker.pause().catch(() => undefined), this.#idle()]);
    await within(stopped, timeout);
    const left = [...this.#runs.values()].filter(({ settlement }) => settlement === undefined);
    const reason = new Error('Queue: the consumer was closed before the operation ended');
    for (const run of left) run.end(reason);
    await within(Promise.all([stopped, ...left.map(({ job, token }) => this.#return(job, token))]), GRACE);
    const closing = this.#worker.close(true).then(
      () => true,
      () => false,
    );
    if ((await within(closing, GRACE)) !== true) this.#worker.disconnect().catch(() => undefined);
  }

  /** Resolves when no operation runs, and every result is stored. */
  async #idle(): Promise<void> {
    while (this.#runs.size + this.#returns.size > 0) {
      await Promise.all([...[...this.#runs.values()].map(({ over }) => over), ...this.#returns]);
    }
  }

  /** Runs a job. BullMQ stores its result, or its error. */
  async #process(job: Job<JobData>, token: string): Promise<null> {
    const message = toMessage(this.#settings.topic, job, 1);
    if (!(await this.#isHeld(job, token))) throw new WaitingError();
    if (!this.#mayStart(message)) {
      await this.#return(job, token);
      throw new WaitingError();
    }
    // Should BullMQ fail to store a result, it would store that failure: then the job is repeated.
    const again = { type: 'fixed', delay: COMMAND_RETRY };
    Object.assign(job.opts, { attempts: NO_LIMIT, stackTraceLimit: 0, backoff: again });
    const id = job.id as string;
    const run = new JobRun(job, token, message, this.#settings.leaseTime, this.#hooks);
    this.#runs.set(id, run);
    void run.over.then(() => this.#runs.delete(id));
    if (this.#isAlone) await this.#othersReturned();
    const settlement = await Promise.race([this.#hooks.run(message, run.signal), run.ended]);
    if (settlement === undefined || run.isOver) throw new WaitingError();
    return this.#settle(run, settlement);
  }

  /**
   * Whether the lock of a fetched job is its own. An answer of Redis may have come so late that the lock has expired; then it
   * is extended, until an answer comes in time.
   */
  async #isHeld(job: Job<JobData>, token: string): Promise<boolean> {
    const { leaseTime } = this.#settings;
    const isLate = (age: number) => !(age >= 0 && age <= leaseTime * LATE_SHARE);
    let age = Date.now() - (job.processedOn ?? 0);
    while (isLate(age)) {
      const sentAt = performance.now();
      try {
        if ((await job.extendLock(token, Math.ceil(leaseTime))) <= 0) return false;
      } catch (error) {
        this.#hooks.fault(error, 'extend');
        return false;
      }
      age = performance.now() - sentAt;
    }
    return true;
  }

  /** Whether the operation of a message may start now. */
  #mayStart({ abandoned }: StoredMessage): boolean {
    if (this.#isClosed || this.#isPaused) return false;
    const isSuspect = abandoned > 0;
    const runsSuspect = [...this.#runs.values()].some(({ message }) => message.abandoned > 0);
    this.#isAlone = isSuspect || runsSuspect || (this.#isAlone && this.#runs.size > 0);
    this.#worker.concurrency = this.#isAlone ? 1 : this.#limit;
    return isSuspect ? this.#runs.size === 0 : !runsSuspect;
  }

  /** Waits for the jobs that BullMQ had fetched. If the next one ends the process, they must not count as abandoned. */
  async #othersReturned(): Promise<void> {
    do {
      await setImmediate();
      await Promise.all(this.#returns);
    } while (this.#returns.size > 0);
  }

  /** Returns a job to the queue without a start. */
  async #return(job: Job<JobData>, token: string): Promise<void> {
    const returned = job.moveToWait(token).then(
      () => undefined,
      (error: unknown) => {
        if (!isNotLeased(error)) this.#hooks.fault(error, 'release');
      },
    );
    this.#returns.add(returned);
    await returned;
    this.#returns.delete(returned);
  }

  #settle(run: JobRun, settlement: Settlement): null | Promise<never> {
    run.settlement = settlement;
    const { opts } = run.job;
    switch (settlement.kind) {
      case 'done':
        return null;
      case 'released':
        return this.#release(run, settlement, settlement.after);
      case 'buried':
        throw withoutStack(new UnrecoverableError(errorText(settlement.error)));
      case 'failed':
        // Without a delay, `lifo` keeps the message at the head of the queue.
        opts.lifo = true;
        opts.backoff = { type: 'fixed', delay: Math.ceil(settlement.after) };
        throw withoutStack(new Error(errorText(settlement.error)));
    }
  }

  /** Returns a message whose operation was not attempted. BullMQ counts no attempt for a job that its processor moves. */
  async #release(run: JobRun, settlement: Settlement, after: number): Promise<never> {
    const { job, token, message } = run;
    while (!run.isOver) {
      try {
        await (after > 0 ? job.moveToDelayed(Date.now() + after, token) : job.moveToWait(token));
        run.finish();
        this.#hooks.settled(message, settlement);
      } catch (error) {
        if (isNotLeased(error)) run.lose();
        else {
          this.#hooks.fault(error, 'released');
          await Promise.race([delay(RELEASE_RETRY), run.over]);
        }
      }
    }
    throw new DelayedError();
  }

  /** @param error error with which BullMQ has stored the job; undefined if it has completed. */
  #onStored(id: string | undefined, error: Error | undefined): void {
    const run = this.#runs.get(id ?? '');
    if (run?.settlement === undefined) return;
    const { message, settlement } = run;
    run.finish();
    if (error === undefined || settlement.kind !== 'done') return this.#hooks.settled(message, settlement);
    this.#hooks.fault(error, 'done');
    this.#hooks.leaseLost(message);
  }
}

/** Removes the stack of an error: BullMQ stores it with the job. */
function withoutStack(error: Error): Error {
  return Object.assign(error, { stack: error.message });
}

/** Settles like `promise`, or resolves with undefined after so many milliseconds. */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  const timer = new AbortController();
  try {
    return await Promise.race([promise, delay(milliseconds, undefined, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}
