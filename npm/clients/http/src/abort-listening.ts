/** Calls a listener when a signal aborts, at once if it already has. Returns a function that removes the listener. */
export function onAbort(signal: AbortSignal, listener: (reason: unknown) => void): () => void {
  const handleAbort = () => listener(signal.reason);
  if (signal.aborted) handleAbort();
  else signal.addEventListener('abort', handleAbort, { once: true });
  return () => signal.removeEventListener('abort', handleAbort);
}
