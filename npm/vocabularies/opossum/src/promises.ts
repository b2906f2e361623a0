const nativeThen = Promise.prototype.then;

/** The value itself if it is a plain native promise, or one that adopts it. */
export function asPromise(value: unknown): Promise<unknown> {
  return value instanceof Promise && value.constructor === Promise ? value : Promise.resolve(value);
}

/** The value itself if it is a promise, of whatever kind, or one that adopts it. */
export function asResult(value: unknown): Promise<unknown> {
  return value instanceof Promise ? value : Promise.resolve(value);
}

/** `then` as `await` calls it: a `then` that was put onto the promise itself is passed over. */
export function whenSettled(
  promise: Promise<unknown>,
  onFulfilled: (value: unknown) => unknown,
  onRejected: (reason: unknown) => unknown,
): Promise<unknown> {
  return nativeThen.call(promise, onFulfilled, onRejected);
}

/** Handles the rejection of a promise that somebody else tells of. */
export function silence(promise: Promise<unknown>): void {
  void nativeThen.call(promise, undefined, () => undefined);
}
