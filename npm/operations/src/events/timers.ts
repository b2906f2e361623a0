/** Calls `callback` after so many milliseconds, unless the process ends before. Returns a function that removes the timer. */
export function setIdleTimer(callback: () => void, delay: number): () => void {
  const timer = setTimeout(callback, delay) as { unref?(): unknown };
  timer.unref?.();
  return () => clearTimeout(timer as never);
}

const { setImmediate: schedule } = globalThis as { setImmediate?: (code: () => void) => unknown };

/** Calls `code` soon: after the I/O of this turn where there is such a thing, and else after the code that runs. */
export function soon(code: () => void): void {
  if (schedule === undefined) queueMicrotask(code);
  else schedule(code);
}
