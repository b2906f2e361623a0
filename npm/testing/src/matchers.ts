import { CircuitBreaker, isCallTimeoutError, isCircuitOpenError } from 'fusewire';
import type { BreakerStats, CircuitState, Override } from 'fusewire';

/** What a matcher found, in the form that vitest and jest ask for. */
export interface MatcherResult {
  readonly pass: boolean;
  /** Why it did not hold; with `.not`, why it did. */
  readonly message: () => string;
}

/** The stats that are to hold: numbers and words as they are to be read. */
export type ExpectedStats = Partial<Omit<BreakerStats, 'responseTimes'>>;

const STATES: readonly CircuitState[] = ['CLOSED', 'OPEN', 'HALF_OPEN'];
const OVERRIDES: readonly Override[] = ['NONE', 'FORCED_OPEN', 'FORCED_CLOSED', 'SHADOW'];

function toHaveState(received: unknown, state: CircuitState): MatcherResult {
  const breaker = asBreaker('toHaveState', received);
  checkWord('toHaveState', state, STATES);
  const { state: actual } = breaker;
  return result(actual === state, `circuit breaker ${breaker.name}`, `be ${state}`, `is ${actual}${because(breaker)}`);
}

function toBeOpen(received: unknown): MatcherResult {
  return toHaveState(received, 'OPEN');
}

function toBeHalfOpen(received: unknown): MatcherResult {
  return toHaveState(received, 'HALF_OPEN');
}

function toBeClosed(received: unknown): MatcherResult {
  return toHaveState(received, 'CLOSED');
}

function toHaveOverride(received: unknown, override: Override): MatcherResult {
  const breaker = asBreaker('toHaveOverride', received);
  checkWord('toHaveOverride', override, OVERRIDES);
  const { override: actual } = breaker;
  return result(
    actual === override,
    `circuit breaker ${breaker.name}`,
    `have the override ${override}`,
    `has ${actual}`,
  );
}

function toHaveStats(received: unknown, expected: ExpectedStats): MatcherResult {
  const breaker = asBreaker('toHaveStats', received);
  const stats = breaker.getStats();
  const keys = keysOf(expected, stats);
  const wrong = keys.filter((key) => !isSame(stats[key], expected[key]));
  const told = wrong.length > 0 ? wrong : keys;
  const show = (from: ExpectedStats) => told.map((key) => `${key} ${String(from[key])}`).join(', ');
  return result(wrong.length === 0, `circuit breaker ${breaker.name}`, `have ${show(expected)}`, `has ${show(stats)}`);
}

async function toBeRejectedByCircuit(received: unknown, name?: string): Promise<MatcherResult> {
  return rejection(received, name, isCircuitOpenError, 'be rejected by an open circuit');
}

async function toTimeOut(received: unknown, name?: string): Promise<MatcherResult> {
  return rejection(received, name, isCallTimeoutError, 'run into its call timeout');
}

/**
 * The matchers: `expect.extend(breakerMatchers)` for vitest and jest. Their types come with
 * `@fusewire/testing/vitest` and `@fusewire/testing/jest`.
 */
export const breakerMatchers = {
  toHaveState,
  toBeOpen,
  toBeHalfOpen,
  toBeClosed,
  toHaveOverride,
  toHaveStats,
  toBeRejectedByCircuit,
  toTimeOut,
};

/** The matchers as `expect(…)` has them. */
export interface BreakerMatchers<Returned = unknown> {
  /** The breaker is in that state now. */
  toHaveState(state: CircuitState): Returned;
  /** The breaker is open now. */
  toBeOpen(): Returned;
  /** The breaker is half-open now. */
  toBeHalfOpen(): Returned;
  /** The breaker is closed now. */
  toBeClosed(): Returned;
  /** The operator's standing order is that one. */
  toHaveOverride(override: Override): Returned;
  /** The stats have these values now. */
  toHaveStats(expected: ExpectedStats): Returned;
  /** The promise of a call, or the function that makes it, rejects because the circuit (of that name) admits no call. */
  toBeRejectedByCircuit(name?: string): Promise<void>;
  /** The promise of a call, or the function that makes it, rejects with the call timeout (of the breaker of that name). */
  toTimeOut(name?: string): Promise<void>;
}

function result(pass: boolean, subject: string, expectation: string, actual: string): MatcherResult {
  return { pass, message: () => `expected ${subject} ${pass ? 'not ' : ''}to ${expectation}, but it ${actual}` };
}

/** A breaker says by itself why it is in its state. */
function because(breaker: CircuitBreaker): string {
  const { reason } = breaker.explain();
  return reason === 'none' ? '' : ` (${reason})`;
}

async function rejection(
  received: unknown,
  name: string | undefined,
  isExpected: (error: unknown) => boolean,
  expectation: string,
): Promise<MatcherResult> {
  const by = name === undefined ? '' : ` by ${name}`;
  let actual: string;
  let pass = false;
  try {
    await (typeof received === 'function' ? (received as () => unknown)() : received);
    actual = 'resolved';
  } catch (error) {
    const breaker = (error as { breaker?: unknown } | null)?.breaker;
    pass = isExpected(error) && (name === undefined || breaker === name);
    actual = `rejected with ${String(error)}`;
  }
  return result(pass, 'the call', expectation + by, actual);
}

/** A word that is misspelt would hold with `.not` for ever. */
function checkWord(matcher: string, given: unknown, words: readonly string[]): void {
  if (words.includes(given as string)) return;
  throw new TypeError(`${matcher} takes ${words.join(' or ')}, got ${String(given)}`);
}

/** The stats that are expected: at least one, for nothing holds always. */
function keysOf(expected: unknown, stats: BreakerStats): (keyof ExpectedStats)[] {
  const keys = typeof expected === 'object' && expected !== null ? Object.keys(expected) : [];
  if (keys.length === 0) throw new TypeError('toHaveStats takes an object with at least one of the stats');
  const unknown = keys.find((key) => key === 'responseTimes' || !Object.hasOwn(stats, key));
  if (unknown !== undefined) throw new TypeError(`toHaveStats: ${unknown} is none of the stats that can be expected`);
  return keys as (keyof ExpectedStats)[];
}

function isSame(actual: unknown, expected: unknown): boolean {
  if (actual instanceof Date && expected instanceof Date) return actual.getTime() === expected.getTime();
  return Object.is(actual, expected);
}

function asBreaker(matcher: string, received: unknown): CircuitBreaker {
  if (received instanceof CircuitBreaker) return received;
  const likeBreaker = received as Partial<CircuitBreaker> | null | undefined;
  const isLike = typeof likeBreaker?.getStats === 'function' && typeof likeBreaker.explain === 'function';
  // A breaker of another copy of the package is one, too.
  if (isLike) return received as CircuitBreaker;
  throw new TypeError(`${matcher} takes a CircuitBreaker`);
}
