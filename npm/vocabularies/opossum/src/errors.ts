/** Code of an error that a breaker creates. */
export type ErrorCode = 'EOPENBREAKER' | 'ETIMEDOUT' | 'ESEMLOCKED' | 'ESHUTDOWN';

/** Error of the breaker, as opposed to one of the action. */
export interface BreakerError extends Error {
  readonly code: ErrorCode;
}

const BREAKER_ERROR: unique symbol = Symbol.for('fusewire.opossum.error');

/** Returns the error of a call that the circuit rejects. */
export function openError(): BreakerError {
  return branded(new Error('Breaker is open'), 'EOPENBREAKER');
}

/** Returns the error of an action that exceeded the timeout. */
export function timeoutError(milliseconds: number): BreakerError {
  return branded(new Error(`Timed out after ${milliseconds}ms`), 'ETIMEDOUT');
}

/** Returns the error of a call that found all slots of the semaphore taken. */
export function lockedError(): BreakerError {
  return branded(new Error('Semaphore locked'), 'ESEMLOCKED');
}

/** Returns the error of a call after `shutdown`. */
export function shutdownError(): BreakerError {
  return branded(new Error('The circuit has been shutdown.'), 'ESHUTDOWN');
}

/** Whether a breaker created the error, also one of another copy of this package. Never throws. */
export function isOurError(error: unknown): error is BreakerError {
  return typeof error === 'object' && error !== null && BREAKER_ERROR in error;
}

function branded(error: Error, code: ErrorCode): BreakerError {
  const marked = error as Error & { code: ErrorCode; [BREAKER_ERROR]: true };
  marked.code = code;
  marked[BREAKER_ERROR] = true;
  return marked;
}
