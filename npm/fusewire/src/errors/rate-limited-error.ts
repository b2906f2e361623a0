import { wholeMilliseconds } from '../engine/readings.ts';
import { defineErrorClass } from './error-class.ts';
import { RejectedError } from './rejected-error.ts';

/** Error of a call that exceeded a rate limit. It has no stack, because there may be many. */
export class RateLimitedError extends RejectedError {
  /** Always `'ERR_RATE_LIMITED'`. */
  readonly code = 'ERR_RATE_LIMITED';
  /** Always `'rate-limited'`. */
  readonly reason = 'rate-limited';
  /** Whole milliseconds until the call may be made, rounded up. */
  declare readonly retryAfter: number;

  /** @param waiting calls that wait for a token, for the message. */
  constructor(policy: string, retryAfter: number, waiting = 0) {
    const wait = wholeMilliseconds(retryAfter) ?? 0;
    const load = waiting === 0 ? '' : ` (${waiting} waiting)`;
    super(`Policy ${policy}: too many calls${load}, the next in ${wait}ms`, policy, wait);
  }
}

defineErrorClass(RateLimitedError, 'RateLimitedError', {
  key: 'fusewire.RateLimitedError',
  code: 'ERR_RATE_LIMITED',
});
