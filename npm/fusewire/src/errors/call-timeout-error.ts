import { wholeMilliseconds } from '../engine/readings.ts';
import { defineErrorClass } from './error-class.ts';

/** Error of a call that did not settle within the `timeout` of its breaker or of a policy. Its work may still run. */
export class CallTimeoutError extends Error {
  /** Always true. */
  readonly timeout = true;
  /** Always `'ERR_CALL_TIMEOUT'`. */
  readonly code = 'ERR_CALL_TIMEOUT';
  /** Name of the breaker or the policy. */
  readonly policy: string;
  /** Name of the breaker or the policy, as `policy`. */
  readonly breaker: string;
  /**
   * Error that says what the call waited for. That is the error of the last attempt of a retry inside, or of the last copy of a
   * hedge that failed. It is a `BulkheadFullError` if the call waited for a slot. Absent if the first attempt was running.
   */
  declare readonly cause?: unknown;

  constructor(
    policy: string,
    milliseconds: number,
    subject = 'Circuit breaker',
    end?: { readonly delay?: number | undefined; readonly cause?: unknown; readonly awaited?: string },
  ) {
    const { delay, cause, awaited } = end ?? {};
    const message = `${subject} ${policy} timeout after ${milliseconds}ms${awaited === undefined ? '' : ` without ${awaited}`}`;
    const next = delay === undefined ? undefined : (wholeMilliseconds(delay) ?? 0);
    super(
      next === undefined ? message : `${message} comes before the next attempt, which would begin in ${next}ms`,
      cause === undefined ? undefined : { cause },
    );
    this.policy = policy;
    this.breaker = policy;
  }
}

defineErrorClass(CallTimeoutError, 'CallTimeoutError', {
  key: 'fusewire.CallTimeoutError',
  code: 'ERR_CALL_TIMEOUT',
  outcome: 'timeout',
});
