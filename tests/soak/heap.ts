import { setImmediate } from 'node:timers/promises';

/** Collects garbage several times. An object in the engine is freed one collection after its owner. */
export async function collect(rounds: number): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('start this with node --expose-gc');
  for (let round = 0; round < rounds; round++) {
    globalThis.gc();
    await setImmediate();
  }
}

/** Returns the memory in use, in bytes. */
export function heapSize(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Returns the medians of the last quarter of the samples, and of the one before. */
export function lastQuarters(heap: readonly number[]): { readonly before: number; readonly end: number } {
  const quarter = Math.floor(heap.length / 4);
  return { before: median(heap.slice(-2 * quarter, -quarter)), end: median(heap.slice(-quarter)) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
