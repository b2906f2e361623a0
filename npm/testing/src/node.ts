import { AssertionError } from 'node:assert';
import * as test from 'node:test';
import { breakerMatchers } from './matchers.ts';
import type { BreakerMatchers, MatcherResult } from './matchers.ts';

type Matchers = typeof breakerMatchers;

/** A matcher as an assertion: it takes what is matched first, and throws an `AssertionError` where it does not hold. */
type Assertion<Matcher> = Matcher extends (received: unknown, ...rest: infer Rest) => Promise<unknown>
  ? (received: unknown, ...rest: Rest) => Promise<void>
  : Matcher extends (received: unknown, ...rest: infer Rest) => unknown
    ? (received: unknown, ...rest: Rest) => void
    : never;

/** The assertions, named after the matchers. */
export type BreakerAssertions = { readonly [Name in keyof BreakerMatchers]: Assertion<Matchers[Name]> };

/** The matchers for node:test and node:assert: `breakerAssert.toBeOpen(breaker)`. */
export const breakerAssert = Object.fromEntries(
  Object.entries(breakerMatchers).map(([name, matcher]) => [name, asAssertion(matcher as AnyMatcher)]),
) as BreakerAssertions;

/**
 * Adds the assertions to `t.assert` of node:test, which Node has from version 22.14 on.
 *
 * @throws {Error} where this Node has no such thing.
 */
export function registerBreakerAssertions(): void {
  const { assert } = test as { assert?: { register(name: string, assertion: unknown): void } };
  if (assert === undefined) throw new Error('This Node cannot add assertions to node:test: use breakerAssert');
  for (const [name, assertion] of Object.entries(breakerAssert)) assert.register(name, assertion);
}

type AnyMatcher = (...args: unknown[]) => MatcherResult | Promise<MatcherResult>;

function asAssertion(matcher: AnyMatcher): unknown {
  return function assertion(...args: unknown[]): void | Promise<void> {
    const found = matcher(...args);
    return found instanceof Promise ? found.then((result) => check(result, assertion)) : check(found, assertion);
  };
}

function check({ pass, message }: MatcherResult, assertion: () => unknown): void {
  if (!pass) throw new AssertionError({ message: message(), stackStartFn: assertion });
}
