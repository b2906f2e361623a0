import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import type { ObservableOptions } from '../../run/observables.ts';
import type { ClockOptions } from '../../time/clock.ts';
import { POLICY } from '../../engine/codes.ts';
import { createError } from '../../errors/stacks.ts';
import { RateLimitedError } from '../../errors/rate-limited-error.ts';
import { rejectedPromise } from '../../run/promises.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { createPolicyHandle } from '../policy-handle.ts';
import type { PolicyHandle } from '../policy-handle.ts';
import { Policy, withObservables } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import { WaitingRun } from '../../run/waiting-run.ts';

/** Options of {@link rateLimit}. */
export interface RateLimitOptions extends ObservableOptions, ClockOptions {
  /** Name of the policy in errors and stats. Default `'rateLimit'`. */
  readonly name?: string | undefined;
  /** Number of calls that may start `per` so many milliseconds: a whole number from 1. Required. */
  readonly limit: number;
  /** Time in which `limit` calls may start, in milliseconds. Default 1 000. */
  readonly per?: number | undefined;
  /** Capacity of the token bucket: calls that may start at once after a pause. A whole number from 1. Default: `limit`. */
  readonly burst?: number | undefined;
  /**
   * Longest wait of a call, in milliseconds: 0 to 2 147 483 647. A call that would have to wait longer, behind those
   * waiting already, rejects at once. Default 0.
   */
  readonly maxWait?: number | undefined;
}

/** Stats of a rate limit. */
export interface RateLimitStats {
  readonly name: string;
  /** Calls that wait for a token. */
  readonly waiting: number;
  /** All calls: those admitted, those rejected, those aborted while they waited, and those waiting. */
  readonly totalCalls: number;
  readonly totalAdmitted: number;
  readonly totalRejected: number;
  readonly totalAborted: number;
}

/** Limits how many calls start in a span of time. */
export class RateLimit extends Policy<never, 'enqueue' | 'reject'> {
  /** @internal */
  readonly kind = 'rateLimit';
  /** @internal */
  deadline = 0;
  /** @internal */
  heapIndex = 0;
  readonly #handle: PolicyHandle;
  readonly #maxWait: number;
  /** Waiting calls in the order of arrival. The policy sleeps until there is a token for the first of them. */
  readonly #waiting = new Set<WaitingRun<undefined>>();
  #isAsleep = false;
  readonly #counts = { totalCalls: 0, totalAdmitted: 0, totalRejected: 0, totalAborted: 0 };

  /** @internal */
  constructor(name: string, handle: PolicyHandle, maxWait: number) {
    super(name);
    this.#handle = handle;
    this.#maxWait = maxWait;
  }

  /** Returns the current stats. */
  getStats(): RateLimitStats {
    return { name: this.name, waiting: this.#waiting.size, ...this.#counts };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#counts.totalCalls++;
    const waitingBefore = this.#waiting.size;
    const wait = waitingBefore === 0 ? this.#takeToken() : this.#waitBehind(waitingBefore);
    if (waitingBefore === 0 && wait === 0) return this.start(undefined, work, outer);
    if (wait > this.#maxWait || outer.endsWithin(wait)) {
      this.#counts.totalRejected++;
      const error = createError(false, RateLimitedError, this.name, wait, waitingBefore);
      if (this.listeners !== undefined) this.emit('reject', { error });
      return rejectedPromise(error);
    }
    const waiting = new WaitingRun<undefined>(this, work, outer, NO_TICKET);
    this.#waiting.add(waiting);
    if (waitingBefore === 0) this.#sleep(wait);
    if (this.listeners !== undefined) this.emit('enqueue', { waiting: this.#waiting.size });
    return waiting.wait();
  }

  /** Called when there is a token for the first waiting call. @internal */
  expire(): void {
    this.#wake();
    const wait = this.#startWaiting();
    if (this.#waiting.size > 0) this.#sleep(wait);
  }

  /** @internal */
  leave(waiting: WaitingRun<undefined>): void {
    this.#counts.totalAborted++;
    this.#leaveQueue(waiting);
  }

  /** Counts a call that does not start although it has taken its token. @internal */
  takeBack(): void {
    this.#counts.totalAborted++;
  }

  /** @internal */
  recheck(): void {
    if (this.#waiting.size > 0) this.#startWaiting();
  }

  /** Starts the waiting calls for which there are tokens. Returns how long the next one has to wait, in milliseconds. */
  #startWaiting(): number {
    for (const waiting of this.#waiting) {
      const wait = this.#takeToken();
      if (wait > 0) return wait;
      this.#leaveQueue(waiting);
      waiting.grant(undefined);
    }
    return 0;
  }

  /** Starts a call that has taken its token. @internal */
  start(_token: undefined, work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#counts.totalAdmitted++;
    return work(outer);
  }

  /** Takes a token and returns 0, or returns how long there will be none, in milliseconds. */
  #takeToken(): number {
    return this.#handle.engine.take(this.#handle.id, 1, this.#handle.now());
  }

  /** Returns how long a call waits for a token behind a number of other calls, in milliseconds. */
  #waitBehind(others: number): number {
    return this.#handle.engine.tokenWait(this.#handle.id, others + 1, this.#handle.now());
  }

  #leaveQueue(waiting: WaitingRun<undefined>): void {
    this.#waiting.delete(waiting);
    if (this.#waiting.size === 0) this.#wake();
  }

  #sleep(duration: number): void {
    if (this.#isAsleep) return;
    this.#isAsleep = true;
    this.#handle.time.sleepScheduler.add(this, duration);
  }

  #wake(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    this.#handle.time.sleepScheduler.remove(this);
  }
}

/**
 * Limits how many calls start in a span of time, by a token bucket: it holds at most `burst` tokens, receives `limit`
 * tokens `per` so many milliseconds, and each call takes one. Without a token a call waits in order of arrival, or rejects with a
 * {@link RateLimitedError}. Put it directly around the breaker, which does not count its rejections.
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function rateLimit(options: RateLimitOptions): RateLimit {
  const reader = readPolicyOptions('rateLimit', options);
  const observables = reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  const maxWait = reader.milliseconds('maxWait', 0) ?? 0;
  const handle = createPolicyHandle(reader, POLICY.RATE);
  return withObservables(new RateLimit(reader.finish(), handle, maxWait), observables);
}

/** Ticket of waiting calls, which the order of the queue makes unnecessary here. */
const NO_TICKET = 0;
