import type { Problem } from '../engine/backend.ts';
import { defineErrorClass } from './error-class.ts';

/** Error of invalid options. It lists every problem at once, and shows no value that may be a secret. */
export class OptionsError extends Error {
  /** Always `'ERR_OPTIONS'`. */
  readonly code = 'ERR_OPTIONS';
  /** Name of the breaker, policy or other object that the options were for. */
  readonly policy: string;
  /** All problems of the options. */
  readonly problems: readonly Problem[];

  constructor(policy: string, message: string, problems: readonly Problem[]) {
    super(message);
    this.policy = policy;
    this.problems = problems;
  }
}

defineErrorClass(OptionsError, 'OptionsError', { key: 'fusewire.OptionsError', code: 'ERR_OPTIONS' });
