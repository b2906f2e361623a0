import type { RejectedError } from '../errors/rejected-error.ts';
import { isRejection } from '../errors/rejected-error.ts';
import type { AnswerSource } from './answer-source.ts';

/** Result of `tryExecute`. */
export type CallResult<T> = SuccessResult<T> | FailureResult | RejectedResult;

/** Result of a call that has a value. */
export interface SuccessResult<T> {
  readonly status: 'success';
  readonly value: T;
  /** Source of the value: the call itself, a cache or a fallback. */
  readonly source: AnswerSource;
}

/** Result of a call that failed, timed out or was aborted. */
export interface FailureResult {
  readonly status: 'failure';
  /** Error that `execute` would have rejected with. */
  readonly error: unknown;
}

/** Result of a call that a breaker or a policy has rejected: `execute` would have rejected with a `RejectedError`. */
export interface RejectedResult {
  readonly status: 'rejected';
  /** Error that `execute` would have rejected with. A breaker creates it when it is first read. */
  readonly rejection: RejectedError;
  /** Whole milliseconds until a call may be admitted, rounded up; null if that is not known. */
  readonly retryAfter: number | null;
}

/** Returns the result of a call whose work fulfilled. */
export function successResult<T>(value: T): SuccessResult<T> {
  return { status: 'success', value, source: 'call' };
}

/** Returns the result of a call that rejects with an error. */
export function errorResult(error: unknown): FailureResult | RejectedResult {
  if (!isRejection(error)) return { status: 'failure', error };
  return { status: 'rejected', rejection: error, retryAfter: error.retryAfter };
}
