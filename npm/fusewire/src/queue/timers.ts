/** Calls `callback` after so many milliseconds, unless the process ends before. Returns a function that removes the timer. */
export function setIdleTimer(callback: () => void, delay: number): () => void {
  const timer = setTimeout(callback, delay) as { unref?(): unknown };
  timer.unref?.();
  return () => clearTimeout(timer as never);
}

/** Settles like `promise`, or resolves with undefined after so many milliseconds. */
export async function within<T>(promise: Promise<T>, delay: number): Promise<T | undefined> {
  let remove: (() => void) | undefined;
  const late = new Promise<undefined>((resolve) => {
    // It keeps the process alive: the caller waits for it.
    const timer = setTimeout(resolve, delay);
    remove = () => clearTimeout(timer);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    remove?.();
  }
}
