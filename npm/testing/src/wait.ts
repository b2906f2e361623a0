/** Returns the signal of a call's context, or undefined for any other value. */
export function signalOf(context: unknown): AbortSignal | undefined {
  if (typeof context !== 'object' || context === null || !('signal' in context)) return undefined;
  return context.signal instanceof AbortSignal ? context.signal : undefined;
}

/** Resolves after a time in milliseconds, or never without one. Rejects with the signal's reason when it aborts. */
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
