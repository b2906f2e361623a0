import type { CircuitState, RejectionReason } from '../engine/names.ts';
import { defaultClock } from '../time/clock.ts';
import { defineErrorClass } from './error-class.ts';
import { RejectedError } from './rejected-error.ts';

/** Words of the message of a rejection by a closed circuit. */
const CLOSED_CONDITIONS: { readonly [Reason in RejectionReason]?: string } = {
  recovering: 'recovering',
  'in-flight-limit': 'waiting for answers',
};

/**
 * Error of a call that a breaker did not admit. Its function was not run.
 *
 * It has no stack unless the breaker's option `rejectionStack` is set: an open circuit rejects many calls, and most of the
 * cost of such an error is its stack.
 */
export class CircuitOpenError extends RejectedError {
  /** Always true. */
  readonly circuitBreakerOpen = true;
  /** Always `'ERR_CIRCUIT_OPEN'`. */
  readonly code = 'ERR_CIRCUIT_OPEN';
  /** Name of the breaker, as `policy`. */
  readonly breaker: string;
  /** State that callers experience. */
  readonly state: CircuitState;
  /** Reason of the rejection. */
  readonly reason: RejectionReason;
  readonly #readNextAttempt: () => Date | null;
  #nextAttempt: Date | null | undefined;

  /**
   * @param retryAfter whole milliseconds until a call may be admitted; null while an operator holds the circuit open.
   * @param lastError copy of the last error that counted as a failure, if there was one: the `cause`.
   */
  constructor(
    breaker: string,
    state: CircuitState,
    reason: RejectionReason,
    retryAfter: number | null,
    lastError?: unknown,
    nextAttempt: () => Date | null = nextAttemptFromNow(retryAfter),
  ) {
    super(`Circuit breaker ${breaker} is ${CLOSED_CONDITIONS[reason] ?? state}`, breaker, retryAfter, lastError);
    this.breaker = breaker;
    this.state = state;
    this.reason = reason;
    this.#readNextAttempt = nextAttempt;
  }

  /** Time at which a call may be admitted; null while an operator holds the circuit open. */
  get nextAttempt(): Date | null {
    // Computed when it is first read: Next.js does not prerender a component that reads the date.
    return (this.#nextAttempt ??= this.#readNextAttempt());
  }
}

defineErrorClass(CircuitOpenError, 'CircuitOpenError', {
  key: 'fusewire.CircuitOpenError',
  code: 'ERR_CIRCUIT_OPEN',
});
// Loggers copy the enumerable properties of an error.
Object.defineProperty(CircuitOpenError.prototype, 'nextAttempt', { enumerable: true });

/** Returns the function that computes the time of the next attempt. */
function nextAttemptFromNow(retryAfter: number | null): () => Date | null {
  const createdAt = defaultClock();
  return () => {
    const age = Math.max(0, defaultClock() - createdAt);
    return retryAfter === null ? null : new Date(Math.round(Date.now() + retryAfter - age));
  };
}
