import type { BackendKind, Problem } from './engine/backend.ts';
import type { CircuitState, RejectionReason } from './engine/names.ts';

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

/** What a breaker is that rejects calls while its circuit is closed. */
const CLOSED_CONDITIONS: { readonly [Reason in RejectionReason]?: string } = {
  recovering: 'recovering',
  'in-flight-limit': 'waiting for answers',
};

/**
 * A call was not admitted, and its function was not run.
 *
 * It has no stack unless the breaker's option `rejectionStack` is set: an open circuit rejects many calls, and the stack
 * is most of what such an error costs.
 */
export class CircuitOpenError extends Error {
  /** Always true. */
  readonly circuitBreakerOpen = true;
  /** Always `'ECIRCUITOPEN'`. */
  readonly code = 'ECIRCUITOPEN';
  /** The name of the breaker. */
  readonly breaker: string;
  /** The state that callers experience. */
  readonly state: CircuitState;
  /** Why the call was not admitted. */
  readonly reason: RejectionReason;
  /** Milliseconds until a call may be admitted; null where only an operator can tell. */
  readonly retryAfter: number | null;
  /** When a call may be admitted; null where only an operator can tell. */
  readonly nextAttempt: Date | null;
  /** The last error that counted as a failure, if there was one. */
  declare readonly cause?: unknown;

  constructor(
    breaker: string,
    state: CircuitState,
    reason: RejectionReason,
    retryAfter: number | null,
    lastError: unknown,
  ) {
    const condition = CLOSED_CONDITIONS[reason] ?? state;
    super(`Circuit breaker ${breaker} is ${condition}`, lastError === undefined ? undefined : { cause: lastError });
    this.breaker = breaker;
    this.state = state;
    this.reason = reason;
    this.retryAfter = retryAfter;
    this.nextAttempt = retryAfter === null ? null : new Date(Date.now() + retryAfter);
  }
}

/** A call did not settle within the `timeout` of its breaker, or of a policy. Its work may still be under way. */
export class CallTimeoutError extends Error {
  /** Always true. */
  readonly timeout = true;
  /** Always `'ECALLTIMEOUT'`. */
  readonly code = 'ECALLTIMEOUT';
  /** The name of the breaker or the policy. */
  readonly breaker: string;

  constructor(breaker: string, milliseconds: number, subject = 'Circuit breaker') {
    super(`${subject} ${breaker} timeout after ${milliseconds}ms`);
    this.breaker = breaker;
  }
}

/** Every attempt of a call has failed, and the policy's option `exhausted` asks for the errors of all. */
export class RetriesExhaustedError extends Error {
  /** Always `'ERETRIESEXHAUSTED'`. */
  readonly code = 'ERETRIESEXHAUSTED';
  /** The name of the policy. */
  readonly policy: string;
  /** How many attempts were made. */
  readonly attempts: number;
  /** What each of them rejected with, in order. */
  readonly errors: readonly unknown[];
  /** The last of them. */
  declare readonly cause: unknown;

  constructor(policy: string, errors: readonly unknown[]) {
    super(`Policy ${policy}: all ${errors.length} attempts failed`, { cause: errors.at(-1) });
    this.policy = policy;
    this.attempts = errors.length;
    this.errors = errors;
  }
}

/** A call found no place in a bulkhead or an adaptive limit. It has no stack, for a full one rejects many calls. */
export class BulkheadFullError extends Error {
  /** Always `'EBULKHEADFULL'`. */
  readonly code = 'EBULKHEADFULL';
  /** The name of the policy. */
  readonly policy: string;
  /** Whether no place was left in the queue either, or the call has waited in it too long. */
  readonly reason: 'full' | 'queue-timeout';

  constructor(policy: string, reason: 'full' | 'queue-timeout') {
    super(`Policy ${policy}: ${reason === 'full' ? 'no place is left' : 'no place became free in time'}`);
    this.policy = policy;
    this.reason = reason;
  }
}

/** A call came too soon for a rate limit. It has no stack, for there may be many. */
export class RateLimitError extends Error {
  /** Always `'ERATELIMITED'`. */
  readonly code = 'ERATELIMITED';
  /** The name of the policy. */
  readonly policy: string;
  /** Milliseconds until it may be made. */
  readonly retryAfter: number;

  constructor(policy: string, retryAfter: number) {
    super(`Policy ${policy}: too many calls, the next in ${Math.ceil(retryAfter)}ms`);
    this.policy = policy;
    this.retryAfter = retryAfter;
  }
}

/** A call was shed, for the dependency takes on too few of them. It has no stack, for there may be many. */
export class ThrottledError extends Error {
  /** Always `'ETHROTTLED'`. */
  readonly code = 'ETHROTTLED';
  /** The name of the policy. */
  readonly policy: string;

  constructor(policy: string) {
    super(`Policy ${policy}: the dependency takes on too few calls`);
    this.policy = policy;
  }
}

/** A breaker was used after it had been disposed. */
export class BreakerDisposedError extends Error {
  /** Always `'EBREAKERDISPOSED'`. */
  readonly code = 'EBREAKERDISPOSED';
  /** The name of the breaker. */
  readonly breaker: string;

  constructor(breaker: string) {
    super(`Circuit breaker ${breaker} was disposed`);
    this.breaker = breaker;
  }
}

/** No build of the engine that was asked for could be loaded. */
export class BackendLoadError extends Error {
  /** Always `'EBREAKERBACKEND'`. */
  readonly code = 'EBREAKERBACKEND';
  /** The backend that was asked for. */
  readonly backend: BackendKind;
  /** What was tried, in order, and why each of it failed. */
  readonly attempts: readonly BackendAttempt[];

