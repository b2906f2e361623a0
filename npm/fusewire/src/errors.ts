import type { BackendKind, Problem } from './engine/backend.ts';
import type { CircuitState, RejectionReason } from './engine/names.ts';
import { wholeMilliseconds } from './engine/readings.ts';
import { defaultClock } from './time/clock.ts';

const OUTCOME: unique symbol = Symbol.for('fusewire.outcome');
const CIRCUIT_OPEN: unique symbol = Symbol.for('fusewire.CircuitOpenError');
const CALL_TIMEOUT: unique symbol = Symbol.for('fusewire.CallTimeoutError');
const DISPOSED: unique symbol = Symbol.for('fusewire.BreakerDisposedError');
const OPTIONS: unique symbol = Symbol.for('fusewire.BreakerOptionsError');
const BACKEND: unique symbol = Symbol.for('fusewire.BackendLoadError');
const RETRIES_EXHAUSTED: unique symbol = Symbol.for('fusewire.RetriesExhaustedError');
const BULKHEAD_FULL: unique symbol = Symbol.for('fusewire.BulkheadFullError');
const RATE_LIMITED: unique symbol = Symbol.for('fusewire.RateLimitError');
const THROTTLED: unique symbol = Symbol.for('fusewire.ThrottledError');

/** Words of the message of a rejection by a closed circuit. */
const CLOSED_CONDITIONS: { readonly [Reason in RejectionReason]?: string } = {
  recovering: 'recovering',
  'in-flight-limit': 'waiting for answers',
};

/**
 * Error of a call that a breaker did not admit. Its function was not run.
 *
 * It has no stack unless the breaker's option `rejectionStack` is set: an open circuit rejects many calls, and most of the
 * cost of such an error is its stack.
 */
export class CircuitOpenError extends Error {
  /** Always true. */
  readonly circuitBreakerOpen = true;
  /** Always `'ECIRCUITOPEN'`. */
  readonly code = 'ECIRCUITOPEN';
  /** Name of the breaker. */
  readonly breaker: string;
  /** State that callers experience. */
  readonly state: CircuitState;
  /** Reason of the rejection. */
  readonly reason: RejectionReason;
  /** Whole milliseconds until a call may be admitted, rounded up; null while an operator holds the circuit open. */
  readonly retryAfter: number | null;
  readonly #readNextAttempt: () => Date | null;
  #nextAttempt: Date | null | undefined;
  /** Copy of the last error that counted as a failure, if there was one; see `lastError` of the stats. */
  declare readonly cause?: unknown;

  constructor(
    breaker: string,
    state: CircuitState,
    reason: RejectionReason,
    retryAfter: number | null,
    lastError: unknown,
    nextAttempt: () => Date | null = nextAttemptFromNow(retryAfter),
  ) {
    const condition = CLOSED_CONDITIONS[reason] ?? state;
    super(`Circuit breaker ${breaker} is ${condition}`, lastError === undefined ? undefined : { cause: lastError });
    this.breaker = breaker;
    this.state = state;
    this.reason = reason;
    this.retryAfter = retryAfter;
    this.#readNextAttempt = nextAttempt;
  }

  /** Time at which a call may be admitted; null while an operator holds the circuit open. */
  get nextAttempt(): Date | null {
    // Computed when it is first read: Next.js does not prerender a component that reads the date.
    return (this.#nextAttempt ??= this.#readNextAttempt());
  }
}

/** Returns the function that computes the time of the next attempt. */
function nextAttemptFromNow(retryAfter: number | null): () => Date | null {
  const createdAt = defaultClock();
  return () => {
    const age = Math.max(0, defaultClock() - createdAt);
    return retryAfter === null ? null : new Date(Math.round(Date.now() + retryAfter - age));
  };
}

/** Error of a call that did not settle within the `timeout` of its breaker or of a policy. Its work may still run. */
export class CallTimeoutError extends Error {
  /** Always true. */
  readonly timeout = true;
  /** Always `'ECALLTIMEOUT'`. */
  readonly code = 'ECALLTIMEOUT';
  /** Name of the breaker or the policy. */
  readonly breaker: string;
  /**
   * Error that says what the call waited for: that of the last attempt of a retry inside, that of the last copy of a hedge
   * that failed, or a `BulkheadFullError` if the call waited for a slot. Absent if the first attempt was running.
   */
  declare readonly cause?: unknown;

