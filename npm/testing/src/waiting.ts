/** The signal of a call's context. Reading it makes one, so it is read only where there is such a context. */
export function signalOf(context: unknown): AbortSignal | undefined {
  if (typeof context !== 'object' || context === null || !('signal' in context)) return undefined;
  return context.signal instanceof AbortSignal ? context.signal : undefined;
}

/** Resolves after so many milliseconds, or never; rejects with the signal's reason when it aborts. */
export function wait(milliseconds: number | undefined, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const timer = milliseconds === undefined ? undefined : setTimeout(end, milliseconds);
    signal?.addEventListener('abort', abort, { once: true });
    function end() {
      signal?.removeEventListener('abort', abort);
      resolve();
    }
    function abort() {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    }
  });
}
