import { POLICY } from '../../engine/codes.ts';
import { isRejection, RetriesExhaustedError } from '../../errors.ts';
import { readPredicateResult } from '../../breaker/classification.ts';
import { whenSettled } from '../../run/promises.ts';
import { catchRejection, reportFault } from '../../logging.ts';
import type { AbortListener } from '../../run/abort-signals.ts';
import { sleepScheduler } from '../../time/sleep-scheduler.ts';
import type { SleepTimer } from '../../time/sleep-scheduler.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import type { OptionsReader } from '../../options/options-reader.ts';
import { partOf, randomSeed } from '../policy-handle.ts';
import type { Part } from '../policy-handle.ts';
import { Policy } from '../policy.ts';
import type { LayerWork } from '../../run/layer.ts';
import { readRetryAfter } from './retry-after.ts';
import { budgetOf } from './retry-budget.ts';
import type { RetryBudget } from './retry-budget.ts';

/** When calls are repeated, and how often. */
export interface RetryOptions {
  /** Names the policy in errors and stats. Default `'retry'`. */
  readonly name?: string | undefined;
  /** How often a call is made at most, the first time included: 1 to 1 000 000. Default 3. */
  readonly attempts?: number | undefined;
  /** Milliseconds between two attempts, or how they grow. Default: exponential from 200, with full jitter. */
  readonly delay?: number | RetryDelay | undefined;
  /**
   * Whether a call that rejected with this error is to be repeated, said at once. Default: unless it is an `AbortError`. What
   * a breaker or a policy inside has not admitted is never repeated, nor a call that its caller has aborted. If this throws,
   * the call is not repeated and the fault is reported.
   */
  readonly retryIf?: ((error: unknown, context: RetryContext) => boolean) | undefined;
  /**
   * How many milliseconds an error says to wait at least; undefined where it says nothing. Default: its `retryAfter` in
   * milliseconds, or the header `Retry-After` of its `response` or its own `headers`. False: errors are not asked.
   */
  readonly retryAfter?: ((error: unknown) => number | undefined) | false | undefined;
  /** What `retryAfter` is cut to, in milliseconds: 0 to 2 147 483 647. Default 30 000. */
  readonly maxRetryAfter?: number | undefined;
  /** What repeated attempts are paid from; others may share it. Default: none, every call may be repeated. */
  readonly budget?: RetryBudget | undefined;
  /**
   * What a call rejects with when its last attempt has failed: the error of that attempt itself, or a
   * {@link RetriesExhaustedError} with the errors of all. Default `'last-error'`.
   */
  readonly exhausted?: 'last-error' | 'all-errors' | undefined;
}

/** How delays grow; times are milliseconds, to 2 147 483 647. Formulas: `crates/attempts-core/src/delay.rs`. */
export type RetryDelay =
  | {
      /** Always the same. */
      readonly type: 'constant';
      /** From 0. Default 200. */
      readonly delay?: number | undefined;
    }
  | {
      /** `initial`, then longer by `increment` each time. */
      readonly type: 'linear';
      /** From 1. Default 200. */
      readonly initial?: number | undefined;
      /** From 1. Default: as much as `initial`. */
      readonly increment?: number | undefined;
      /** What it never grows beyond. Default 30 000. */
      readonly max?: number | undefined;
    }
  | {
      /** `initial × factor^(attempt − 1)`, with jitter after the AWS blog "Exponential Backoff And Jitter" (2015). */
      readonly type: 'exponential';
      /** From 1. Default 200. */
      readonly initial?: number | undefined;
      /** 1 to 100. Default 2. */
      readonly factor?: number | undefined;
      /** What it never grows beyond. Default 30 000. */
      readonly max?: number | undefined;
      /** Which part of it is left to chance: all of it, half of it, or nothing. Default `'full'`. */
      readonly jitter?: 'none' | 'full' | 'equal' | undefined;
      /** Where the row of random numbers starts: a whole number from 0. Default: anywhere. */
      readonly seed?: number | undefined;
    }
  | {
      /** At random between `initial` and three times the delay before, after the same source. */
      readonly type: 'decorrelated';
      /** From 1. Default 200. */
      readonly initial?: number | undefined;
      /** What it never grows beyond. Default 30 000. */
      readonly max?: number | undefined;
      /** Where the row of random numbers starts: a whole number from 0. Default: anywhere. */
      readonly seed?: number | undefined;
    };

