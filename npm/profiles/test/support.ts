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
