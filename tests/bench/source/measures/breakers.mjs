import { Work } from './work.mjs';

/** Memories of the WebAssembly instances made in this process; Node counts them in `external`, not in `arrayBuffers`. */
const memories = watchWebAssembly();

/**
 * Bytes per breaker, made and then called once: JS heap, array buffers and WebAssembly memory; beside it the growth of
 * the resident set, which is all there is to see of native memory.
 * @param {import('../contenders/index.mjs').Contender} contender loaded
 * @param {{ count: number }} task
 */
export async function measureBreakers(contender, task) {
  const work = new Work('success');
  const breakers = new Array(task.count).fill(undefined);
  // One breaker first, so that what a library makes once is not divided among the rest.
  const first = contender.make(work.fn, { circuit: 'standard' });
  await contender.call(first, work.fn);
  const empty = await settledMemory();
  const started = performance.now();
  for (let index = 0; index < task.count; index++) breakers[index] = contender.make(work.fn, { circuit: 'standard' });
  const makeNs = ((performance.now() - started) * 1e6) / task.count;
  const made = await settledMemory();
  for (const breaker of breakers) await contender.call(breaker, work.fn);
  const called = await settledMemory();
  return {
    breakers: breakers.length,
    makeNs,
    idleBytes: (made.counted - empty.counted) / task.count,
    bytes: (called.counted - empty.counted) / task.count,
    residentBytes: (called.resident - empty.resident) / task.count,
  };
}

async function settledMemory() {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const webAssembly = memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  return { counted: heapUsed + arrayBuffers + webAssembly, resident: rss };
}

function watchWebAssembly() {
  /** @type {WebAssembly.Memory[]} */
  const found = [];
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, args, newTarget) {
      const instance = Reflect.construct(target, args, newTarget);
      for (const value of Object.values(instance.exports)) {
        if (value instanceof WebAssembly.Memory) found.push(value);
      }
      return instance;
    },
  });
  return found;
}
