import { defineErrorClass } from './error-class.ts';
import { RejectedError } from './rejected-error.ts';

/** Error of a call that was shed, because the dependency accepts too few calls. It has no stack. */
export class ShedError extends RejectedError {
  /** Always `'ERR_SHED'`. */
  readonly code = 'ERR_SHED';
  /** Always `'shed'`. */
  readonly reason = 'shed';

  constructor(policy: string) {
    super(`Policy ${policy}: the dependency accepts too few calls`, policy);
  }
}

defineErrorClass(ShedError, 'ShedError', { key: 'fusewire.ShedError', code: 'ERR_SHED' });
