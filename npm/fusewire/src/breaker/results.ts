import type { CircuitState, RejectionReason } from '../engine/names.ts';

/** What became of a call that `tryExecute` made. */
export type CallResult<T> =
  | { readonly status: 'success'; readonly value: T }
  | { readonly status: 'failure'; readonly error: unknown }
  | RejectedResult;

/** The call was not admitted, and its function was not run. */
export interface RejectedResult {
  readonly status: 'rejected';
  /** Why. */
  readonly reason: RejectionReason;
  /** The state that callers experience. */
  readonly state: CircuitState;
  /** Milliseconds until a call may be admitted; null where only an operator can tell. */
  readonly retryAfter: number | null;
}

/** The result of a call whose work fulfilled. */
export function successResult<T>(value: T): CallResult<T> {
  return { status: 'success', value };
}

/** The result of a call that ended otherwise. */
export function failureResult(error: unknown): CallResult<never> {
  return { status: 'failure', error };
}
