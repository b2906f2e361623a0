import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import { POLICY } from '../../engine/codes.ts';
import { isRetriable } from '../../classification/classification.ts';
import type { Classification } from '../../classification/classification.ts';
import { isOutcomeUnknown } from '../../classification/unknown-outcome.ts';
import { readClassifier } from '../../classification/classifier.ts';
import type { Classifier } from '../../classification/classifier.ts';
import { readPredicateResult } from '../../classification/predicates.ts';
import { isRejection } from '../../errors/rejected-error.ts';
import { RetriesExhaustedError } from '../../errors/retries-exhausted-error.ts';
import { callWatch } from '../../run/call-watch.ts';
import { whenSettled } from '../../run/promises.ts';
import { catchRejection } from '../../logging.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import type { OptionsReader } from '../../options/options-reader.ts';
import { randomSeed } from '../../engine/random-seed.ts';
import { LONGEST_TIMER } from '../../time/timer.ts';
import { createPolicyHandle } from '../policy-handle.ts';
import type { PolicyHandle } from '../policy-handle.ts';
import { PolicyClassifier } from '../policy-classifier.ts';
import { Policy, withObservables } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import type { RetryOptions } from './options.ts';
import type { SleepScheduler } from '../../time/sleep-scheduler.ts';
import { RetriedCall } from './retried-call.ts';
import type { AttemptOutcome } from './retried-call.ts';
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
  /** Calls that were not repeated, because their work may have happened and is not idempotent. */
  readonly totalUnknownOutcomes: number;
  /** Calls of `classify`, `retryIf` and `retryAfter` that threw or returned a wrong value. */
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
  readonly #classifier: PolicyClassifier;
  readonly #counts = {
    totalCalls: 0,
    totalSuccesses: 0,
    totalFailures: 0,
    totalRetries: 0,
    totalRecovered: 0,
    totalExhausted: 0,
    totalOverBudget: 0,
    totalUnknownOutcomes: 0,
  };

  /** @internal */
  constructor(name: string, settings: Settings) {
    super(name);
    this.attempts = settings.attempts;
    this.collectsErrors = settings.collectsErrors;
    this.#settings = settings;
    this.#classifier = new PolicyClassifier(name, settings.classifier);
  }

  /** Returns the current stats. */
  getStats(): RetryStats {
    const { totalCalls, totalSuccesses, totalFailures } = this.#counts;
    const inFlight = totalCalls - totalSuccesses - totalFailures;
    const { predicateErrors } = this.#classifier;
    return { name: this.name, ...this.#counts, inFlight, predicateErrors };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext, idempotent?: boolean): Promise<unknown> {
    this.#settings.budget?.deposit();
    this.#counts.totalCalls++;
    try {
      return whenSettled(
        work(outer.forAttempt(1)),
        (value) => {
          const classification = this.#classifier.ofValue(value, outer);
          if (!isRetriable(classification)) return this.#onSuccess(value);
          return new RetriedCall(this, work, outer, idempotent).afterFirst({ value, isError: false, classification });
        },
        (error) => {
          const classification = this.#classifier.ofError(error, outer);
          return new RetriedCall(this, work, outer, idempotent).afterFirst({
            value: error,
            isError: true,
            classification,
          });
        },
      );
    } catch (error) {
      // The stack has overflowed, so that nothing can be called here.
      this.#counts.totalCalls--;
      throw error;
    }
  }

  #onSuccess(value: unknown): unknown {
    this.#counts.totalSuccesses++;
    return value;
  }

  /** Returns how the outcome of an attempt counts. @internal */
  classify(result: unknown, isError: boolean, context: LayerContext): Classification {
    return isError ? this.#classifier.ofError(result, context) : this.#classifier.ofValue(result, context);
  }

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
  onFailedValue(): void {
    this.#counts.totalFailures++;
  }

  /** @internal */
  delayAfter(outcome: AttemptOutcome, call: RetriedCall): number | undefined {
    const { delays, budget } = this.#settings;
    // A predicate may abort the call.
    if (call.isOver || !this.#shouldRetry(outcome, call.attempt) || call.isOver) return undefined;
    if (call.attempt >= this.attempts) {
      this.#counts.totalExhausted++;
      call.isExhausted = true;
      return undefined;
    }
    if (!this.#mayRepeat(outcome, call)) {
      this.#counts.totalUnknownOutcomes++;
      return undefined;
    }
    const ownDelay = delays.engine.nextDelay(delays.id, call.attempt, call.delay);
    const delay = Math.max(ownDelay, this.#retryAfter(outcome));
    if (call.endsBefore(delay, outcome)) return undefined;
    if (budget?.withdraw() === false) {
      this.#counts.totalOverBudget++;
      return undefined;
    }
    call.delay = ownDelay;
    if (this.listeners === undefined) return delay;
    this.emit('retry', { attempt: call.attempt + 1, delay, error: outcome.value });
    // A listener may abort the call.
    return call.isOver ? undefined : delay;
  }

  /** @internal */
  errorFor(error: unknown, call: RetriedCall): unknown {
    this.#counts.totalFailures++;
    const { errors, timeoutError } = call;
    if (timeoutError !== undefined) return timeoutError;
    return call.isExhausted && errors !== undefined ? new RetriesExhaustedError(this.name, errors) : error;
  }

  #shouldRetry({ value, isError, classification }: AttemptOutcome, attempt: number): boolean {
    const { retryIf } = this.#settings;
    if (!isRetriable(classification)) return false;
    if (isError && classification.retry !== true && isRejection(value)) return false;
    if (retryIf === undefined) return true;
    const outcome = isError ? { error: value } : { value };
    try {
      return readPredicateResult('retryIf', retryIf(value, { policy: this.name, attempt, outcome }));
    } catch (predicateError) {
      this.#recordFault('retryIf failed, the call is not retried', predicateError);
      return false;
    }
  }

  /** Whether another attempt does no harm: the work has not happened, or may happen again. */
  #mayRepeat({ value, isError, classification }: AttemptOutcome, call: RetriedCall): boolean {
    if (classification.retry === true) return true;
    const idempotent = call.idempotenceIn(this.#settings.idempotent);
    if (idempotent === true || !(classification.outcomeUnknown ?? (isError && isOutcomeUnknown(value)))) return true;
    if (idempotent === undefined) callWatch?.onNotRepeated(this.name);
    return false;
  }

  /** Returns the shortest delay: by the option `retryAfter`, or else by the judgement, or else by the headers. */
  #retryAfter({ value, classification }: AttemptOutcome): number {
    const { retryAfter, maxRetryAfter } = this.#settings;
    if (retryAfter === false) return 0;
    const asked = retryAfter === undefined ? undefined : this.#readRetryAfter(retryAfter, value);
    if (asked === undefined && classification.retryAfter !== undefined) {
      return Math.min(classification.retryAfter, maxRetryAfter ?? LONGEST_TIMER);
    }
    const delay = retryAfter === undefined ? this.#readRetryAfter(readRetryAfter, value) : asked;
    return Math.min(delay ?? 0, maxRetryAfter ?? MAX_RETRY_AFTER);
  }

  #readRetryAfter(read: (failure: unknown) => number | undefined, failure: unknown): number | undefined {
    try {
      const delay: unknown = read(failure);
      if (delay === undefined || delay === null) return undefined;
      if (typeof delay === 'number' && delay >= 0) return delay;
      catchRejection(delay, () => undefined);
      throw new TypeError('retryAfter must return a number of milliseconds, or undefined');
    } catch (predicateError) {
      this.#recordFault('retryAfter failed, the delay of the policy applies', predicateError);
      return undefined;
    }
  }

  #recordFault(message: string, error: unknown): void {
    this.#classifier.recordFault('predicateErrors', message, error);
  }
}

