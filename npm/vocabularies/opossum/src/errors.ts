/** The codes of the errors that a breaker makes. */
export type ErrorCode = 'EOPENBREAKER' | 'ETIMEDOUT' | 'ESEMLOCKED' | 'ESHUTDOWN';

/** An error that a breaker made, and not the action. */
export interface BreakerError extends Error {
  readonly code: ErrorCode;
}

const OURS: unique symbol = Symbol.for('fusewire.opossum.error');

/** The circuit rejects calls. */
export function openError(): BreakerError {
  return ours(new Error('Breaker is open'), 'EOPENBREAKER');
}

/** The action took longer than it may. */
export function timeoutError(milliseconds: number): BreakerError {
  return ours(new Error(`Timed out after ${milliseconds}ms`), 'ETIMEDOUT');
}

/** As many actions run as may. */
export function lockedError(): BreakerError {
  return ours(new Error('Semaphore locked'), 'ESEMLOCKED');
}

/** The breaker was shut down. */
export function shutdownError(): BreakerError {
  return ours(new Error('The circuit has been shutdown.'), 'ESHUTDOWN');
}

/** Whether a breaker made it; also one of another copy of this package. Never throws. */
export function isOurError(error: unknown): error is BreakerError {
  return typeof error === 'object' && error !== null && OURS in error;
}

function ours(error: Error, code: ErrorCode): BreakerError {
  const marked = error as Error & { code: ErrorCode; [OURS]: true };
  marked.code = code;
  marked[OURS] = true;
  return marked;
}
