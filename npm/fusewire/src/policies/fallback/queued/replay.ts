import type { CircuitBreaker } from '../../../breaker/circuit-breaker.ts';
import { defaultClock } from '../../../time/clock.ts';
import { isBreakerDisposedError, isRejection } from '../../../errors.ts';
import { sleepScheduler } from '../../../time/sleep-scheduler.ts';
import type { SleepTimer } from '../../../time/sleep-scheduler.ts';
import { reasonOf } from '../context.ts';
import type { Lease, Queue } from './queue.ts';

/** What an operation is told when it is done at last. */
export interface ReplayContext {
  /** The idempotency key: an operation that was done before under the same key must not be done again. */
  readonly key: string;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** Aborts when the call times out, or when the message is no longer ours. */
  readonly signal: AbortSignal;
}

/** What a replay came to. */
export interface ReplayReport {
  /** Operations that were done. */
  readonly completed: number;
  /** Attempts that failed. */
  readonly failed: number;
  /** Operations that were given up, and are dead letters now. */
  readonly buried: number;
  /** Whether it ended before the queue was empty: the circuit opened, or it was told to. */
  readonly stopped: boolean;
}

/** How operations are done at last. */
export interface ReplaySettings {
  readonly queue: Queue;
  readonly operation: (payload: never, context: ReplayContext) => unknown;
  readonly breaker: CircuitBreaker | undefined;
  readonly concurrency: number;
  readonly maxAttempts: number;
  readonly retryDelay: number;
  readonly visibility: number;
}

/** Does what is in a queue, in order, until it is empty or the circuit opens. */
export class Replay {
  readonly #settings: ReplaySettings;
  readonly #running = new Set<Promise<void>>();
  #completed = 0;
  #failed = 0;
  #buried = 0;
  #stopped = false;
  #fault: { readonly error: unknown } | undefined;
  #restUntil = Number.NEGATIVE_INFINITY;
  #wake: (() => void) | undefined;

  /** @param delay milliseconds until it begins. */
  constructor(settings: ReplaySettings, delay: number) {
    this.#settings = settings;
    this.#rest(delay);
  }

  /** Begins no further operation. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Rejects where the queue does. */
  async run(): Promise<ReplayReport> {
    try {
      while (await this.#next());
    } finally {
      await Promise.all(this.#running);
    }
    if (this.#fault !== undefined) throw this.#fault.error;
    return { completed: this.#completed, failed: this.#failed, buried: this.#buried, stopped: this.#stopped };
  }

  /** Begins one more operation, or waits until one may begin; whether there may be more to do. */
  async #next(): Promise<boolean> {
    const { queue, visibility, concurrency } = this.#settings;
    if (this.#running.size >= concurrency) await Promise.race(this.#running);
    await this.#resting();
    if (this.#stopped) return false;
    const lease = await queue.claim(visibility);
    if (lease !== undefined) this.#begin(lease);
    // One that is under way may yet fail, and is then to be done again.
    else if (this.#running.size > 0) await Promise.race(this.#running);
    else return false;
    return true;
  }

  #begin(lease: Lease): void {
    const running = this.#attempt(lease).catch((error: unknown) => {
      this.#fault ??= { error };
      this.stop();
    });
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  async #attempt(lease: Lease): Promise<void> {
    const { queue, maxAttempts } = this.#settings;
    if (this.#stopped) return void (await queue.release(lease));
    if (lease.attempt > maxAttempts) return this.#bury(lease, lease.lastError ?? NOT_TOLD);
    try {
      await this.#operate(lease);
    } catch (error) {
      return this.#onFailure(lease, error);
    }
    this.#completed++;
    await queue.complete(lease);
  }

  /** Runs the operation, and holds on to the message as long as it runs. */
  async #operate({ payload, key, attempt, ...rest }: Lease): Promise<void> {
    const { queue, operation, breaker, visibility } = this.#settings;
    const lease = { payload, key, attempt, ...rest };
    const controller = new AbortController();
    const lost = (reason: unknown) => controller.abort(reason);
    const extend = () => {
      const gone = new Error(`Queue: the lease of message ${lease.id} was over before its operation`);
      queue.extend(lease, visibility).then((held) => held || lost(gone), lost);
    };
    const heartbeat = setInterval(extend, visibility / 2);
    const run = ({ signal }: { readonly signal: AbortSignal }) => operation(payload as never, { key, attempt, signal });
    try {
      if (breaker === undefined) await run(controller);
      else await breaker.execute(run, controller);
    } finally {
      clearInterval(heartbeat);
    }
  }

  /** What was not even attempted does not count; what was is tried again where it stands, until it is given up. */
  async #onFailure(lease: Lease, error: unknown): Promise<void> {
    const { queue, maxAttempts, retryDelay } = this.#settings;
    if (reasonOf(error) === 'open' || isBreakerDisposedError(error)) this.stop();
    else this.#rest(retryDelay);
    if (isRejection(error)) return void (await queue.release(lease));
    this.#failed++;
    if (lease.attempt >= maxAttempts) await this.#bury(lease, error);
    else await queue.fail(lease, error);
  }

  async #bury(lease: Lease, error: unknown): Promise<void> {
    if (await this.#settings.queue.bury(lease, error)) this.#buried++;
  }

  /** Has the next operation begin after so long at the earliest. */
  #rest(delay: number): void {
    if (delay > 0) this.#restUntil = defaultClock() + delay;
  }

  async #resting(): Promise<void> {
    const delay = this.#restUntil - defaultClock();
    if (delay <= 0 || this.#stopped) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        // It may be told to stop as it wakes, and more than once.
        if (this.#wake !== wake) return;
        this.#wake = undefined;
        sleepScheduler.remove(sleeper);
        resolve();
      };
      const sleeper: SleepTimer = { deadline: 0, heapIndex: 0, expire: wake };
      this.#wake = wake;
      sleepScheduler.add(sleeper, delay);
    });
  }
}

const NOT_TOLD = 'every attempt ended without a word: the process, or its lease';
