import { defaultClock } from '../../time/clock.ts';
import { POLICY } from '../../engine/codes.ts';
import { createError, RateLimitError } from '../../errors.ts';
import { rejectedPromise } from '../../run/promises.ts';
import { sleepScheduler } from '../../time/sleep-scheduler.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { partOf } from '../policy-handle.ts';
import type { Part } from '../policy-handle.ts';
import { Policy } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import { WaitingCall } from '../../run/waiting-call.ts';

/** How many calls may be made in a time. */
export interface RateLimitOptions {
  /** Names the policy in errors and stats. Default `'rateLimit'`. */
  readonly name?: string | undefined;
  /** How many calls may be made in an interval: a whole number from 1. Required. */
  readonly limit: number;
  /** Milliseconds. Default 1 000. */
  readonly interval?: number | undefined;
  /** How many calls may be made at once after a rest: a whole number from 1. Default: as many as `limit`. */
  readonly burst?: number | undefined;
  /**
   * How long a call may wait for its turn, in milliseconds: 0 to 2 147 483 647. One that would have to wait longer, counting
   * those who wait before it, is rejected at once. Default 0.
   */
  readonly maxWait?: number | undefined;
}

/** What a rate limit has seen. */
export interface RateLimitStats {
  readonly name: string;
  /** Calls that wait for their turn. */
  readonly waiting: number;
  /** Calls ever made: those admitted, those rejected, those aborted while they waited, and those waiting. */
  readonly totalCalls: number;
  readonly totalAdmitted: number;
  readonly totalRejected: number;
  readonly totalAborted: number;
}

/** Lets only so many calls be made in a time. */
export class RateLimit extends Policy {
  /** @internal */
  readonly kind = 'rate';
  /** @internal */
  deadline = 0;
  /** @internal */
  heapIndex = 0;
  readonly #part: Part;
  readonly #maxWait: number;
  /** In the order in which they came. While there are any, this policy sleeps until it is the turn of the first. */
  readonly #waiting = new Set<WaitingCall>();
  #isAsleep = false;
  readonly #counted = { totalCalls: 0, totalAdmitted: 0, totalRejected: 0, totalAborted: 0 };

  /** @internal */
  constructor(name: string, part: Part, maxWait: number) {
    super(name);
    this.#part = part;
    this.#maxWait = maxWait;
  }

  /** Everything that is counted, as of now. */
  getStats(): RateLimitStats {
    return { name: this.name, waiting: this.#waiting.size, ...this.#counted };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#counted.totalCalls++;
    const before = this.#waiting.size;
    const wait = before === 0 ? this.#take() : this.#waitBehind(before);
    if (before === 0 && wait === 0) return this.#start(work, outer);
    if (wait > this.#maxWait) {
      this.#counted.totalRejected++;
      return rejectedPromise(createError(false, RateLimitError, this.name, wait));
    }
    const waiting = new WaitingCall(this, undefined, work, outer, NO_TICKET);
    this.#waiting.add(waiting);
    if (before === 0) this.#sleep(wait);
    return waiting.promise;
  }

  /** It is somebody's turn. @internal */
  expire(): void {
    this.#wake();
    const wait = this.#startNext();
    if (this.#waiting.size > 0) this.#sleep(wait);
  }

  /** @internal */
  aborted(waiting: WaitingCall): void {
    this.#counted.totalAborted++;
    this.#leave(waiting);
  }

  /** @internal */
  look(): void {
    if (this.#waiting.size > 0) this.#startNext();
  }

  /** Starts all whose turn it is. Returns how long the next has to wait. */
  #startNext(): number {
    for (const waiting of this.#waiting) {
      const wait = this.#take();
      if (wait > 0) return wait;
      this.#leave(waiting);
      waiting.finishWith(() => this.#start(waiting.work, waiting.outer));
    }
    return 0;
  }

  #start(work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#counted.totalAdmitted++;
    return work(outer);
  }

  #take(): number {
    return this.#part.engine.take(this.#part.handle, 1, defaultClock());
  }

  /** How long until it is the turn of one who comes behind so many. */
  #waitBehind(before: number): number {
    return this.#part.engine.tokenWait(this.#part.handle, before + 1, defaultClock());
  }

  #leave(waiting: WaitingCall): void {
    this.#waiting.delete(waiting);
    if (this.#waiting.size === 0) this.#wake();
  }

  #sleep(wait: number): void {
    if (this.#isAsleep) return;
    this.#isAsleep = true;
    sleepScheduler.add(this, wait);
  }

  #wake(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    sleepScheduler.remove(this);
  }
}

/**
 * Lets only so many calls be made in a time, evenly: a token bucket that holds `burst` tokens, of which `limit` come in an
 * `interval` and each call takes one. A call that comes too soon waits for its turn, in order, or is rejected with a
 * {@link RateLimitError}. Put it right outside of the breaker, which does not count its rejections in any case.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function rateLimit(options: RateLimitOptions): RateLimit {
  const reader = readPolicyOptions('rateLimit', options);
  const maxWait = reader.milliseconds('maxWait', 0) ?? 0;
  const part = partOf(reader, POLICY.RATE);
  return new RateLimit(reader.finish(), part, maxWait);
}

/** Who waits here needs none: it is the order that counts. */
const NO_TICKET = 0;
