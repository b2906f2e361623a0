import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import type { ObservableOptions } from '../../run/observables.ts';
import type { Clock, ClockOptions } from '../../time/clock.ts';
import type { Deadlines } from '../../time/deadlines.ts';
import { CallTimeoutError } from '../../errors/call-timeout-error.ts';
import { createError } from '../../errors/stacks.ts';
import { applyCallSite, captureCallSite } from '../../run/call-site.ts';
import type { LayerContext, TimeLimit } from '../../run/layer-context.ts';
import { captureScope } from '../../run/async-scope.ts';
import { LimitedRun } from '../../run/limited-run.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { Policy, withObservables } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';

/** Options of {@link timeout}. */
export interface TimeoutOptions extends ObservableOptions, ClockOptions {
  /** Name of the policy in errors and stats. Default `'timeout'`. */
  readonly name?: string | undefined;
  /** Limit for the duration of a call, in milliseconds: 1 to 2 147 483 647. */
  readonly timeout: number;
  /**
   * `'aggressive'`: the call rejects when the time is over, whatever the work does. `'cooperative'`: the signal of the
   * work aborts, and the call settles when the work does; if the work still succeeds, its value is returned. A breaker,
   * retry or other layer between the timeout and the work ends at once in both. Default `'aggressive'`.
   */
  readonly strategy?: 'aggressive' | 'cooperative' | undefined;
  /** Whether a {@link CallTimeoutError} has the stack of the call. Default false, because each call is then captured. */
  readonly rejectionStack?: boolean | undefined;
}

/** Stats of a timeout. */
export interface TimeoutStats {
  readonly name: string;
  readonly totalCalls: number;
  /** Calls that exceeded the timeout, or whose next attempt could only begin after it. */
  readonly totalTimeouts: number;
  /** Calls that have timed out and whose work still runs. */
  readonly overrunning: number;
}

/** Ends calls that take too long. */
export class Timeout extends Policy<never, 'timeout'> {
  /** @internal */
  readonly kind = 'timeout';
  /** Limit for the duration of a call, in milliseconds. */
  readonly timeout: number;
  /** @internal */
  readonly cooperative: boolean;
  /** @internal */
  readonly rejectionStack: boolean;
  /** @internal */
  totalTimeouts = 0;
  /** @internal */
  overrunning = 0;
  #totalCalls = 0;
  readonly #deadlines: Deadlines;

  /** @internal */
  constructor(name: string, deadlines: Deadlines, cooperative: boolean, rejectionStack: boolean) {
    super(name);
    this.timeout = deadlines.duration;
    this.cooperative = cooperative;
    this.rejectionStack = rejectionStack;
    this.#deadlines = deadlines;
  }

  /** @internal */
  get clock(): Clock {
    return this.#deadlines.clock;
  }

  /** Returns the current stats. */
  getStats(): TimeoutStats {
    const { name, totalTimeouts, overrunning } = this;
    return { name, totalCalls: this.#totalCalls, totalTimeouts, overrunning };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#totalCalls++;
    return new TimedCall(this, outer).start(work, outer, this.#deadlines);
  }
}

/**
 * Ends calls that take longer than a number of milliseconds with a {@link CallTimeoutError}, and aborts the signal of
 * their work. Around a retry it limits all attempts together; inside a retry it limits each attempt.
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function timeout(options: number | TimeoutOptions): Timeout {
  const reader = readPolicyOptions('timeout', typeof options === 'number' ? { timeout: options } : options);
  const observables = reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  const milliseconds = reader.milliseconds('timeout') as number;
  const rejectionStack = reader.boolean('rejectionStack') ?? false;
  const time = reader.time();
  const strategy = reader.oneOf('strategy', ['aggressive', 'cooperative']);
  const name = reader.finish('timeout');
  const deadlines = time.deadlinesOf(milliseconds);
  return withObservables(new Timeout(name, deadlines, strategy === 'cooperative', rejectionStack), observables);
}

/** One call under a timeout. */
class TimedCall extends LimitedRun implements TimeLimit {
  readonly #policy: Timeout;
  readonly #context: LayerContext;
  #timeoutError: CallTimeoutError | undefined;

  constructor(policy: Timeout, outer: LayerContext) {
    super();
    this.#policy = policy;
    this.parent = outer.run;
    this.#context = outer.createChild(this);
    if (policy.rejectionStack) captureCallSite(this.#context);
  }

  start(work: LayerWork, outer: LayerContext, deadlines: Deadlines): Promise<unknown> {
    const promise = this.createPromise();
    try {
      this.#begin(work, outer, deadlines);
    } catch (error) {
      // The stack has overflowed, so that nothing can be called here.
      this.isOpen = false;
      throw error;
    }
    return promise;
  }

  #begin(work: LayerWork, outer: LayerContext, deadlines: Deadlines): void {
    const context = this.#context;
    this.startDeadline(deadlines);
    context.limitBy(this, deadlines.duration);
    if (this.#policy.listeners !== undefined) this.scope = captureScope();
    this.listenTo(outer.abortSource);
    if (this.isOpen) void this.startWork(work, context);
  }

  get clock(): Clock {
    return this.#policy.clock;
  }

  errorBeforeAttempt(delay: number, lastError: unknown): CallTimeoutError {
    this.#policy.totalTimeouts++;
    const error = this.#createError(lastError, delay);
    if (this.#policy.listeners !== undefined) this.#policy.emit('timeout', { error });
    return error;
  }

  protected override timedOut(): void {
    const { cooperative } = this.#policy;
    const error = this.#createError(this.#context.timeoutCause());
    this.#timeoutError = error;
    this.#policy.totalTimeouts++;
    this.#policy.overrunning++;
    if (cooperative) this.abortInside(error);
    else this.end(error);
    if (this.#policy.listeners !== undefined) this.#policy.emit('timeout', { error });
  }

  #createError(cause: unknown, delay?: number): CallTimeoutError {
    const { timeout, name } = this.#policy;
    const error = createError(false, CallTimeoutError, name, timeout, 'Policy', { delay, cause });
    applyCallSite(error, this.#context);
    return error;
  }

  override endAttemptLimit(): boolean {
    const limitsAttempt = super.endAttemptLimit();
    if (limitsAttempt) this.stopDeadline();
    return limitsAttempt;
  }

  override timeoutCause(): unknown {
    return this.#context.timeoutCause();
  }

  protected override abortInside(reason: unknown): void {
    this.#context.abort(reason);
  }

  /** Rejects with the timeout error if the call has timed out: the work rejects because its signal aborted. */
  protected override failed(error: unknown): unknown {
    return this.reject(this.#timeoutError ?? error);
  }

  protected override idle(): void {
    if (this.#timeoutError !== undefined) this.#policy.overrunning--;
  }
}
