import { defaultClock } from '../../time/clock.ts';
import { deadlinesOf } from '../../time/deadlines.ts';
import type { Deadline, Deadlines } from '../../time/deadlines.ts';
import { CallTimeoutError, createError } from '../../errors.ts';
import { countUntilSettled } from '../../run/slot-holder.ts';
import type { SlotHolder } from '../../run/slot-holder.ts';
import { AbortableRun } from '../../run/abortable-run.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { Policy } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';

/** How long calls may take. */
export interface TimeoutOptions {
  /** Names the policy in errors and stats. Default `'timeout'`. */
  readonly name?: string | undefined;
  /** Milliseconds: 1 to 2 147 483 647. */
  readonly timeout: number;
  /**
   * `'aggressive'`: the caller is told when the time is over, whatever the work does. `'cooperative'`: the work is told by
   * its signal, and the caller when the work ends; a value that it gives all the same counts. A breaker, a retry or another
   * layer between the two ends at once. Default `'aggressive'`.
   */
  readonly strategy?: 'aggressive' | 'cooperative' | undefined;
}

/** What a timeout has seen. */
export interface TimeoutStats {
  readonly name: string;
  /** Calls ever made. */
  readonly totalCalls: number;
  /** Calls that took too long. */
  readonly totalTimeouts: number;
  /** Pieces of work that have not ended yet although their call has taken too long. */
  readonly overrunning: number;
}

/** Ends calls that take too long. */
export class Timeout extends Policy {
  /** @internal */
  readonly kind = 'timeout';
  /** Milliseconds. */
  readonly timeout: number;
  /** @internal */
  readonly cooperative: boolean;
  /** @internal */
  totalTimeouts = 0;
  /** @internal */
  overrunning = 0;
  #totalCalls = 0;
  readonly #deadlines: Deadlines;

  /** @internal */
  constructor(name: string, timeout: number, cooperative: boolean) {
    super(name);
    this.timeout = timeout;
    this.cooperative = cooperative;
    this.#deadlines = deadlinesOf(timeout);
  }

  /** Everything that is counted, as of now. */
  getStats(): TimeoutStats {
    const { name, totalTimeouts, overrunning } = this;
    return { name, totalCalls: this.#totalCalls, totalTimeouts, overrunning };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#totalCalls++;
    const timed = new TimedRun(this, outer.createChild(), this.#deadlines);
    if (outer.abortSource !== undefined) timed.abortWith(outer.abortSource);
    return timed.settleWith(work(timed.context));
  }
}

/**
 * Ends calls that take longer than so many milliseconds with a {@link CallTimeoutError}; the context's signal tells the
 * work. Around a retry it limits all attempts together, within one it limits each.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function timeout(options: number | TimeoutOptions): Timeout {
  const given = typeof options === 'number' ? { timeout: options } : options;
  const reader = readPolicyOptions('timeout', given);
  const milliseconds = reader.milliseconds('timeout') as number;
  const strategy = reader.oneOf('strategy', ['aggressive', 'cooperative']);
  return new Timeout(reader.finish('timeout'), milliseconds, strategy === 'cooperative');
}

/** One call under a timeout. */
class TimedRun extends AbortableRun implements Deadline, SlotHolder {
  deadline = 0;
  previous: Deadline | undefined;
  next: Deadline | undefined;
  readonly #policy: Timeout;
  #deadlines: Deadlines | undefined;
  #expiry: CallTimeoutError | undefined;

  constructor(policy: Timeout, context: LayerContext, deadlines: Deadlines) {
    super(context);
    this.#policy = policy;
    this.#deadlines = deadlines;
    deadlines.add(this, defaultClock());
  }

  expire(): void {
    const { timeout, name, cooperative } = this.#policy;
    this.#expiry = createError(false, CallTimeoutError, name, timeout, 'Policy');
    this.#policy.totalTimeouts++;
    this.#leaveDeadlines();
    if (cooperative) this.context.abort(this.#expiry, this);
    else this.abort(this.#expiry, this);
  }

  hold(work: Promise<unknown>): void {
    countUntilSettled(this.#policy, work);
  }

  protected override detach(): void {
    super.detach();
    this.#leaveDeadlines();
  }

  /** Work that was told of the timeout rejects because of it. */
  protected override rejectionFor(error: unknown): unknown {
    return this.#expiry ?? error;
  }

  #leaveDeadlines(): void {
    this.#deadlines?.remove(this);
    this.#deadlines = undefined;
  }
}
