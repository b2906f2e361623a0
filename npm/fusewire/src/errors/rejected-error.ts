import { defineErrorClass, impliedOutcome } from './error-class.ts';

/**
 * Base class of the errors of calls that a breaker or a policy rejected. The function of such a call was not run. No
 * breaker around it counts it as a failure, and no retry repeats it.
 */
export abstract class RejectedError extends Error {
  /** Code of the class. */
  abstract readonly code: string;
  /** Name of the breaker or the policy that rejected the call. */
  readonly policy: string;
  /** Reason of the rejection. */
  abstract readonly reason: string;
  /** Whole milliseconds until a call may be admitted, rounded up; null if that is not known. */
  readonly retryAfter: number | null;
  /** Error behind the rejection, if there is one. */
  declare readonly cause?: unknown;

  constructor(message: string, policy: string, retryAfter: number | null = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.policy = policy;
    this.retryAfter = retryAfter;
  }

  /** `retryAfter` in whole seconds, rounded up and at least 1, as the header `Retry-After` takes it. */
  get retryAfterSeconds(): number {
    return Math.max(1, Math.ceil((this.retryAfter ?? 0) / 1_000));
  }
}

defineErrorClass(RejectedError, 'RejectedError', { key: 'fusewire.RejectedError', outcome: 'rejection' });
// Loggers copy the enumerable properties of an error.
Object.defineProperty(RejectedError.prototype, 'retryAfterSeconds', { enumerable: true });

/**
 * Whether an error is the rejection by a breaker or a policy, of any copy of this package; the same as
 * `error instanceof RejectedError`.
 */
export function isRejection(error: unknown): error is RejectedError {
  return impliedOutcome(error) === 'rejection';
}
