/** Assertions that every runtime can run. */

/** Primitives, or plain data that JSON can write. */
export function equal(actual: unknown, expected: unknown): void {
  if (Object.is(actual, expected)) return;
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left === undefined || left !== right) throw new Error(`${left ?? String(actual)} is not ${right}`);
}

export function truthy(actual: unknown, what: string): void {
  if (!actual) throw new Error(`not ${what}`);
}

/** Resolves with the reason that a promise rejects with. */
export function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => Promise.reject(new Error(`fulfilled with ${String(value)}`)),
    (error: unknown) => error,
  );
}

/** Returns the value that a function throws. */
export function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('did not throw');
}
