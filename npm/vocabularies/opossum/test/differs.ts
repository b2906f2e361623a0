// Programs that both classes run with different results.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import process from 'node:process';
import { describe, it } from 'node:test';
import { CircuitBreaker } from '@fusewire/opossum';
import type { Options } from '@fusewire/opossum';
import { settled } from './fake-time.ts';

type AnyAction = (...args: never[]) => unknown;
export type AnyBreaker = CircuitBreaker<unknown[], unknown>;
export type AnyClass = (new (action: AnyAction, options?: Options) => AnyBreaker) &
  Pick<typeof CircuitBreaker, 'isOurError' | 'newStatus'>;

const Opossum = createRequire(import.meta.url)('opossum') as AnyClass;
const Ours = CircuitBreaker as unknown as AnyClass;

/** Tests the results of one program with both classes. */
export function differs<Seen>(
  what: string,
  theirs: Seen,
  ours: Seen,
  program: (Breaker: AnyClass) => Promise<Seen>,
): void {
  describe(what, () => {
    it(`results in ${JSON.stringify(theirs)} with opossum`, async () =>
      assert.deepEqual(await program(Opossum), theirs));
    it(`results in ${JSON.stringify(ours)} with fusewire`, async () => assert.deepEqual(await program(Ours), ours));
  });
}

export const fails = async (): Promise<never> => {
  throw new Error('failed');
};

/** Returns the value or the error of a call, or `'nothing'` while it is pending. */
export async function outcomeOf(call: () => Promise<unknown>): Promise<unknown> {
  let end: unknown = 'nothing';
  try {
    call().then(
      (value) => (end = value),
      (error: Error & { code?: string }) => (end = error.code ?? error.message),
    );
  } catch (error) {
    return `threw ${(error as Error).message}`;
  }
  await settled();
  return end;
}

/** Runs `act` while unhandled errors and process warnings are ignored. */
export async function ignoringErrors<T>(act: () => Promise<T>): Promise<T> {
  const events = ['unhandledRejection', 'uncaughtException', 'warning'] as const;
  const before = events.map((event) => process.listeners(event as never));
  for (const event of events) process.removeAllListeners(event).on(event, () => undefined);
  try {
    return await act();
  } finally {
    await settled();
    for (const [at, event] of events.entries()) {
      process.removeAllListeners(event);
      for (const listener of before[at] ?? []) process.on(event as never, listener as never);
    }
  }
}

export const stateOf = ({ closed, opened, halfOpen }: AnyBreaker): string =>
  closed ? 'closed' : opened ? 'open' : halfOpen ? 'half-open' : 'none';
