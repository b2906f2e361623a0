import { defineErrorClass } from './error-class.ts';

/** Error of a breaker that was used after its disposal: a mistake in the program, and no rejection. */
export class BreakerDisposedError extends Error {
  /** Always `'ERR_BREAKER_DISPOSED'`. */
  readonly code = 'ERR_BREAKER_DISPOSED';
  /** Name of the breaker. */
  readonly policy: string;

  constructor(breaker: string) {
    super(`Circuit breaker ${breaker} was disposed`);
    this.policy = breaker;
  }
}

defineErrorClass(BreakerDisposedError, 'BreakerDisposedError', {
  key: 'fusewire.BreakerDisposedError',
  code: 'ERR_BREAKER_DISPOSED',
  outcome: 'misuse',
});
