const nativeThen = Promise.prototype.then;

/** Returns the value itself if it is a plain native promise, or else a native promise that adopts it. */
export function asPromise(value: unknown): Promise<unknown> {
  return value instanceof Promise && value.constructor === Promise ? value : Promise.resolve(value);
}

/** Returns the value itself if it is a promise of any class, or else a promise that adopts it. */
export function asResult(value: unknown): Promise<unknown> {
  return value instanceof Promise ? value : Promise.resolve(value);
}

/** Calls the native `then`, as `await` does: a `then` of the promise's own is ignored. */
export function whenSettled(
  promise: Promise<unknown>,
  onFulfilled: (value: unknown) => unknown,
  onRejected: (reason: unknown) => unknown,
): Promise<unknown> {
  return nativeThen.call(promise, onFulfilled, onRejected);
}

/** Marks a rejection as handled, because another promise reports the same error. */
export function silence(promise: Promise<unknown>): void {
  void nativeThen.call(promise, undefined, () => undefined);
}
