import type { CircuitState, RejectionReason } from '../engine/names.ts';

/** Result of `tryExecute`. */
export type CallResult<T> =
  | { readonly status: 'success'; readonly value: T }
  | { readonly status: 'failure'; readonly error: unknown }
  | RejectedResult;

/** Result of a call that was not admitted. Its function was not run. */
export interface RejectedResult {
  readonly status: 'rejected';
  /** Reason of the rejection. */
  readonly reason: RejectionReason;
  /** State that callers experience. */
  readonly state: CircuitState;
  /** Whole milliseconds until a call may be admitted, rounded up; null while an operator holds the circuit open. */
  readonly retryAfter: number | null;
}

/** Returns the result of a call whose work fulfilled. */
export function successResult<T>(value: T): CallResult<T> {
  return { status: 'success', value };
}

/** Returns the result of a call that failed, timed out or was aborted. */
export function failureResult(error: unknown): CallResult<never> {
  return { status: 'failure', error };
}
