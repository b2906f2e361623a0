// Makes millions of calls of every kind, and checks that no memory, timer or breaker remains.

import { parseArguments, usage, type Arguments } from './arguments.ts';
import { breakerCount } from './engines.ts';
import { collect, heapSize, lastQuarters } from './heap.ts';
import type { Load } from './load.ts';

/** Largest growth of the heap in bytes from the third quarter of the samples to the last. A warm heap does not grow. */
const MAX_HEAP_GROWTH = 512 * 1024;
/** Number of heap samples. */
const SAMPLES = 20;
/** Collections before a sample. The engine frees a dropped breaker in the second one. */
const COLLECTIONS = 3;

const plantedLeak: unknown[] = [];

async function main(): Promise<number> {
  let options: Arguments;
  try {
    options = parseArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const unhandled: unknown[] = [];
  process.on('unhandledRejection', (reason) => unhandled.push(reason));

  const problems: string[] = [];
  for (const backend of options.backends) problems.push(...(await soak(backend, options)));
  if (unhandled.length > 0)
    problems.push(`${unhandled.length} unhandled rejections, the first of them ${unhandled[0]}`);
  for (const problem of problems) console.log(`✗ ${problem}`);
  console.log(problems.length === 0 ? '✓ the heap stayed flat, and every count matched' : 'failed');
  return problems.length === 0 ? 0 : 1;
}

/** Makes the calls with one engine. Returns the problems. */
async function soak(backend: 'wasm' | 'native', { calls, leak }: Arguments): Promise<string[]> {
  const { Load } = await import('./load.ts');
  const load = new Load(backend);
  const start = performance.now();
  const heap: number[] = [];
  while (load.calls < calls) {
    await load.round();
    if (leak) plantedLeak.push(new Array(3_000).fill(load.calls));
    if (load.calls < (heap.length + 1) * (calls / SAMPLES)) continue;
    await collect(COLLECTIONS);
    heap.push(heapSize());
  }
  const seconds = (performance.now() - start) / 1000;
  const { before, end } = lastQuarters(heap);
  print(backend, load, seconds, heap);

  const problems = load.problems();
  if (end - before > MAX_HEAP_GROWTH)
    problems.push(`the heap grew by ${kilobytes(end - before)}, more than ${kilobytes(MAX_HEAP_GROWTH)}`);
  problems.push(...checkEngine(backend, 'in use', load.breakers));
  load.dispose();
  problems.push(...checkEngine(backend, 'after dispose()', 0));
  const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout');
  if (timers.length > 0) problems.push(`${timers.length} timers are pending at the end`);
  return problems.map((problem) => `${backend}: ${problem}`);
}

/** Compares the number of breakers in an engine with the expected one. */
function checkEngine(backend: 'wasm' | 'native', when: string, expected: number): string[] {
  const held = breakerCount(backend);
  return held === expected ? [] : [`the engine holds ${held} breakers ${when}, not ${expected}`];
}

function print(backend: string, load: Load, seconds: number, heap: readonly number[]): void {
  const { success, failure, timeout, ignored, rejected } = load.tally;
  const rate = Math.round(load.calls / seconds).toLocaleString('en');
  console.log(`${backend}: ${load.calls.toLocaleString('en')} calls in ${seconds.toFixed(0)} s (${rate} a second)`);
  console.log(
    `  ${success} succeeded, ${failure} failed, ${timeout} timed out, ${ignored} aborted, ${rejected} rejected, the others through dropped breakers`,
  );
  console.log(`  heap in ${heap.length} samples: ${heap.map((size) => (size / 1024 / 1024).toFixed(2)).join(' ')} MiB`);
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`;

process.exitCode = await main();
