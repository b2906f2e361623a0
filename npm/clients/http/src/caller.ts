/** Caller of a request. Its signal ends the request, and the breaker judges the reason. */
export class Caller {
  readonly signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
  }

  /** Whether the caller has aborted, for any reason. */
  get hasLeft(): boolean {
    return this.signal?.aborted === true;
  }
}

/** Calls a listener when a signal aborts, at once if it already has. Returns a function that removes the listener. */
export function onAbort(signal: AbortSignal, listener: (reason: unknown) => void): () => void {
  const handleAbort = () => listener(signal.reason);
  if (signal.aborted) handleAbort();
  else signal.addEventListener('abort', handleAbort, { once: true });
  return () => signal.removeEventListener('abort', handleAbort);
}
