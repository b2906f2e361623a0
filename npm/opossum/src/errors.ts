/** The codes of the errors that a breaker makes. */
export type ErrorCode = 'EOPENBREAKER' | 'ETIMEDOUT' | 'ESEMLOCKED' | 'ESHUTDOWN';

/** An error that a breaker made, and not the action. */
export interface BreakerError extends Error {
  readonly code: ErrorCode;
}

const OURS: unique symbol = Symbol.for('fusewire.opossum.error');

/** The circuit rejects calls. */
export function openError(): BreakerError {
  return makeError('EOPENBREAKER', 'Breaker is open');
}

/** The action took longer than it may. */
export function timeoutError(milliseconds: number): BreakerError {
  return makeError('ETIMEDOUT', `Timed out after ${milliseconds}ms`);
}

/** As many actions run as may. */
export function lockedError(): BreakerError {
  return makeError('ESEMLOCKED', 'Semaphore locked');
}

/** The breaker was shut down. */
export function shutdownError(): BreakerError {
  return makeError('ESHUTDOWN', 'The circuit has been shutdown.');
}

/** Whether a breaker made it; also one of another copy of this package. Never throws. */
export function isOurError(error: unknown): error is BreakerError {
  return typeof error === 'object' && error !== null && OURS in error;
}

function makeError(code: ErrorCode, message: string): BreakerError {
  const error = new Error(message) as BreakerError & { code: ErrorCode; [OURS]: true };
  error.code = code;
  error[OURS] = true;
  return error;
}