  constructor(
    breaker: string,
    milliseconds: number,
    subject = 'Circuit breaker',
    end?: { readonly delay?: number | undefined; readonly cause: unknown },
  ) {
    const message = `${subject} ${breaker} timeout after ${milliseconds}ms`;
    const { delay, cause } = end ?? {};
    const next = delay === undefined ? undefined : (wholeMilliseconds(delay) ?? 0);
    super(
      next === undefined ? message : `${message} comes before the next attempt, which would begin in ${next}ms`,
      cause === undefined ? undefined : { cause },
    );
    this.breaker = breaker;
  }
}

/** Error of a call whose attempts have all failed, if the retry's option `exhausted` is `'all-errors'`. */
export class RetriesExhaustedError extends Error {
  /** Always `'ERETRIESEXHAUSTED'`. */
  readonly code = 'ERETRIESEXHAUSTED';
  /** Name of the policy. */
  readonly policy: string;
  /** Number of attempts. */
  readonly attempts: number;
  /** Errors of the attempts, in order. */
  readonly errors: readonly unknown[];
  /** Error of the last attempt. */
  declare readonly cause: unknown;

  constructor(policy: string, errors: readonly unknown[]) {
    super(`Policy ${policy}: all ${errors.length} attempts failed`, { cause: errors.at(-1) });
    this.policy = policy;
    this.attempts = errors.length;
    this.errors = errors;
  }
}

/** Reason of a {@link BulkheadFullError}. */
type BulkheadFullReason = 'full' | 'queue-timeout' | 'displaced';

/** Words of the message of a {@link BulkheadFullError}. */
const BULKHEAD_FULL_CAUSES: { readonly [Reason in BulkheadFullReason]: string } = {
  full: 'no slot is free',
  'queue-timeout': 'no slot became free in time',
  displaced: 'a call of higher priority took the place in the queue',
};

/** Error of a call that got no slot of a bulkhead or an adaptive bulkhead. It has no stack, because there may be many. */
export class BulkheadFullError extends Error {
  /** Always `'EBULKHEADFULL'`. */
  readonly code = 'EBULKHEADFULL';
  /** Name of the policy. */
  readonly policy: string;
  /**
   * `'full'` if the queue was full, too; `'queue-timeout'` if the call waited too long in the queue; `'displaced'` if a call
   * of higher priority took its place in the full queue.
   */
  readonly reason: BulkheadFullReason;

  constructor(policy: string, reason: BulkheadFullReason) {
    super(`Policy ${policy}: ${BULKHEAD_FULL_CAUSES[reason]}`);
    this.policy = policy;
    this.reason = reason;
  }
}

/** Error of a call that exceeded a rate limit. It has no stack, because there may be many. */
export class RateLimitError extends Error {
  /** Always `'ERATELIMITED'`. */
  readonly code = 'ERATELIMITED';
  /** Name of the policy. */
  readonly policy: string;
  /** Whole milliseconds until the call may be made, rounded up. */
  readonly retryAfter: number;

  constructor(policy: string, retryAfter: number) {
    const wait = wholeMilliseconds(retryAfter) ?? 0;
    super(`Policy ${policy}: too many calls, the next in ${wait}ms`);
    this.policy = policy;
    this.retryAfter = wait;
  }
}

/** Error of a call that a throttle rejected, because the dependency accepts too few calls. It has no stack. */
export class ThrottledError extends Error {
  /** Always `'ETHROTTLED'`. */
  readonly code = 'ETHROTTLED';
  /** Name of the policy. */
  readonly policy: string;

  constructor(policy: string) {
    super(`Policy ${policy}: the dependency accepts too few calls`);
    this.policy = policy;
  }
}

/** Error of a breaker that was used after its disposal. */
export class BreakerDisposedError extends Error {
  /** Always `'EBREAKERDISPOSED'`. */
  readonly code = 'EBREAKERDISPOSED';
  /** Name of the breaker. */
  readonly breaker: string;

  constructor(breaker: string) {
    super(`Circuit breaker ${breaker} was disposed`);
    this.breaker = breaker;
  }
}

/** Error of a backend that could not be loaded. */
export class BackendLoadError extends Error {
  /** Always `'EBREAKERBACKEND'`. */
  readonly code = 'EBREAKERBACKEND';
  /** Requested backend. */
  readonly backend: BackendKind;
  /** Paths that were tried, in order, each with the reason why it failed. */
  readonly attempts: readonly BackendAttempt[];

