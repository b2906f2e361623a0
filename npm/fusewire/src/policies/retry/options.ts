import type { ObservableOptions } from '../../run/observables.ts';
import type { ClockOptions } from '../../time/clock.ts';
import type { RetryBudget } from './retry-budget.ts';

/** Options of `retry`. */
export interface RetryOptions extends ObservableOptions, ClockOptions {
  /** Name of the policy in errors and stats. Default `'retry'`. */
  readonly name?: string | undefined;
  /** Most attempts of a call, including the first: 1 to 1 000 000. Default 3. */
  readonly attempts?: number | undefined;
  /** Delay between two attempts, in milliseconds, or its backoff. Default: exponential from 200, with full jitter. */
  readonly delay?: number | RetryDelay | undefined;
  /**
   * Whether to retry a call that rejected with this error. Synchronous. Default: unless it is an `AbortError`. Rejections
   * by a breaker or a policy inside are never retried, nor are calls that their caller has aborted. If it throws, the call
   * is not retried and the fault is reported.
   */
  readonly retryIf?: ((error: unknown, context: RetryContext) => boolean) | undefined;
  /**
   * Returns the shortest delay that an error asks for, in milliseconds, or undefined if it asks for none. Default: its
   * `retryAfter` in milliseconds, or the header `Retry-After` of its `response` or its own `headers`. False: no error is
   * asked.
   */
  readonly retryAfter?: ((error: unknown) => number | undefined) | false | undefined;
  /** Upper bound for the result of `retryAfter`, in milliseconds: 0 to 2 147 483 647. Default 30 000. */
  readonly maxRetryAfter?: number | undefined;
  /** Budget that limits the retries; other policies may share it. Default: no limit. */
  readonly budget?: RetryBudget | undefined;
  /**
   * Error of a call whose last attempt has failed: the error of that attempt, or a `RetriesExhaustedError` with the errors
   * of all attempts. Default `'last-error'`.
   */
  readonly exhausted?: 'last-error' | 'all-errors' | undefined;
}

/** Backoff between attempts. Times are milliseconds, up to 2 147 483 647. Formulas: `crates/attempts-core/src/delay.rs`. */
export type RetryDelay =
  | {
      /** The same delay each time. */
      readonly type: 'constant';
      /** From 0. Default 200. */
      readonly delay?: number | undefined;
    }
  | {
      /** `initial`, then longer by `increment` each time. */
      readonly type: 'linear';
      /** From 1. Default 200. */
      readonly initial?: number | undefined;
      /** From 1. Default: `initial`. */
      readonly increment?: number | undefined;
      /** Upper bound. Default 30 000. */
      readonly max?: number | undefined;
    }
  | {
      /** `initial × factor^(attempt − 1)`, with jitter after the AWS blog "Exponential Backoff And Jitter" (2015). */
      readonly type: 'exponential';
      /** From 1. Default 200. */
      readonly initial?: number | undefined;
      /** 1 to 100. Default 2. */
      readonly factor?: number | undefined;
      /** Upper bound. Default 30 000. */
      readonly max?: number | undefined;
      /** Random part of the delay: all of it, half of it, or none. Default `'full'`. */
      readonly jitter?: 'none' | 'full' | 'equal' | undefined;
      /** Seed of the random numbers: a whole number from 0. Default: random. */
      readonly seed?: number | undefined;
    }
  | {
      /** Random between `initial` and three times the previous delay, after the same source. */
      readonly type: 'decorrelated';
      /** From 1. Default 200. */
      readonly initial?: number | undefined;
      /** Upper bound. Default 30 000. */
      readonly max?: number | undefined;
      /** Seed of the random numbers: a whole number from 0. Default: random. */
      readonly seed?: number | undefined;
    };

/** Second argument of `retryIf`. */
export interface RetryContext {
  /** Name of the policy. */
  readonly policy: string;
  /** Number of the attempt that failed, from 1. */
  readonly attempt: number;
}
