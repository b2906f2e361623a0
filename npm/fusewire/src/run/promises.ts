/** A thenable that rejects. Leaving a handler through it costs less than throwing, and is reported just the same. */
export class Rejection {
  readonly #reason: unknown;

  constructor(reason: unknown) {
    this.#reason = reason;
  }

  then(_onFulfilled: unknown, onRejected: (reason: unknown) => void): void {
    onRejected(this.#reason);
  }
}

/** A promise that rejects one microtask from now, when the caller has attached its handlers. */
export function rejectedPromise(reason: unknown): Promise<never> {
  return Promise.resolve(new Rejection(reason) as unknown as PromiseLike<never>);
}

/** The value itself if it is a plain native promise, or one that adopts it, once. */
export function asPromise<T>(value: T | PromiseLike<T>): Promise<T> {
  return value instanceof Promise && value.constructor === Promise ? value : Promise.resolve(value);
}

const nativeThen = Promise.prototype.then;

/** `then` as `await` calls it: a `then` that was put onto the promise itself is passed over. */
export function whenSettled(
  promise: Promise<unknown>,
  onFulfilled: (value: unknown) => unknown,
  onRejected: (reason: unknown) => unknown,
): Promise<unknown> {
  return nativeThen.call(promise, onFulfilled, onRejected);
}

/** Handles the rejection of a promise that nobody will look at. Thenables that may be lazy are not started. */
export function suppressUnhandledRejection(work: unknown): void {
  if (typeof work !== 'object') return;
  try {
    nativeThen.call(work as Promise<unknown>, undefined, () => undefined);
  } catch {
    // No promise: nothing that could be reported as unhandled.
  }
}

/** Whether `await` would wait for it. One whose `then` cannot be read counts: adopting it rejects with the reason. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || typeof value !== 'object') return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return true;
  }
}
