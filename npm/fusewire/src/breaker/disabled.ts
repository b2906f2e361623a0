import { BreakerDisposedError } from '../errors/breaker-disposed-error.ts';
import { invalidBreakerCall, invalidCallOptions } from '../run/arguments.ts';
import type { CallOptions } from '../run/call-options.ts';
import { rejectedPromise, suppressUnhandledRejection, whenSettled } from '../run/promises.ts';
import { runUnprotected } from '../run/unprotected.ts';
import type { Work } from './call.ts';
import { errorResult, successResult } from '../run/results.ts';

/** Breaker whose calls are checked before they start. */
interface CheckedBreaker {
  readonly name: string;
  readonly isDisposed: boolean;
}

/** Returns how a call ends that cannot start: its arguments are invalid, its signal has aborted, or the breaker is disposed. */
export function endBeforeStart(
  breaker: CheckedBreaker,
  work: Work,
  options: CallOptions | undefined,
  asResult: boolean,
): Promise<unknown> | undefined {
  const signal = options?.signal;
  const error = breaker.isDisposed
    ? new BreakerDisposedError(breaker.name)
    : invalidBreakerCall(breaker.name, work, options, signal);
  if (error === undefined && signal?.aborted !== true) return undefined;
  suppressUnhandledRejection(work);
  if (error !== undefined) return rejectedPromise(error);
  return asResult ? Promise.resolve(errorResult(signal?.reason)) : rejectedPromise(signal?.reason);
}

/** Returns the error of a permit or a wait that cannot start, if there is one. */
export function invalidWait(
  { isDisposed, name }: CheckedBreaker,
  options: CallOptions | undefined,
  signal: AbortSignal | undefined,
): Error | undefined {
  return isDisposed ? new BreakerDisposedError(name) : invalidCallOptions('Circuit breaker', name, options, signal);
}

/** Runs a call of a disabled breaker. Only the caller's own signal may end it early. */
export function runDisabled(
  breaker: CheckedBreaker,
  work: Work,
  options: CallOptions | undefined,
  asResult: boolean,
): Promise<unknown> {
  const ended = endBeforeStart(breaker, work, options, asResult);
  if (ended !== undefined) return ended;
  const promise = runUnprotected(breaker.name, work, options?.signal);
  return asResult ? whenSettled(promise, successResult, errorResult) : promise;
}
