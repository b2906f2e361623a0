/** Outcome of a call: the error that it rejected with, or the value that it resolved with. Check `'error' in outcome`. */
export type Outcome = { readonly error: unknown } | { readonly value: unknown };

/**
 * Verdict on an outcome. `'ignore'` counts neither as success nor as failure; undefined leaves the outcome to the default; a
 * {@link Judgement} says more.
 */
export type Verdict = 'success' | 'failure' | 'ignore' | Judgement | undefined;

/** Verdict with advice for single parts. */
export interface Judgement {
  /** How the outcome counts. Default `'failure'`. */
  readonly verdict?: 'success' | 'failure' | 'ignore' | undefined;
  /** Milliseconds for which a breaker opens, from above 0. Only for failures. */
  readonly openFor?: number | undefined;
  /** Whether a retry repeats the call. Default: failures, except for rejections by a breaker or a policy. */
  readonly retry?: boolean | undefined;
  /** Shortest delay before the next attempt of a retry, in milliseconds, from 0. Default: that of the retry. */
  readonly retryAfter?: number | undefined;
  /**
   * Whether the work may have happened although the call failed, so that a retry repeats it only if it is idempotent. Default:
   * true for timeouts, aborts and broken connections.
   */
  readonly outcomeUnknown?: boolean | undefined;
}

/** Options of a classification that every part of fusewire can go by. */
export interface ClassificationOptions {
  /**
   * Judges the outcome of a call, synchronously: its error or its value. Default: rejections by a breaker or a policy are
   * ignored. So are errors with an HTTP status of 400 to 499, other than 408 and 429. Every other error is a failure. A
   * `Response` with the status 429, or 500 and above, is a failure, and every other value is a success. If it throws, the
   * outcome is a failure, and the error is reported.
   */
  readonly classify?: ((outcome: Outcome) => Verdict) | undefined;
}

/** Options of a classification, with the short form for values. */
export interface ValueClassificationOptions extends ClassificationOptions {
  /**
   * Whether a value is a failure, and otherwise a success. Short for a `classify` of values. If both are set, it judges the values
   * for which `classify` returns undefined. If it throws, the value is a failure, and the error is reported.
   */
  readonly isFailure?: ResultPredicate | undefined;
}

/** Predicate over a result, whose parameter may have a narrower type. */
export type ResultPredicate = { of(result: unknown): boolean }['of'];