  constructor(backend: BackendKind, attempts: readonly BackendAttempt[], advice: string) {
    const tried = attempts.map(({ path, reason }) => `\n  ${path}: ${reason}`).join('');
    super(`fusewire: the ${backend} backend cannot be loaded; ${advice}${tried}`);
    this.backend = backend;
    this.attempts = attempts;
  }
}

/** One place where a backend was looked for. */
export interface BackendAttempt {
  readonly path: string;
  readonly reason: string;
}

/**
 * Options that no breaker could be made with: a `RangeError` where every problem is a value out of range, otherwise a
 * `TypeError`. It lists every problem at once.
 */
export type BreakerOptionsError = (TypeError | RangeError) & {
  /** Always `'EBREAKEROPTIONS'`. */
  readonly code: 'EBREAKEROPTIONS';
  /** The name of the breaker that was to be made. */
  readonly breaker: string;
  /** Everything that is wrong. */
  readonly problems: readonly Problem[];
};

setNameAndBrands(CircuitOpenError, 'CircuitOpenError', CIRCUIT_OPEN, 'rejection');
setNameAndBrands(CallTimeoutError, 'CallTimeoutError', CALL_TIMEOUT, 'timeout');
setNameAndBrands(BreakerDisposedError, 'BreakerDisposedError', DISPOSED, 'rejection');
setNameAndBrands(BackendLoadError, 'BackendLoadError', BACKEND);
setNameAndBrands(RetriesExhaustedError, 'RetriesExhaustedError', RETRIES_EXHAUSTED);
setNameAndBrands(BulkheadFullError, 'BulkheadFullError', BULKHEAD_FULL, 'rejection');
setNameAndBrands(RateLimitError, 'RateLimitError', RATE_LIMITED, 'rejection');
setNameAndBrands(ThrottledError, 'ThrottledError', THROTTLED, 'rejection');

/** What an error says of its call: that it was not made, or took too long. */
export type ImpliedOutcome = 'rejection' | 'timeout';

/** What an error of this package, of whichever copy, says of its call; undefined for every other. */
export function impliedOutcome(error: unknown): ImpliedOutcome | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    // One reading by one name, which each failure of a call goes through.
    return (error as { readonly [OUTCOME]?: ImpliedOutcome })[OUTCOME];
  } catch {
    // A revoked proxy, say.
    return undefined;
  }
}

/**
 * Whether it tells that a breaker or a policy, of whichever copy of this package, did not make a call: its function was not
 * run. No breaker around it counts it as a failure, and no retry repeats it.
 */
export function isRejection(error: unknown): boolean {
  return impliedOutcome(error) === 'rejection';
}

/** Whether it is a {@link CircuitOpenError}, of whichever copy of this package. */
export function isCircuitOpenError(error: unknown): error is CircuitOpenError {
  return isBranded(error, CIRCUIT_OPEN);
}

/** Whether it is a {@link CallTimeoutError}, of whichever copy of this package. */
export function isCallTimeoutError(error: unknown): error is CallTimeoutError {
  return isBranded(error, CALL_TIMEOUT);
}

/** Whether it is a {@link BreakerDisposedError}, of whichever copy of this package. */
export function isBreakerDisposedError(error: unknown): error is BreakerDisposedError {
  return isBranded(error, DISPOSED);
}

/** Whether it is a {@link BreakerOptionsError}, of whichever copy of this package. */
export function isBreakerOptionsError(error: unknown): error is BreakerOptionsError {
  return isBranded(error, OPTIONS);
}

/** Whether it is a {@link BackendLoadError}, of whichever copy of this package. */
export function isBackendLoadError(error: unknown): error is BackendLoadError {
  return isBranded(error, BACKEND);
}

/** Whether it is a {@link RetriesExhaustedError}, of whichever copy of this package. */
export function isRetriesExhaustedError(error: unknown): error is RetriesExhaustedError {
  return isBranded(error, RETRIES_EXHAUSTED);
}

/** Whether it is a {@link BulkheadFullError}, of whichever copy of this package. */
export function isBulkheadFullError(error: unknown): error is BulkheadFullError {
  return isBranded(error, BULKHEAD_FULL);
}

/** Whether it is a {@link RateLimitError}, of whichever copy of this package. */
export function isRateLimitError(error: unknown): error is RateLimitError {
  return isBranded(error, RATE_LIMITED);
}

/** Whether it is a {@link ThrottledError}, of whichever copy of this package. */
export function isThrottledError(error: unknown): error is ThrottledError {
  return isBranded(error, THROTTLED);
}

/** Makes the one error that lists everything that is wrong with a breaker's options. */
export function brandOptionsError(breaker: string, message: string, problems: readonly Problem[]): BreakerOptionsError {
  const Base = problems.every(({ kind }) => kind === 'range') ? RangeError : TypeError;
  const error = Object.assign(new Base(message), { code: 'EBREAKEROPTIONS' as const, breaker, problems });
  return Object.defineProperty(error, OPTIONS, { value: true });
}

const limitsStacks = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')?.writable === true;

/** Makes an error, without a stack unless `withStack`: taking one costs more than all the rest. */
export function createError<E extends Error, A extends readonly unknown[]>(
  withStack: boolean,
  Class: new (...args: A) => E,
  ...args: A
): E {
  if (withStack || !limitsStacks) return new Class(...args);
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return new Class(...args);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Puts the name and the brands onto the prototype, where no instance pays for them. */
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

function isBranded(error: unknown, brand: symbol): boolean {
  if (typeof error !== 'object' || error === null) return false;
  try {
    return (error as Record<symbol, unknown>)[brand] === true;
  } catch {
    // A revoked proxy, say.
    return false;
  }
}
