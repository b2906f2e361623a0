/** The heap over a long run: once warm it has no reason to grow. */
import { setImmediate } from 'node:timers/promises';

/** Collects so many times: of what was dropped, the engine's part goes after its owner. */
export async function collect(rounds: number): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('start this with node --expose-gc');
  for (let round = 0; round < rounds; round++) {
    globalThis.gc();
    await setImmediate();
  }
}

/** What is in use, in bytes. */
export function heapSize(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The medians of the last quarter of what was seen, and of the one before. */
export function lastQuarters(heap: readonly number[]): { readonly before: number; readonly end: number } {
  const quarter = Math.floor(heap.length / 4);
  return { before: median(heap.slice(-2 * quarter, -quarter)), end: median(heap.slice(-quarter)) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
