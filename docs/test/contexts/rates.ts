/** Dependency that answers with its rates. */
export async function fetchRates(signal: AbortSignal): Promise<readonly number[]> {
  signal.throwIfAborted();
  return [1.09];
}
