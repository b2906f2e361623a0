import { GCProfiler } from 'node:v8';
import { expectEqual, Work } from './work.mjs';

const MOST_CALLS = 2_000;
const WARM_UP_CALLS = 60_000;

/**
 * Bytes allocated per call, in a process whose young generation is large enough that no collection runs in between
 * (`--expose-gc --min-semi-space-size=64 --max-semi-space-size=64`). A sample in which one ran all the same is taken
 * again with fewer calls.
 * @param {import('../contenders/index.mjs').Contender} contender loaded
 * @returns {Promise<() => Promise<import('../statistics.mjs').Sample>>} bytes in place of nanoseconds
 */
export async function prepareBytes(contender) {
  const bareLoops = await import('./loops.mjs?bare');
  const loops = await import('./loops.mjs?contender');
  const work = new Work('success');
  const breaker = contender.make(work.fn, { circuit: 'standard' });
  const bareCall = (breaker, fn) => fn();
  const bare = (count) => bareLoops.oneByOne(bareCall, undefined, work.fn, count);
  const through = (count) => loops.oneByOne(contender.call, breaker, work.fn, count);
  for (let turn = 0; turn < 10; turn++) {
    await bare(WARM_UP_CALLS / 10);
    await through(WARM_UP_CALLS / 10);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return async () => {
    const bareBefore = await bytesPerCall(bare, work);
    const contenderBytes = await bytesPerCall(through, work);
    const bareAfter = await bytesPerCall(bare, work);
    return { bareBefore, contender: contenderBytes, bareAfter };
  };
}

async function bytesPerCall(run, work) {
  for (let calls = MOST_CALLS; calls >= 100; calls /= 2) {
    globalThis.gc();
    const collections = new GCProfiler();
    collections.start();
    const callsBefore = work.calls;
    const before = process.memoryUsage().heapUsed;
    const sum = await run(calls);
    const after = process.memoryUsage().heapUsed;
    const undisturbed = collections.stop().statistics.length === 0;
    expectEqual('calls of fn', work.calls - callsBefore, calls);
    expectEqual('values returned', sum, calls);
    if (undisturbed) return (after - before) / calls;
  }
  throw new Error('a collection ran in every sample, even in one of 100 calls');
}
