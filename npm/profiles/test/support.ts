import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { isConfigurationError } from '@fusewire/profiles';
import type { DefineBreakersOptions } from '@fusewire/profiles';

/** Nothing of the process that runs the tests. */
export const ALONE = { environment: 'test', variables: {} } as const satisfies DefineBreakersOptions;

/** What is wrong with a configuration. */
export function messageOf(define: () => unknown): string {
  try {
    define();
  } catch (error) {
    assert.ok(isConfigurationError(error), inspect(error));
    return error.message;
  }
  return assert.fail('it was taken');
}