/** What `retryIf` is told. */
export interface RetryContext {
  /** The name of the policy. */
  readonly policy: string;
  /** Which attempt has failed, the first being 1. */
  readonly attempt: number;
}

/** What a retry has seen. */
export interface RetryStats {
  readonly name: string;
  /** Calls ever begun: those that succeeded, those that failed, and those in flight. */
  readonly totalCalls: number;
  readonly totalSuccesses: number;
  readonly totalFailures: number;
  readonly inFlight: number;
  /** Attempts that were made beside the first ones. */
  readonly totalRetries: number;
  /** Successes that took more than one attempt. */
  readonly totalRecovered: number;
  /** Failures of which every attempt had been made. */
  readonly totalExhausted: number;
  /** Failures that the budget kept from being repeated. */
  readonly totalOverBudget: number;
  /** `retryIf` and `retryAfter` that threw or gave no answer. */
  readonly predicateErrors: number;
}

/** Repeats calls that fail. */
export class Retry extends Policy {
  /** @internal */
  readonly kind = 'retry';
  /** How often a call is made at most. @internal */
  readonly attempts: number;
  readonly #settings: Settings;
  readonly #counted = {
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
    this.#settings = settings;
  }

  /** Everything that is counted, as of now. */
  getStats(): RetryStats {
    const { totalCalls, totalSuccesses, totalFailures } = this.#counted;
    return { name: this.name, ...this.#counted, inFlight: totalCalls - totalSuccesses - totalFailures };
  }

  /** @internal */
  run(work: LayerWork, outer: LayerContext): Promise<unknown> {
    this.#counted.totalCalls++;
    this.#settings.budget?.deposit();
    return whenSettled(work(outer.forAttempt(1)), this.#onSuccess, (error) => {
      return new RetryRun(this, work, outer).after(error);
    });
  }

  readonly #onSuccess = (value: unknown): unknown => {
    this.#counted.totalSuccesses++;
    return value;
  };

  /** Another attempt is made. @internal */
  repeated(): void {
    this.#counted.totalRetries++;
  }

  /** The call succeeded after all. @internal */
  recovered(): void {
    this.#counted.totalSuccesses++;
    this.#counted.totalRecovered++;
  }

  /** Milliseconds until the next attempt; undefined where there is to be none. @internal */
  wait(error: unknown, run: RetryRun): number | undefined {
    const { attempts, delays, budget } = this.#settings;
    if (isRejection(error) || run.isOver || !this.#wants(error, run.attempt) || run.isOver) return undefined;
    if (run.attempt >= attempts) {
      this.#counted.totalExhausted++;
      run.isExhausted = true;
      return undefined;
    }
    if (budget?.withdraw() === false) {
      this.#counted.totalOverBudget++;
      return undefined;
    }
    run.delay = delays.engine.nextDelay(delays.handle, run.attempt, run.delay);
    return Math.max(run.delay, this.#retryAfter(error));
  }

  /** What the call rejects with after all. @internal */
  failure(error: unknown, run: RetryRun): unknown {
    this.#counted.totalFailures++;
    const { errors } = run;
    return run.isExhausted && errors !== undefined ? new RetriesExhaustedError(this.name, errors) : error;
  }

  /** Whether the errors of all attempts are to be told. @internal */
  get tellsAll(): boolean {
    return this.#settings.tellsAll;
  }

  #wants(error: unknown, attempt: number): boolean {
    const { retryIf } = this.#settings;
    try {
      return readPredicateResult('retryIf', retryIf(error, { policy: this.name, attempt }));
    } catch (fault) {
      this.#fault('retryIf failed, the call is not repeated', fault);
      return false;
    }
  }

  #retryAfter(error: unknown): number {
    const { retryAfter, maxRetryAfter } = this.#settings;
    try {
      const wait: unknown = retryAfter === false ? undefined : retryAfter(error);
      if (wait === undefined || wait === null) return 0;
      if (typeof wait === 'number' && wait >= 0) return Math.min(wait, maxRetryAfter);
      catchRejection(wait, () => undefined);
      throw new TypeError('retryAfter must answer a number of milliseconds, or undefined');
    } catch (fault) {
      this.#fault('retryAfter failed, the usual delay is kept', fault);
      return 0;
    }
  }

  #fault(message: string, error: unknown): void {
    if (this.#counted.predicateErrors++ === 0) reportFault(undefined, `Policy ${this.name}: ${message}`, error);
  }
}

