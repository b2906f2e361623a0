import { createObservableError } from '../errors/misuse.ts';
import { subscribableOf } from './observables.ts';

/** Thenable that rejects. Returning it from a handler costs less than throwing, and an unhandled one is reported as well. */
export class Rejection {
  readonly #reason: unknown;

  constructor(reason: unknown) {
    this.#reason = reason;
  }

  then(_onFulfilled: unknown, onRejected: (reason: unknown) => void): void {
    onRejected(this.#reason);
  }
}

/** Returns a promise that rejects in the next microtask, after the caller has attached its handlers. */
export function rejectedPromise(reason: unknown): Promise<never> {
  return Promise.resolve(new Rejection(reason) as unknown as PromiseLike<never>);
}

/**
 * Returns a plain native promise as it is, and a new promise for any other value. It rejects if the value is an Observable.
 *
 * @param name name of the breaker or policy whose function has returned the value.
 */
export function asPromise<T>(value: T | PromiseLike<T>, name: string): Promise<T> {
  return value instanceof Promise && value.constructor === Promise ? value : newPromise(value, name);
}

function newPromise<T>(value: T | PromiseLike<T>, name: string): Promise<T> {
  return subscribableOf(value) === undefined ? Promise.resolve(value) : rejectedPromise(createObservableError(name));
}

const nativeThen = Promise.prototype.then;

/** Attaches handlers as `await` does. It ignores a `then` that somebody has set on the promise itself. */
export function whenSettled(
  promise: Promise<unknown>,
  onFulfilled: ((value: unknown) => unknown) | undefined,
  onRejected: (reason: unknown) => unknown,
): Promise<unknown> {
  return nativeThen.call(promise, onFulfilled, onRejected);
}

/** Prevents the report of an unhandled rejection of a promise that is dropped. Does not start a lazy thenable. */
export function suppressUnhandledRejection(work: unknown): void {
  if (typeof work !== 'object') return;
  try {
    nativeThen.call(work as Promise<unknown>, undefined, () => undefined);
  } catch {
    // Not a native promise, so that no rejection can be reported as unhandled.
  }
}

/** Whether `await` would wait for a value. A value whose `then` throws counts: a promise that adopts it rejects. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || typeof value !== 'object') return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return true;
  }
}
