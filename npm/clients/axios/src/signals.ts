import type { InternalAxiosRequestConfig } from 'axios';

/** Returns the signal of a request, or undefined if it has none. */
export function signalOf({ signal }: InternalAxiosRequestConfig): AbortSignal | undefined {
  return typeof signal?.addEventListener === 'function' ? (signal as AbortSignal) : undefined;
}

/** Members of axios's `CancelToken` that its types leave out. */
interface CancelToken {
  subscribe?: (listener: (reason: unknown) => void) => void;
  unsubscribe?: (listener: (reason: unknown) => void) => void;
}

/**
 * Returns a signal that aborts when the caller aborts the `signal` or cancels the `cancelToken` of a request, and a function
 * that removes the listeners.
 */
export function callerSignalOf(config: InternalAxiosRequestConfig): {
  readonly signal: AbortSignal | undefined;
  readonly stop: () => void;
} {
  const signal = signalOf(config);
  const token = config.cancelToken as CancelToken | undefined;
  if (typeof token?.subscribe !== 'function') return { signal, stop: () => {} };
  const controller = new AbortController();
  const cancel = (reason: unknown) => controller.abort(reason);
  const stopListening = signal && forward(signal, controller);
  token.subscribe(cancel);
  const stop = () => {
    stopListening?.();
    token.unsubscribe?.(cancel);
  };
  return { signal: controller.signal, stop };
}

/** Signal of one attempt. */
interface AttemptSignal {
  readonly signal: AbortSignal;
  /** Removes the listeners when the attempt is over. While its response streams, the caller may still abort it. */
  readonly stop: (responseData: unknown) => void;
}

/** Returns a signal that aborts when the caller's signal or that of the attempt aborts. */
export function eitherSignal(callerSignal: AbortSignal | undefined, attemptSignal: AbortSignal): AttemptSignal {
  if (callerSignal === undefined) return { signal: attemptSignal, stop: () => {} };
  const controller = new AbortController();
  const stopAttempt = forward(attemptSignal, controller);
  const stopCaller = forward(callerSignal, controller);
  const stop = (responseData: unknown) => {
    stopAttempt();
    const { once, getReader } = (responseData ?? {}) as { once?: unknown; getReader?: unknown };
    if (typeof once === 'function') once.call(responseData, 'close', stopCaller);
    else if (typeof getReader !== 'function') stopCaller();
  };
  return { signal: controller.signal, stop };
}

/** Aborts a controller when a signal aborts. Returns a function that removes the listener. */
function forward(signal: AbortSignal, controller: AbortController): () => void {
  const abort = () => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}
