import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import { POLICY } from '../../engine/codes.ts';
import { isMisuse } from '../../errors/misuse.ts';
import { isRejection } from '../../errors/rejected-error.ts';
import { RetriesExhaustedError } from '../../errors/retries-exhausted-error.ts';
import { readPredicateResult } from '../../breaker/classification.ts';
import { whenSettled } from '../../run/promises.ts';
import { catchRejection, reportFault } from '../../logging.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import type { OptionsReader } from '../../options/options-reader.ts';
import { randomSeed } from '../../engine/random-seed.ts';
import { createPolicyHandle } from '../policy-handle.ts';
import type { PolicyHandle } from '../policy-handle.ts';
import { Policy, withObservables } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import type { RetryOptions } from './options.ts';
import type { SleepScheduler } from '../../time/sleep-scheduler.ts';
import { RetriedCall } from './retried-call.ts';
import { readRetryAfter } from './retry-after.ts';
import { readBudget } from './retry-budget.ts';
import type { RetryBudget } from './retry-budget.ts';

/** Stats of a retry. */
export interface RetryStats {
  readonly name: string;
  /** All calls: those that succeeded, those that failed, and those in flight. */
  readonly totalCalls: number;
  readonly totalSuccesses: number;
  readonly totalFailures: number;
  readonly inFlight: number;
  /** Attempts after the first of each call. */
  readonly totalRetries: number;
  /** Calls that succeeded after more than one attempt. */
  readonly totalRecovered: number;
  /** Calls that failed after all of their attempts. */
  readonly totalExhausted: number;
  /** Calls that failed because the budget allowed no further attempt. */
  readonly totalOverBudget: number;
  /** Calls of `retryIf` and `retryAfter` that threw or returned a wrong value. */
  readonly predicateErrors: number;
}

/** Retries calls that fail. */
export class Retry extends Policy<never, 'retry'> {
  /** @internal */
  readonly kind = 'retry';
  /** Most attempts of a call, including the first. @internal */
  readonly attempts: number;
  /** @internal */
  readonly collectsErrors: boolean;
  readonly #settings: Settings;
  readonly #counts = {
    totalCalls: 0,
    totalSuccesses: 0,
    totalFailures: 0,
    totalRetries: 0,
    totalRecovered: 0,
    totalExhausted: 0,
    totalOverBudget: 0,
    predicateErrors: 0,
  };

  /** @internal */
  constructor(name: string, settings: Settings) {
    super(name);
    this.attempts = settings.attempts;
    this.collectsErrors = settings.collectsErrors;
    this.#settings = settings;
  }

  /** Returns the current stats. */
  getStats(): RetryStats {
    const { totalCalls, totalSuccesses, totalFailures } = this.#counts;
    return { name: this.name, ...this.#counts, inFlight: totalCalls - totalSuccesses - totalFailures };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#settings.budget?.deposit();
    this.#counts.totalCalls++;
    try {
      return whenSettled(work(outer.forAttempt(1)), this.#onSuccess, (error) => {
        return new RetriedCall(this, work, outer).afterFirstFailure(error);
      });
    } catch (error) {
      // The stack has overflowed, so that nothing can be called here.
      this.#counts.totalCalls--;
      throw error;
    }
  }

  readonly #onSuccess = (value: unknown): unknown => {
    this.#counts.totalSuccesses++;
    return value;
  };

  /** @internal */
  get sleepScheduler(): SleepScheduler {
    return this.#settings.delays.time.sleepScheduler;
  }

  /** @internal */
  onRetry(): void {
    this.#counts.totalRetries++;
  }

  /** @internal */
  onRecovered(): void {
    this.#counts.totalSuccesses++;
    this.#counts.totalRecovered++;
  }

  /** @internal */
  delayAfter(error: unknown, call: RetriedCall): number | undefined {
    const { delays, budget } = this.#settings;
    // retryIf may abort the call.
    if (
      isRejection(error) ||
      isMisuse(error) ||
      call.isAborted ||
      !this.#shouldRetry(error, call.attempt) ||
      call.isAborted
    ) {
      return undefined;
    }
    if (call.attempt >= this.attempts) {
      this.#counts.totalExhausted++;
      call.isExhausted = true;
      return undefined;
    }
    const ownDelay = delays.engine.nextDelay(delays.id, call.attempt, call.delay);
    const delay = Math.max(ownDelay, this.#retryAfter(error));
    if (call.endsBefore(delay, error)) return undefined;
    if (budget?.withdraw() === false) {
      this.#counts.totalOverBudget++;
      return undefined;
    }
    call.delay = ownDelay;
    if (this.listeners === undefined) return delay;
    this.emit('retry', { attempt: call.attempt + 1, delay, error });
    // A listener may abort the call.
    return call.isAborted ? undefined : delay;
  }

  /** @internal */
  errorFor(error: unknown, call: RetriedCall): unknown {
    this.#counts.totalFailures++;
    const { errors, timeoutError } = call;
    if (timeoutError !== undefined) return timeoutError;
    return call.isExhausted && errors !== undefined ? new RetriesExhaustedError(this.name, errors) : error;
  }

  #shouldRetry(error: unknown, attempt: number): boolean {
    const { retryIf } = this.#settings;
    try {
      return readPredicateResult('retryIf', retryIf(error, { policy: this.name, attempt }));
    } catch (predicateError) {
      this.#reportPredicate('retryIf failed, the call is not retried', predicateError);
      return false;
    }
  }

  #retryAfter(error: unknown): number {
    const { retryAfter, maxRetryAfter } = this.#settings;
    try {
      const delay: unknown = retryAfter === false ? undefined : retryAfter(error);
      if (delay === undefined || delay === null) return 0;
      if (typeof delay === 'number' && delay >= 0) return Math.min(delay, maxRetryAfter);
      catchRejection(delay, () => undefined);
      throw new TypeError('retryAfter must return a number of milliseconds, or undefined');
    } catch (predicateError) {
      this.#reportPredicate('retryAfter failed, the delay of the policy applies', predicateError);
      return 0;
    }
  }

  #reportPredicate(message: string, error: unknown): void {
    if (this.#counts.predicateErrors++ === 0) reportFault(undefined, `Policy ${this.name}: ${message}`, error);
  }
}

