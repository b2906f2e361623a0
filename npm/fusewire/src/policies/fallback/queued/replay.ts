import { circuitOf } from '../../../breaker/circuit-breaker.ts';
import type { CircuitBreaker } from '../../../breaker/circuit-breaker.ts';
import { defaultClock } from '../../../time/clock.ts';
import { BreakerDisposedError } from '../../../errors/breaker-disposed-error.ts';
import { isRejection } from '../../../errors/rejected-error.ts';
import { asPromise } from '../../../run/promises.ts';
import { sleepScheduler } from '../../../time/sleep-scheduler.ts';
import type { SleepTimer } from '../../../time/sleep-scheduler.ts';
import { reasonOf } from '../fallback-context.ts';
import type { Lease, Queue } from './queue.ts';

/** Second argument of an operation that is replayed. */
export interface ReplayContext {
  /** Idempotency key. An operation that succeeded before under the same key must have no further effect. */
  readonly key: string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Signal that aborts when the call times out, or when the lease of the message is lost. */
  readonly signal: AbortSignal;
}

/** Result of a replay. */
export interface ReplayReport {
  /** Operations that succeeded. */
  readonly completed: number;
  /** Attempts that failed. */
  readonly failed: number;
  /** Operations that became dead letters. */
  readonly buried: number;
  /** Whether the replay ended before the queue was empty: the circuit opened, or the queue was closed. */
  readonly stopped: boolean;
}

/** Settings of a replay. */
export interface ReplaySettings {
  readonly queue: Queue;
  readonly operation: (payload: never, context: ReplayContext) => unknown;
  readonly breaker: CircuitBreaker | undefined;
  readonly concurrency: number;
  readonly maxAttempts: number;
  readonly retryDelay: number;
  readonly visibility: number;
}

/** Runs the operations in a queue, in order, until it is empty or the circuit opens. */
export class Replay {
  readonly #settings: ReplaySettings;
  readonly #running = new Set<Promise<void>>();
  #completed = 0;
  #failed = 0;
  #buried = 0;
  #stopped = false;
  #queueError: { readonly error: unknown } | undefined;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #failuresInRow = 0;
  /** Successes of the dependency at the last failure. */
  #successes = 0;
  #endPause: (() => void) | undefined;

  /** @param delay milliseconds until the first operation. */
  constructor(settings: ReplaySettings, delay: number) {
    this.#settings = settings;
    this.#pauseFor(delay);
  }

  /** Starts no further operation. */
  stop(): void {
    this.#stopped = true;
    this.#endPause?.();
  }

  /** Runs the replay. Rejects if the queue does. */
  async run(): Promise<ReplayReport> {
    try {
      while (await this.#next());
    } finally {
      await Promise.all(this.#running);
    }
    if (this.#queueError !== undefined) throw this.#queueError.error;
    return { completed: this.#completed, failed: this.#failed, buried: this.#buried, stopped: this.#stopped };
  }

  /** Starts the next operation, after a wait if necessary. Returns whether there may be more operations. */
  async #next(): Promise<boolean> {
    const { queue, visibility, concurrency } = this.#settings;
    if (this.#running.size >= concurrency) await Promise.race(this.#running);
    await this.#pause();
    if (this.#stopped) return false;
    const lease = await queue.claim(visibility);
    if (lease !== undefined) this.#begin(lease);
    // An operation that is running may fail, and has to be repeated then.
    else if (this.#running.size > 0) await Promise.race(this.#running);
    else return false;
    return true;
  }

  #begin(lease: Lease): void {
    const running = this.#attempt(lease).catch((error: unknown) => {
      this.#queueError ??= { error };
      this.stop();
    });
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  async #attempt(lease: Lease): Promise<void> {
    const { queue, maxAttempts } = this.#settings;
    if (this.#stopped) return void (await queue.release(lease));
    if (lease.attempt > maxAttempts) return this.#bury(lease, lease.lastError ?? NO_ERROR);
    try {
      await this.#operate(lease);
    } catch (error) {
      return this.#onFailure(lease, error);
    }
    this.#completed++;
    await queue.complete(lease);
  }

  /** Runs the operation, and extends the lease of its message meanwhile. */
  async #operate({ payload, key, attempt, ...rest }: Lease): Promise<void> {
    const { queue, operation, breaker, visibility } = this.#settings;
    const lease = { payload, key, attempt, ...rest };
    const controller = new AbortController();
    const onLost = (reason: unknown) => controller.abort(reason);
    const extend = () => {
      const expired = new Error(`Queue: the lease of message ${lease.id} expired before its operation ended`);
      queue.extend(lease, visibility).then((held) => held || onLost(expired), onLost);
    };
    const heartbeat = setInterval(extend, visibility / 2);
    const run = ({ signal }: { readonly signal: AbortSignal }) => operation(payload as never, { key, attempt, signal });
    try {
      if (breaker === undefined) await asPromise(run(controller), 'queued');
      else await circuitOf(breaker).executeReplay(run, controller);
    } finally {
      clearInterval(heartbeat);
    }
  }

  /**
   * Returns the message to the queue. A rejection without an attempt does not count; other failures do, up to
   * `maxAttempts`.
   */
  async #onFailure(lease: Lease, error: unknown): Promise<void> {
    const { queue, maxAttempts } = this.#settings;
    const isDisposed = error instanceof BreakerDisposedError;
    if (isDisposed || reasonOf(error) === 'open') this.stop();
    else this.#pauseAfterFailure();
    if (isDisposed || isRejection(error)) return void (await queue.release(lease));
    this.#failed++;
    if (lease.attempt >= maxAttempts) await this.#bury(lease, error);
    else await queue.fail(lease, error);
  }

  async #bury(lease: Lease, error: unknown): Promise<void> {
    if (await this.#settings.queue.bury(lease, error)) this.#buried++;
  }

  /**
   * Delays the next operation by `retryDelay`, and twice as long with each failure in a row: a dependency that is down fails
   * every message. A success of the breaker's live calls ends the row, because then the message is at fault.
   */
  #pauseAfterFailure(): void {
    // Operations that run at the same time fail together.
    if (this.#pausedUntil > defaultClock()) return;
    const { breaker, retryDelay } = this.#settings;
    const successes = this.#completed + (breaker?.disposed === false ? breaker.getStats().totalSuccesses : 0);
    this.#failuresInRow = successes === this.#successes ? this.#failuresInRow + 1 : 1;
    this.#successes = successes;
    this.#pauseFor(Math.min(retryDelay * 2 ** (this.#failuresInRow - 1), Math.max(retryDelay, LONGEST_PAUSE)));
  }

  /** Delays the next operation. */
  #pauseFor(delay: number): void {
    if (delay > 0) this.#pausedUntil = defaultClock() + delay;
  }

  async #pause(): Promise<void> {
    const delay = this.#pausedUntil - defaultClock();
    if (delay <= 0 || this.#stopped) return;
    await new Promise<void>((resolve) => {
      const endPause = () => {
        // It may run more than once: stop() can call it as the timer expires.
        if (this.#endPause !== endPause) return;
        this.#endPause = undefined;
        sleepScheduler.remove(sleeper);
        resolve();
      };
      const sleeper: SleepTimer = { deadline: 0, heapIndex: 0, expire: endPause };
      this.#endPause = endPause;
      sleepScheduler.add(sleeper, delay);
    });
  }
}

/** Longest pause after failures in a row, unless `retryDelay` is longer, in milliseconds. */
const LONGEST_PAUSE = 300_000;

const NO_ERROR = 'no attempt reported an error: its process ended, or its lease expired';