/**
 * Repeats calls that fail, after a delay. Put it around the breaker, so that each attempt is admitted and counted; a total
 * timeout goes around it. Only what may be done twice may be repeated.
 *
 * ```ts
 * const rates = pipeline([timeout(10_000), retry({ attempts: 4, budget }), breaker, timeout(2_000)]);
 * ```
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function retry(options: RetryOptions = {}): Retry {
  const reader = readPolicyOptions('retry', options);
  const settings: Settings = {
    attempts: reader.number('attempts', 1, MOST_ATTEMPTS, `a whole number from 1 to ${MOST_ATTEMPTS}`, true) ?? 3,
    delays: delaysOf(reader),
    retryIf: (reader.callable('retryIf') as RetryOptions['retryIf']) ?? isNoAbort,
    retryAfter: retryAfterOf(reader),
    maxRetryAfter: reader.milliseconds('maxRetryAfter', 0) ?? 30_000,
    budget: budgetOf(reader),
    tellsAll: reader.oneOf('exhausted', ['last-error', 'all-errors']) === 'all-errors',
  };
  return new Retry(reader.finish(), settings);
}

const MOST_ATTEMPTS = 1_000_000;

interface Settings {
  readonly attempts: number;
  readonly delays: Part;
  readonly retryIf: NonNullable<RetryOptions['retryIf']>;
  readonly retryAfter: NonNullable<RetryOptions['retryAfter']>;
  readonly maxRetryAfter: number;
  readonly budget: RetryBudget | undefined;
  readonly tellsAll: boolean;
}

function delaysOf(reader: OptionsReader): Part {
  const given = reader.value('delay') ?? {};
  if (typeof given === 'number') return partOf(reader, POLICY.DELAYS, { type: 'constant', delay: given });
  if (typeof given === 'object') return partOf(reader, POLICY.DELAYS, { seed: randomSeed(), ...given }, 'delay');
  reader.report('delay', 'type', 'a number of milliseconds, or {type, …}');
  return partOf(reader, POLICY.DELAYS, {});
}

function retryAfterOf(reader: OptionsReader): NonNullable<RetryOptions['retryAfter']> {
  return reader.value('retryAfter') === false
    ? false
    : ((reader.callable('retryAfter') as (error: unknown) => number | undefined) ?? readRetryAfter);
}

/** Who has aborted does not wait for the call any more. */
function isNoAbort(error: unknown): boolean {
  return (error as { name?: unknown } | null | undefined)?.name !== 'AbortError';
}

/** A call of which the first attempt has failed. */
class RetryRun implements SleepTimer, AbortListener {
  deadline = 0;
  heapIndex = 0;
  attempt = 1;
  /** The engine's delay before this attempt. */
  delay = 0;
  isExhausted = false;
  readonly errors: unknown[] | undefined;
  readonly #policy: Retry;
  readonly #work: LayerWork;
  readonly #outer: LayerContext;
  #resolve!: (value: unknown) => void;
  #reject!: (reason: unknown) => void;

  constructor(policy: Retry, work: LayerWork, outer: LayerContext) {
    this.#policy = policy;
    this.#work = work;
    this.#outer = outer;
    this.errors = policy.tellsAll ? [] : undefined;
  }

  /** The call has been aborted from outside. */
  get isOver(): boolean {
    return this.#outer.aborted !== undefined;
  }

  /** What becomes of the call after its first attempt has failed. */
  after(error: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#failed(error);
    });
  }

  /** It has slept enough. */
  expire(): void {
    sleepScheduler.remove(this);
    this.#outer.abortSource?.unsubscribe(this);
    this.#again();
  }

  /** The call is aborted while it sleeps. */
  abort(reason: unknown): void {
    sleepScheduler.remove(this);
    this.#outer.abortSource?.unsubscribe(this);
    this.#reject(this.#policy.failure(reason, this));
  }

  #sleep(wait: number): void {
    if (wait <= 0) return this.#again();
    sleepScheduler.add(this, wait);
    this.#outer.abortSource?.subscribe(this);
  }

  #again(): void {
    this.attempt++;
    this.#policy.repeated();
    whenSettled(this.#work(this.#outer.forAttempt(this.attempt)), this.#succeeded, this.#failed);
  }

  readonly #succeeded = (value: unknown): void => {
    this.#policy.recovered();
    this.#resolve(value);
  };

  readonly #failed = (error: unknown): void => {
    this.errors?.push(error);
    const wait = this.#policy.wait(error, this);
    if (wait === undefined) this.#reject(this.#policy.failure(error, this));
    else this.#sleep(wait);
  };
}