/**
 * Retries calls that fail, after a delay. A number is the most attempts. Retry only idempotent work. Put the retry around the breaker, so that the
 * breaker admits and counts each attempt, and put a total timeout around the retry.
 *
 * ```ts
 * const rates = pipeline([timeout(10_000), retry({ attempts: 4, budget }), breaker, timeout(2_000)]);
 * ```
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function retry(options: number | RetryOptions = {}): Retry {
  const reader = readPolicyOptions('retry', typeof options === 'number' ? { attempts: options } : options);
  const observables = reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  const settings: Settings = {
    attempts: reader.number('attempts', 1, MAX_ATTEMPTS, `a whole number from 1 to ${MAX_ATTEMPTS}`, true) ?? 3,
    delays: createDelays(reader),
    retryIf: (reader.callable('retryIf') as RetryOptions['retryIf']) ?? isNoAbort,
    retryAfter: readRetryAfterOption(reader),
    maxRetryAfter: reader.milliseconds('maxRetryAfter', 0) ?? 30_000,
    budget: readBudget(reader),
    collectsErrors: reader.oneOf('exhausted', ['last-error', 'all-errors']) === 'all-errors',
  };
  return withObservables(new Retry(reader.finish(), settings), observables);
}

const MAX_ATTEMPTS = 1_000_000;

interface Settings {
  readonly attempts: number;
  readonly delays: PolicyHandle;
  readonly retryIf: NonNullable<RetryOptions['retryIf']>;
  readonly retryAfter: NonNullable<RetryOptions['retryAfter']>;
  readonly maxRetryAfter: number;
  readonly budget: RetryBudget | undefined;
  readonly collectsErrors: boolean;
}

function createDelays(reader: OptionsReader): PolicyHandle {
  const delay = reader.value('delay') ?? {};
  if (typeof delay === 'number') return createPolicyHandle(reader, POLICY.DELAYS, { type: 'constant', delay });
  if (typeof delay === 'object') {
    return createPolicyHandle(reader, POLICY.DELAYS, { seed: randomSeed(), ...delay }, 'delay');
  }
  reader.report('delay', 'type', 'a number of milliseconds, or {type, …}');
  return createPolicyHandle(reader, POLICY.DELAYS, {});
}

function readRetryAfterOption(reader: OptionsReader): NonNullable<RetryOptions['retryAfter']> {
  if (reader.value('retryAfter') === false) return false;
  return (reader.callable('retryAfter') as ((error: unknown) => number | undefined) | undefined) ?? readRetryAfter;
}

/** Default of `retryIf`: a caller that has aborted no longer awaits the call. */
function isNoAbort(error: unknown): boolean {
  return (error as { name?: unknown } | null | undefined)?.name !== 'AbortError';
}
