import { defineErrorClass } from './error-class.ts';
import { RejectedError } from './rejected-error.ts';

/** Error of a call that was shed, because the dependency accepts too few calls. It has no stack. */
export class ShedError extends RejectedError {
  /** Always `'ERR_SHED'`. */
  readonly code = 'ERR_SHED';
  /** Always `'shed'`. */
  readonly reason = 'shed';

  /**
   * @param accepted calls that the dependency has accepted so far, for the message.
   * @param calls calls that the dependency has got so far, for the message.
   */
  constructor(policy: string, accepted?: number, calls?: number) {
    const counts = accepted === undefined ? '' : ` (${accepted} of ${calls ?? 0} so far)`;
    super(`Policy ${policy}: the dependency accepts too few calls${counts}`, policy);
  }
}

defineErrorClass(ShedError, 'ShedError', { key: 'fusewire.ShedError', code: 'ERR_SHED' });
