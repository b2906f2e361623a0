import { defineErrorClass } from './error-class.ts';

/** Error of a call whose attempts have all failed, if the retry's option `exhausted` is `'all-errors'`. */
export class RetriesExhaustedError extends Error {
  /** Always `'ERR_RETRIES_EXHAUSTED'`. */
  readonly code = 'ERR_RETRIES_EXHAUSTED';
  /** Name of the policy. */
  readonly policy: string;
  /** Number of attempts. */
  readonly attempts: number;
  /** Errors of the attempts, in order. Not enumerable, because they may contain requests and credentials. */
  declare readonly errors: readonly unknown[];
  /** Error of the last attempt. */
  declare readonly cause: unknown;

  constructor(policy: string, errors: readonly unknown[]) {
    super(`Policy ${policy}: all ${errors.length} attempts failed`, { cause: errors.at(-1) });
    this.policy = policy;
    this.attempts = errors.length;
    Object.defineProperty(this, 'errors', { value: errors, configurable: true, writable: true });
  }
}

defineErrorClass(RetriesExhaustedError, 'RetriesExhaustedError', {
  key: 'fusewire.RetriesExhaustedError',
  code: 'ERR_RETRIES_EXHAUSTED',
});
