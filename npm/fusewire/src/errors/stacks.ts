const limitsStacks = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')?.writable === true;

/** Creates an error, without a stack unless `withStack`: the stack costs more than everything else. */
export function createError<E extends Error, A extends readonly unknown[]>(
  withStack: boolean,
  Class: new (...args: A) => E,
  ...args: A
): E {
  return withStack ? new Class(...args) : withStackLimit(0, () => new Class(...args));
}

/** Calls a function while stacks have so many frames. */
export function withStackLimit<Result>(frames: number, run: () => Result): Result {
  if (!limitsStacks) return run();
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = frames;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
