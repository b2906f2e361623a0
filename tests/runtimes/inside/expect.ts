/** Assertions that every runtime can run. */

/** Primitives, or plain data that JSON can write. */
export function equal(told: unknown, expected: unknown): void {
  if (Object.is(told, expected)) return;
  const [left, right] = [JSON.stringify(told), JSON.stringify(expected)];
  if (left === undefined || left !== right) throw new Error(`${left ?? String(told)} is not ${right}`);
}

export function truthy(told: unknown, what: string): void {
  if (!told) throw new Error(`not ${what}`);
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
