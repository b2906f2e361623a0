const finalErrors = new WeakSet<object>();

/** Prevents a retry after a call that rejects with this error, because its caller waits no longer. */
export function repeatNoMore(error: object): void {
  finalErrors.add(error);
}

/** Whether a call that rejected with an error must not be repeated. */
export function isFinal(error: unknown): boolean {
  return finalErrors.has(error as object);
}