/**
 * Retries calls that fail, after a delay: those whose error or value counts as a failure. A number is the most attempts.
 * A call whose work may have happened, such as one that timed out, is repeated only with the option `idempotent`.
 *
 * Put the retry around the breaker, so that the breaker admits and counts each attempt, and put a total timeout around the retry.
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
    classifier: readClassifier(reader),
    retryIf: reader.callable('retryIf') as RetryOptions['retryIf'],
    idempotent: reader.boolean('idempotent'),
    retryAfter: readRetryAfterOption(reader),
    maxRetryAfter: reader.milliseconds('maxRetryAfter', 0),
    budget: readBudget(reader),
    collectsErrors: reader.oneOf('exhausted', ['last-error', 'all-errors']) === 'all-errors',
  };
  return withObservables(new Retry(reader.finish(), settings), observables);
}

const MAX_ATTEMPTS = 1_000_000;
/** Upper bound for the delay that headers or the option `retryAfter` ask for, unless the options set another. */
const MAX_RETRY_AFTER = 30_000;

interface Settings {
  readonly attempts: number;
  readonly delays: PolicyHandle;
  readonly classifier: Classifier | undefined;
  readonly retryIf: RetryOptions['retryIf'];
  readonly idempotent: boolean | undefined;
  readonly retryAfter: RetryOptions['retryAfter'];
  readonly maxRetryAfter: number | undefined;
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

function readRetryAfterOption(reader: OptionsReader): RetryOptions['retryAfter'] {
  if (reader.value('retryAfter') === false) return false;
  return reader.callable('retryAfter') as RetryOptions['retryAfter'];
}
