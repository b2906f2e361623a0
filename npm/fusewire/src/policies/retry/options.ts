import type { ClassificationOptions, Outcome } from '../../classification/outcome.ts';
import type { ObservableOptions } from '../../run/observables.ts';
import type { ClockOptions } from '../../time/clock.ts';
import type { RetryBudget } from './retry-budget.ts';

/** Options of `retry`. */
export interface RetryOptions extends ObservableOptions, ClockOptions, ClassificationOptions {
  /** Name of the policy in errors and stats. Default `'retry'`. */
  readonly name?: string | undefined;
  /** Most attempts of a call, including the first: 1 to 1 000 000. Default 3. */
  readonly attempts?: number | undefined;
  /** Delay between two attempts, in milliseconds, or its backoff. Default: exponential from 200, with full jitter. */
  readonly delay?: number | RetryDelay | undefined;
  /**
   * Whether to retry a call that failed with this error, or with this value. Synchronous. It narrows what `classify` counts as
   * a failure. Default: every failure. A call that its caller has aborted is never retried. If it throws, the call is not
   * retried and the fault is reported.
   */
  readonly retryIf?: ((failure: unknown, context: RetryContext) => boolean) | undefined;
  /**
   * Whether the work may run again although it may have happened. Without it, a retry repeats no call that ended with a
   * timeout, an abort or a broken connection, unless `classify` returns `retry: true`. A connection that was refused is
   * repeated: nothing was sent. Default: that of the pipeline, or else false.
   */
  readonly idempotent?: boolean | undefined;
  /**
   * Returns the shortest delay that a failure asks for, in milliseconds, or undefined if it asks for none. Default: that of the
   * header `Retry-After` of a response, of the `response` of an error or of its own `headers`, or the `retryAfter` of an error
   * of this package. False: no failure is asked. Where it returns undefined, or is not set, the `retryAfter` of the judgement
   * by `classify` comes before the default.
   */
  readonly retryAfter?: ((failure: unknown) => number | undefined) | false | undefined;
  /**
   * Upper bound for the delay that a failure asks for, in milliseconds: 0 to 2 147 483 647. Default 30 000, and no bound for the
   * `retryAfter` of a judgement.
   */
  readonly maxRetryAfter?: number | undefined;
  /** Budget that limits the retries; other policies may share it. Default: no limit. */
  readonly budget?: RetryBudget | undefined;
  /**
   * Error of a call whose last attempt has rejected: the error of that attempt, or a `RetriesExhaustedError` with the errors
   * of all attempts, and the values that counted as failures. A call whose last attempt has resolved with a value that counts
   * as a failure resolves with that value. Default `'last-error'`.
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
  /** The error that the attempt rejected with, or the value that counts as a failure. */
  readonly outcome: Outcome;
}
