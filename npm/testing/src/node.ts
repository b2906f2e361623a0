import { AssertionError } from 'node:assert';
import * as test from 'node:test';
import { breakerMatchers } from './matchers.ts';
import type { BreakerMatchers, MatcherResult } from './matchers.ts';

type Matchers = typeof breakerMatchers;

/** Type of a matcher as an assertion: the received value is the first argument, and a failure throws an `AssertionError`. */
type Assertion<Matcher> = Matcher extends (received: unknown, ...rest: infer Rest) => Promise<unknown>
  ? (received: unknown, ...rest: Rest) => Promise<void>
  : Matcher extends (received: unknown, ...rest: infer Rest) => unknown
    ? (received: unknown, ...rest: Rest) => void
    : never;

/** Assertions by the names of their matchers. */
export type BreakerAssertions = { readonly [Name in keyof BreakerMatchers]: Assertion<Matchers[Name]> };

/** Assertions for node:test and node:assert: `breakerAssert.toBeOpen(breaker)`. */
export const breakerAssert = Object.fromEntries(
  Object.entries(breakerMatchers).map(([name, matcher]) => [name, asAssertion(matcher as AnyMatcher)]),
) as BreakerAssertions;

/**
 * Adds the assertions to `t.assert` of node:test. It needs Node 22.14 or later.
 *
 * @throws {Error} if this version of Node has no such method.
 */
export function registerBreakerAssertions(): void {
  const { assert } = test as { assert?: { register(name: string, assertion: unknown): void } };
  if (assert === undefined) {
    throw new Error('registerBreakerAssertions needs Node 22.14 or later; use breakerAssert instead');
  }
  for (const [name, assertion] of Object.entries(breakerAssert)) assert.register(name, assertion);
}

type AnyMatcher = (...args: unknown[]) => MatcherResult | Promise<MatcherResult>;

function asAssertion(matcher: AnyMatcher): unknown {
  return function assertion(...args: unknown[]): void | Promise<void> {
    const result = matcher(...args);
    return result instanceof Promise ? result.then((settled) => check(settled, assertion)) : check(result, assertion);
  };
}

function check({ pass, message }: MatcherResult, assertion: () => unknown): void {
  if (!pass) throw new AssertionError({ message: message(), stackStartFn: assertion });
}
