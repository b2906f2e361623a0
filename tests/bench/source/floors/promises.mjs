/** A thenable that rejects: leaving a handler through it costs less than throwing. */
export class Rejecting {
  constructor(reason) {
    this.reason = reason;
  }
  then(onFulfilled, onRejected) {
    onRejected(this.reason);
  }
}

const SETTLED = Promise.resolve();

/** A promise that rejects one microtask later, with an error that has no stack. */
export function openRejection() {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new Error('circuit is open');
  Error.stackTraceLimit = limit;
  return SETTLED.then(() => new Rejecting(error));
}

/** The promise itself when it is a native one, or one that adopts it. */
export function asPromise(value) {
  return value instanceof Promise && value.constructor === Promise ? value : Promise.resolve(value);
}
