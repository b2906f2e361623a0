import type { CircuitState, RejectionReason, TransitionReason } from '../engine/names.ts';
import { defaultClock } from '../time/clock.ts';
import { defineErrorClass } from './error-class.ts';
import { RejectedError } from './rejected-error.ts';

/** Words of the message of a rejection by a closed circuit. */
const CLOSED_CONDITIONS: { readonly [Reason in RejectionReason]?: string } = {
  recovering: 'recovering',
  'in-flight-limit': 'waiting for answers',
};

/** Decision that opened a circuit. */
export interface OpeningReason {
  /** Rule that opened the circuit; `'override'` while an operator holds it open. */
  readonly rule: TransitionReason;
  /** Count, rate or milliseconds that the rule is about, or null. */
  readonly observed: number | null;
  /** Limit that `observed` has reached, or null. */
  readonly threshold: number | null;
  /** Name and message of the last error that counted as a failure before the opening, without credentials; or null. */
  readonly lastError: string | null;
  /** Time at which a call may be admitted; null while an operator holds the circuit open. */
  readonly nextAttempt: Date | null;
}

/** Returns the message of a rejection. `opening` is the decision that opened the circuit in words. */
export function rejectionMessage(
  breaker: string,
  state: CircuitState,
  reason: RejectionReason,
  opening: string | undefined,
  seconds: number,
): string {
  const condition = CLOSED_CONDITIONS[reason] ?? state;
  const why = opening === undefined ? '' : condition === 'OPEN' ? `: ${opening}` : `, after it had opened: ${opening}`;
  return `Circuit breaker ${breaker} is ${condition}${why}${seconds > 0 ? `; next attempt in ${seconds} s` : ''}`;
}

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
  readonly #opening: Omit<OpeningReason, 'nextAttempt'> | undefined;
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
    opening?: Omit<OpeningReason, 'nextAttempt'>,
    message = rejectionMessage(breaker, state, reason, undefined, Math.ceil((retryAfter ?? 0) / 1_000)),
  ) {
    super(message, breaker, retryAfter, lastError);
    this.breaker = breaker;
    this.state = state;
    this.reason = reason;
    this.#opening = opening;
    this.#readNextAttempt = nextAttempt;
  }

  /** Time at which a call may be admitted; null while an operator holds the circuit open. */
  get nextAttempt(): Date | null {
    // Computed when it is first read: Next.js does not prerender a component that reads the date.
    return (this.#nextAttempt ??= this.#readNextAttempt());
  }

  /** Decision that opened the circuit; null if a limit on calls in flight, and no opening, rejected the call. */
  get why(): OpeningReason | null {
    if (this.#opening === undefined) return null;
    const { rule, observed, threshold, lastError } = this.#opening;
    return { rule, observed, threshold, lastError, nextAttempt: this.nextAttempt };
  }
}

defineErrorClass(CircuitOpenError, 'CircuitOpenError', {
  key: 'fusewire.CircuitOpenError',
  code: 'ERR_CIRCUIT_OPEN',
});
// Loggers copy the enumerable properties of an error.
for (const name of ['nextAttempt', 'why'] as const) {
  Object.defineProperty(CircuitOpenError.prototype, name, { enumerable: true });
}

/** Returns the function that computes the time of the next attempt. */
function nextAttemptFromNow(retryAfter: number | null): () => Date | null {
  const createdAt = defaultClock();
  return () => {
    const age = Math.max(0, defaultClock() - createdAt);
    return retryAfter === null ? null : new Date(Math.round(Date.now() + retryAfter - age));
  };
}
