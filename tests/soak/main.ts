// Makes millions of calls of every kind, and looks for what is left of them.

import { parseArguments, usage, type Arguments } from './arguments.ts';
import { breakerCount } from './engines.ts';
import { collect, heapSize, lastQuarters } from './heap.ts';
import type { Load } from './load.ts';

/** Bytes that the heap may be larger in the last quarter than in the one before. Once warm, it has no reason to be. */
const HEAP_BOUND = 512 * 1024;
/** Looks at the heap in one run. */
const SAMPLES = 20;
/** Of breakers that were dropped, the engine's part goes with the second. */
const COLLECTIONS = 3;

const leaked: unknown[] = [];

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
  console.log(problems.length === 0 ? '✓ the heap stayed flat, and everything balanced' : 'failed');
  return problems.length === 0 ? 0 : 1;
}

/** Returns what is wrong at the end. */
async function soak(backend: 'wasm' | 'native', { calls, leak }: Arguments): Promise<string[]> {
  const { Load } = await import('./load.ts');
  const load = new Load(backend);
  const begun = performance.now();
  const heap: number[] = [];
  while (load.calls < calls) {
    await load.round();
    if (leak) leaked.push(new Array(3_000).fill(load.calls));
    if (load.calls < (heap.length + 1) * (calls / SAMPLES)) continue;
    await collect(COLLECTIONS);
    heap.push(heapSize());
  }
  const seconds = (performance.now() - begun) / 1000;
  const { before, end } = lastQuarters(heap);
  describe(backend, load, seconds, heap);

  const problems = load.problems();
  if (end - before > HEAP_BOUND)
    problems.push(`the heap grew by ${kilobytes(end - before)}, more than ${kilobytes(HEAP_BOUND)}`);
  problems.push(...balance(backend, 'while they are held', load.breakers));
  load.dispose();
  problems.push(...balance(backend, 'after dispose', 0));
  const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout');
  if (timers.length > 0) problems.push(`${timers.length} timers at rest`);
  return problems.map((problem) => `${backend}: ${problem}`);
}

function balance(backend: 'wasm' | 'native', when: string, expected: number): string[] {
  const held = breakerCount(backend);
  return held === expected ? [] : [`the engine holds ${held} breakers ${when}, not ${expected}`];
}

function describe(backend: string, load: Load, seconds: number, heap: readonly number[]): void {
  const { success, failure, timeout, ignored, rejected } = load.tally;
  const rate = Math.round(load.calls / seconds).toLocaleString('en');
  console.log(`${backend}: ${load.calls.toLocaleString('en')} calls in ${seconds.toFixed(0)} s (${rate} a second)`);
  console.log(
    `  ${success} succeeded, ${failure} failed, ${timeout} timed out, ${ignored} aborted, ${rejected} rejected, the rest through breakers that were dropped`,
  );
  console.log(`  heap, twenty times: ${heap.map((size) => (size / 1024 / 1024).toFixed(2)).join(' ')} MiB`);
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`;

process.exitCode = await main();