  constructor(backend: BackendKind, attempts: readonly BackendAttempt[], advice: string) {
    const tried = attempts.map(({ path, reason }) => `\n  ${path}: ${reason}`).join('');
    super(`fusewire: the ${backend} backend cannot be loaded; ${advice}${tried}`);
    this.backend = backend;
    this.attempts = attempts;
  }
}

/** One path at which a backend was looked for. */
export interface BackendAttempt {
  readonly path: string;
  readonly reason: string;
}

/**
 * Error of invalid options: a `RangeError` if every problem is a value out of range, otherwise a `TypeError`. It lists every
 * problem at once.
 */
export type BreakerOptionsError = (TypeError | RangeError) & {
  /** Always `'EBREAKEROPTIONS'`. */
  readonly code: 'EBREAKEROPTIONS';
  /** Name of the breaker or policy that the options were for. */
  readonly breaker: string;
  /** All problems of the options. */
  readonly problems: readonly Problem[];
};

// Loggers copy the enumerable properties of an error.
Object.defineProperty(CircuitOpenError.prototype, 'nextAttempt', { enumerable: true });

setNameAndBrands(CircuitOpenError, 'CircuitOpenError', CIRCUIT_OPEN, 'rejection');
setNameAndBrands(CallTimeoutError, 'CallTimeoutError', CALL_TIMEOUT, 'timeout');
setNameAndBrands(BreakerDisposedError, 'BreakerDisposedError', DISPOSED, 'rejection');
setNameAndBrands(BackendLoadError, 'BackendLoadError', BACKEND);
setNameAndBrands(RetriesExhaustedError, 'RetriesExhaustedError', RETRIES_EXHAUSTED);
setNameAndBrands(BulkheadFullError, 'BulkheadFullError', BULKHEAD_FULL, 'rejection');
setNameAndBrands(RateLimitError, 'RateLimitError', RATE_LIMITED, 'rejection');
setNameAndBrands(ThrottledError, 'ThrottledError', THROTTLED, 'rejection');

/** Outcome of a call that an error of this package implies. */
export type ImpliedOutcome = 'rejection' | 'timeout' | 'misuse';

/** Names of the errors of this package, by code. Options errors have the names of their base classes. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  __proto__: null as never,
  ECIRCUITOPEN: ['CircuitOpenError'],
  ECALLTIMEOUT: ['CallTimeoutError'],
  EBREAKERDISPOSED: ['BreakerDisposedError'],
  EBREAKEROPTIONS: ['TypeError', 'RangeError'],
  EBREAKERBACKEND: ['BackendLoadError'],
  ERETRIESEXHAUSTED: ['RetriesExhaustedError'],
  EBULKHEADFULL: ['BulkheadFullError'],
  ERATELIMITED: ['RateLimitError'],
  ETHROTTLED: ['ThrottledError'],
};

/** Outcomes that the errors of this package imply, by code. */
const IMPLIED_OUTCOMES: { readonly [code: string]: ImpliedOutcome } = {
  __proto__: null as never,
  ECIRCUITOPEN: 'rejection',
  ECALLTIMEOUT: 'timeout',
  EBREAKERDISPOSED: 'rejection',
  EBULKHEADFULL: 'rejection',
  ERATELIMITED: 'rejection',
  ETHROTTLED: 'rejection',
};

/** Returns the code of an error of this package, which its name confirms; undefined for other errors. */
function copiedCode(error: { readonly name: string; readonly code?: unknown }): string | undefined {
  const { code } = error;
  return typeof code === 'string' && NAMES[code]?.includes(error.name) === true ? code : undefined;
}

/** Returns the outcome that an error of any copy of this package implies; undefined for other errors. */
export function impliedOutcome(error: unknown): ImpliedOutcome | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    // Few property reads, because every failed call gets here.
    const outcome = (error as { readonly [OUTCOME]?: ImpliedOutcome })[OUTCOME];
    if (outcome !== undefined) return outcome;
    return IMPLIED_OUTCOMES[copiedCode(error as Error) ?? ''];
  } catch {
    // A revoked proxy, say.
    return undefined;
  }
}

/**
 * Whether an error is the rejection by a breaker or a policy, of any copy of this package. The function of such a call was
 * not run. No breaker around it counts it as a failure, and no retry repeats it.
 */
export function isRejection(error: unknown): boolean {
  return impliedOutcome(error) === 'rejection';
}

/** Whether a value is a {@link CircuitOpenError}, of any copy of this package. */
export function isCircuitOpenError(error: unknown): error is CircuitOpenError {
  return isBranded(error, CIRCUIT_OPEN, 'ECIRCUITOPEN');
}

