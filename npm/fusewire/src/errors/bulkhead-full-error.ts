import { defineErrorClass } from './error-class.ts';
import { RejectedError } from './rejected-error.ts';

/** Reason of a {@link BulkheadFullError}. */
type BulkheadFullReason = 'full' | 'queue-timeout' | 'displaced';

/** Words of the message of a {@link BulkheadFullError}. */
const CONDITIONS: { readonly [Reason in BulkheadFullReason]: string } = {
  full: 'no slot is free',
  'queue-timeout': 'no slot became free in time',
  displaced: 'a call of higher priority took the place in the queue',
};

/** Error of a call that got no slot of a bulkhead or an adaptive bulkhead. It has no stack, because there may be many. */
export class BulkheadFullError extends RejectedError {
  /** Always `'ERR_BULKHEAD_FULL'`. */
  readonly code = 'ERR_BULKHEAD_FULL';
  /**
   * `'full'` if the queue was full, too; `'queue-timeout'` if the call waited too long in the queue; `'displaced'` if a call
   * of higher priority took its place in the full queue.
   */
  readonly reason: BulkheadFullReason;

  /**
   * @param running calls that hold a slot, for the message.
   * @param waiting calls in the queue, for the message.
   */
  constructor(policy: string, reason: BulkheadFullReason, running?: number, waiting?: number) {
    const load = running === undefined ? '' : ` (${running} running, ${waiting ?? 0} waiting)`;
    super(`Policy ${policy}: ${CONDITIONS[reason]}${load}`, policy);
    this.reason = reason;
  }
}

defineErrorClass(BulkheadFullError, 'BulkheadFullError', {
  key: 'fusewire.BulkheadFullError',
  code: 'ERR_BULKHEAD_FULL',
});
