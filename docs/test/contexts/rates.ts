/** A dependency that answers. */
export async function fetchRates(signal: AbortSignal): Promise<readonly number[]> {
  signal.throwIfAborted();
  return [1.09];
}
