import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import { CircuitBreaker } from '@fusewire/opossum';

export type BreakerClass = typeof CircuitBreaker;

const Opossum = createRequire(import.meta.url)('opossum') as BreakerClass;

/** Tests that a program has the same result with both classes. */
export function alike(what: string, program: (Breaker: BreakerClass) => unknown): void {
  it(what, async () => {
    const expected = await program(Opossum);
    assert.notEqual(expected, undefined);
    assert.deepEqual(await program(CircuitBreaker), expected);
  });
}

export const succeed = async (): Promise<string> => 'value';
export const fail = async (): Promise<string> => {
  throw new Error('failed');
};
