import { CallTimeoutError, CircuitOpenError } from 'fusewire';
import type { BreakerStats, CircuitState, Override } from 'fusewire';
import { subjectOf } from './subject.ts';

/** Result of a matcher, in the form that vitest and jest require. */
export interface MatcherResult {
  readonly pass: boolean;
  /** Returns the message of the failed expectation, or of the failed expectation with `.not`. */
  readonly message: () => string;
}

/** Expected values of some of the stats: those of fusewire, or of a breaker with the interface of opossum. */
export type ExpectedStats = Partial<Omit<BreakerStats, 'responseTimes'>> & Partial<Record<OpossumCount, number>>;

/** Name of a count in the stats of opossum. */
export type OpossumCount =
  | ('fires' | 'successes' | 'failures' | 'rejects' | 'timeouts' | 'fallbacks' | 'semaphoreRejections')
  | ('cacheHits' | 'cacheMisses' | 'coalesceCacheHits' | 'coalesceCacheMisses');

const STATES: readonly CircuitState[] = ['CLOSED', 'OPEN', 'HALF_OPEN'];
const OVERRIDES: readonly Override[] = ['NONE', 'FORCED_OPEN', 'FORCED_CLOSED', 'SHADOW'];

function toHaveState(received: unknown, state: CircuitState): MatcherResult {
  const { name, state: actual, reason } = subjectOf('toHaveState', received);
  checkOneOf('toHaveState', state, STATES);
  const shown = reason === '' ? actual : `${actual} (${reason})`;
  return result(actual === state, `circuit breaker ${name}`, `be ${state}`, `is ${shown}`);
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
  const { name, override: actual } = subjectOf('toHaveOverride', received);
  checkOneOf('toHaveOverride', override, OVERRIDES);
  if (actual === undefined) throw new TypeError(`toHaveOverride: circuit breaker ${name} has no overrides`);
  return result(actual === override, `circuit breaker ${name}`, `have the override ${override}`, `has ${actual}`);
}

function toHaveStats(received: unknown, expected: ExpectedStats): MatcherResult {
  const { name, stats } = subjectOf('toHaveStats', received);
  const keys = keysOf(expected, stats);
  const wanted = expected as typeof stats;
  const different = keys.filter((key) => !isSame(stats[key], wanted[key]));
  const shown = different.length > 0 ? different : keys;
  const show = (from: typeof stats) => shown.map((key) => `${key} ${String(from[key])}`).join(', ');
  return result(different.length === 0, `circuit breaker ${name}`, `have ${show(wanted)}`, `has ${show(stats)}`);
}

async function toBeRejectedByCircuit(received: unknown, name?: string): Promise<MatcherResult> {
  return rejection(received, name, isOpenError, 'be rejected by an open circuit');
}

async function toTimeOut(received: unknown, name?: string): Promise<MatcherResult> {
  return rejection(received, name, isTimeoutError, 'run into its call timeout');
}

/**
 * Matchers for vitest and jest: `expect.extend(breakerMatchers)`. Import them from `@fusewire/testing/vitest` or
 * `@fusewire/testing/jest` to get their types too.
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

/** Types of the matchers on the result of `expect(…)`. */
export interface BreakerMatchers<Returned = unknown> {
  /** Passes if the breaker is in a state now. */
  toHaveState(state: CircuitState): Returned;
  /** Passes if the breaker is open now. */
  toBeOpen(): Returned;
  /** Passes if the breaker is half-open now. */
  toBeHalfOpen(): Returned;
  /** Passes if the breaker is closed now. */
  toBeClosed(): Returned;
  /** Passes if the breaker has an override of an operator now. */
  toHaveOverride(override: Override): Returned;
  /** Passes if the stats of the breaker have these values now. */
  toHaveStats(expected: ExpectedStats): Returned;
  /** Passes if a promise, or the function that returns it, rejects with a `CircuitOpenError` (of the named breaker). */
  toBeRejectedByCircuit(name?: string): Promise<void>;
  /** Passes if a promise, or the function that returns it, rejects with a `CallTimeoutError` (of the named breaker). */
  toTimeOut(name?: string): Promise<void>;
}

function result(pass: boolean, subject: string, expectation: string, actual: string): MatcherResult {
  return { pass, message: () => `expected ${subject} ${pass ? 'not ' : ''}to ${expectation}, but it ${actual}` };
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
    const isNameless = isExpected(error) && breaker === undefined;
    actual = `rejected with ${String(error)}${isNameless ? ', which names no breaker' : ''}`;
  }
  return result(pass, 'the call', expectation + by, actual);
}

/** Whether a circuit rejected the call. Errors with the interface of opossum have only a code. */
function isOpenError(error: unknown): boolean {
  return error instanceof CircuitOpenError || (error as { code?: unknown } | null)?.code === 'EOPENBREAKER';
}

/** Whether the call took longer than the timeout of its breaker. Sockets have the code of opossum too, and a `syscall`. */
function isTimeoutError(error: unknown): boolean {
  if (error instanceof CallTimeoutError) return true;
  const { code, message, syscall } = (error ?? {}) as Partial<Record<'code' | 'message' | 'syscall', unknown>>;
  return code === 'ETIMEDOUT' && syscall === undefined && /^Timed out after \d+ms$/.test(String(message));
}

/** Throws for an unknown value. A misspelt state would always pass with `.not`. */
function checkOneOf(matcher: string, value: unknown, values: readonly string[]): void {
  if (values.includes(value as string)) return;
  throw new TypeError(`${matcher} takes ${values.join(' or ')}, got ${String(value)}`);
}

/** Returns the keys of the expected stats. Throws if there are none, because no expectation would always pass. */
function keysOf(expected: unknown, stats: object): string[] {
  const keys = typeof expected === 'object' && expected !== null ? Object.keys(expected) : [];
  if (keys.length === 0) throw new TypeError('toHaveStats takes an object with at least one of the stats');
  const unknown = keys.find((key) => key === 'responseTimes' || !Object.hasOwn(stats, key));
  if (unknown !== undefined) {
    throw new TypeError(`toHaveStats: ${unknown} is not one of the stats, or cannot be compared`);
  }
  return keys;
}

function isSame(actual: unknown, expected: unknown): boolean {
  if (actual instanceof Date && expected instanceof Date) return actual.getTime() === expected.getTime();
  return Object.is(actual, expected);
}
