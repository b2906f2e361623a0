import type { Clock } from 'fusewire';

/** Returns the signal of a call's context, or undefined for any other value. */
export function signalOf(context: unknown): AbortSignal | undefined {
  if (typeof context !== 'object' || context === null || !('signal' in context)) return undefined;
  return context.signal instanceof AbortSignal ? context.signal : undefined;
}

/**
 * Resolves after a time in milliseconds, or never without one. Rejects with the signal's reason when it aborts. The timers of
 * the clock apply, or else those of the runtime.
 */
export function wait(
  milliseconds: number | undefined,
  signal: AbortSignal | undefined,
  clock: Clock | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const setTimer = clock?.setTimer ?? setRuntimeTimer;
    const removeTimer = milliseconds === undefined ? undefined : setTimer(end, milliseconds);
    signal?.addEventListener('abort', abort, { once: true });
    function end() {
      signal?.removeEventListener('abort', abort);
      resolve();
    }
    function abort() {
      removeTimer?.();
      reject(signal?.reason as Error);
    }
  });
}

function setRuntimeTimer(callback: () => void, delay: number): () => void {
  const timer = setTimeout(callback, delay);
  return () => clearTimeout(timer);
}