/** Whether a value is a {@link CallTimeoutError}, of any copy of this package. */
export function isCallTimeoutError(error: unknown): error is CallTimeoutError {
  return isBranded(error, CALL_TIMEOUT, 'ECALLTIMEOUT');
}

/** Whether a value is a {@link BreakerDisposedError}, of any copy of this package. */
export function isBreakerDisposedError(error: unknown): error is BreakerDisposedError {
  return isBranded(error, DISPOSED, 'EBREAKERDISPOSED');
}

/** Whether a value is a {@link BreakerOptionsError}, of any copy of this package. */
export function isBreakerOptionsError(error: unknown): error is BreakerOptionsError {
  return isBranded(error, OPTIONS, 'EBREAKEROPTIONS');
}

/** Whether a value is a {@link BackendLoadError}, of any copy of this package. */
export function isBackendLoadError(error: unknown): error is BackendLoadError {
  return isBranded(error, BACKEND, 'EBREAKERBACKEND');
}

/** Whether a value is a {@link RetriesExhaustedError}, of any copy of this package. */
export function isRetriesExhaustedError(error: unknown): error is RetriesExhaustedError {
  return isBranded(error, RETRIES_EXHAUSTED, 'ERETRIESEXHAUSTED');
}

/** Whether a value is a {@link BulkheadFullError}, of any copy of this package. */
export function isBulkheadFullError(error: unknown): error is BulkheadFullError {
  return isBranded(error, BULKHEAD_FULL, 'EBULKHEADFULL');
}

/** Whether a value is a {@link RateLimitError}, of any copy of this package. */
export function isRateLimitError(error: unknown): error is RateLimitError {
  return isBranded(error, RATE_LIMITED, 'ERATELIMITED');
}

/** Whether a value is a {@link ThrottledError}, of any copy of this package. */
export function isThrottledError(error: unknown): error is ThrottledError {
  return isBranded(error, THROTTLED, 'ETHROTTLED');
}

/** Creates the error of a call whose function has returned an Observable. Every breaker ignores it, and no retry repeats it. */
export function createObservableError(name: string): TypeError {
  const message =
    `${name}: the function of a call returned an Observable, and nothing subscribes to it; ` +
    "convert it with firstValueFrom, or set the option observables: 'first-value'";
  // The call is below the frames of all layers.
  const error = withStackLimit(100, () => new TypeError(message));
  return Object.defineProperty(error, OUTCOME, { value: 'misuse' satisfies ImpliedOutcome });
}

/** Whether the call itself was wrong, so that its error says nothing about the dependency. */
export function isMisuse(error: unknown): boolean {
  return impliedOutcome(error) === 'misuse';
}

/** Creates an options error, which any copy of this package recognizes. */
export function brandOptionsError(breaker: string, message: string, problems: readonly Problem[]): BreakerOptionsError {
  const Base = problems.every(({ kind }) => kind === 'range') ? RangeError : TypeError;
  const error = Object.assign(new Base(message), { code: 'EBREAKEROPTIONS' as const, breaker, problems });
  return Object.defineProperty(error, OPTIONS, { value: true });
}

const limitsStacks = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')?.writable === true;

/** Creates an error, without a stack unless `withStack`: the stack costs more than everything else. */
export function createError<E extends Error, A extends readonly unknown[]>(
  withStack: boolean,
  Class: new (...args: A) => E,
  ...args: A
): E {
  return withStack ? new Class(...args) : withStackLimit(0, () => new Class(...args));
}

/** Calls a function while stacks have so many frames. */
export function withStackLimit<Result>(frames: number, run: () => Result): Result {
  if (!limitsStacks) return run();
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = frames;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Sets the name and the brands on the prototype, where they cost nothing per instance. */
function setNameAndBrands(
  Class: new (...args: never) => Error,
  name: string,
  brand: symbol,
  outcome?: ImpliedOutcome,
): void {
  Object.defineProperty(Class.prototype, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(Class.prototype, brand, { value: true });
  if (outcome !== undefined) Object.defineProperty(Class.prototype, OUTCOME, { value: outcome });
}

/** Whether an error has the brand. One that crossed a thread or a process has lost it, and keeps its name and code. */
function isBranded(error: unknown, brand: symbol, code: string): boolean {
  if (typeof error !== 'object' || error === null) return false;
  try {
    return (error as Record<symbol, unknown>)[brand] === true || copiedCode(error as Error) === code;
  } catch {
    // A revoked proxy, say.
    return false;
  }
}
