import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { ConfigurationError } from '@fusewire/profiles';
import type { DefineBreakersOptions } from '@fusewire/profiles';

/** Options that read nothing from the process that runs the tests. */
export const ISOLATED = { environment: 'test', variables: {} } as const satisfies DefineBreakersOptions;

/** Returns the message of the configuration error that a function throws. */
export function messageOf(define: () => unknown): string {
  try {
    define();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, inspect(error));
    return error.message;
  }
  return assert.fail('no error was thrown');
}

/** Options of a breaker without jitter. */
export const MPESA = { failureThreshold: 3, timeout: 30_000, resetTimeout: 120_000 } as const;

/** Options by environment. */
export const ENVIRONMENTS = {
  development: { failureThreshold: 3, timeout: 5_000, resetTimeout: 15_000 },
  staging: { failureThreshold: 4, timeout: 8_000, resetTimeout: 20_000 },
  production: { failureThreshold: 5, timeout: 10_000, resetTimeout: 30_000 },
} as const;
