// Runs calls through all policies together while the services behind them fail by chance, and adds up what became of them.

import { breakerCount, policyCount } from '../soak/engines.ts';
import { collect, heapSize, lastQuarters } from '../soak/heap.ts';
import { parseArguments, usage } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import type { Storm, Totals } from './storm.ts';

/** Bytes that the heap may be larger in the last quarter than in the one before. Once warm, it has no reason to be. */
const HEAP_BOUND = 1024 * 1024;
/** How many rounds there are to be, and how long each may be at most, in milliseconds. */
const ROUNDS = 24;
const LONGEST_ROUND = 10_000;
const SHORTEST_ROUND = 700;
/** How long a round may take beyond its bad weather, in milliseconds. */
const LONGEST_CALM = 30_000;
const COLLECTIONS = 5;
const WIDTH = 9;

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
  const problems = watch();
  await survive(options, problems);
  problems.push(...(await remains()));
  for (const problem of problems) console.log(`✗ ${problem}`);
  console.log(problems.length === 0 ? '✓ it survived, and everything added up' : 'failed');
  return problems.length === 0 ? 0 : 1;
}

/** A list to which what nobody handled is added. */
function watch(): string[] {
  const problems: string[] = [];
  process.on('unhandledRejection', (reason) => problems.push(`unhandled rejection: ${reason}`));
  process.on('warning', (warning) => problems.push(`warning: ${warning.message}`));
  return problems;
}

async function survive({ seconds, seed, plant }: Arguments, problems: string[]): Promise<void> {
  // In development the package warns of breakers that are made again and again, as some are here.
  process.env['NODE_ENV'] = 'production';
  const { Storm } = await import('./storm.ts');
  const storm = await Storm.begin(seconds, seed, plant);
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1_000;
  const round = Math.min(LONGEST_ROUND, Math.max(SHORTEST_ROUND, (seconds * 1_000) / ROUNDS / 2));
  const heap: number[] = [];
  console.log(`seed ${seed}; ${storm.fronts.map(({ name }) => name).join('; ')}`);
  while (elapsed() < seconds && problems.length === 0) {
    if (plant === 'rejection') void Promise.reject(new Error('planted'));
    problems.push(...(await play(storm, round)));
    if (plant === 'leak') leaked.push(new Array(300_000).fill(elapsed()));
    if (plant === 'timer') setTimeout(() => {}, 5_000);
    await collect(COLLECTIONS);
    heap.push(heapSize());
    print(storm.totals(), elapsed(), heap);
  }
  console.log(`${storm.sums} sums made`);
  if (problems.length === 0) problems.push(...growth(heap), ...held('while they are held', storm));
  await storm.end();
  problems.push(...held('after dispose'));
}

/** Plays a round. One that hangs ends the program: there is nothing to add up. */
async function play(storm: Storm, duration: number): Promise<string[]> {
  const hangs = setTimeout(() => {
    console.log(`✗ a round has not ended: ${storm.underWay().join('; ')}\nfailed`);
    process.exit(1);
  }, duration + LONGEST_CALM);
  const problems = await storm.round(duration);
  clearTimeout(hangs);
  return problems;
}

function growth(heap: readonly number[]): string[] {
  if (heap.length < 4) return [`${heap.length} rounds are too few to tell whether the heap is flat`];
  const { before, end } = lastQuarters(heap);
  console.log(`heap, median of the last quarter ${mebibytes(end)} MiB, of the one before ${mebibytes(before)} MiB`);
  if (!(end - before > HEAP_BOUND)) return [];
  return [`the heap grew by ${mebibytes(end - before)} MiB, more than ${mebibytes(HEAP_BOUND)}`];
}

function held(when: string, storm?: Storm): string[] {
  if (storm !== undefined && policyCount() === 0) return ['the engine of the policies was not looked at'];
  return (['wasm', 'native'] as const).flatMap((backend) => {
    const [count, expected] = [breakerCount(backend), storm?.breakers(backend) ?? 0];
    return count === expected ? [] : [`the engine ${backend} holds ${count} breakers ${when}, not ${expected}`];
  });
}

/** What keeps the process alive, or the engine's memory, although all is over. */
async function remains(): Promise<string[]> {
  await collect(COLLECTIONS);
  const handles = process.getActiveResourcesInfo().filter((name) => !OUTPUT.has(name));
  const policies = policyCount();
  return [
    ...(handles.length > 0 ? [`still there: ${handles.join(', ')}`] : []),
    ...(policies > 0 ? [`the engine holds ${policies} policies`] : []),
  ];
}

/** Where the program writes to. */
const OUTPUT: ReadonlySet<string> = new Set(['PipeWrap', 'TTYWrap', 'FSReqCallback']);

function print(totals: Totals, seconds: number, heap: readonly number[]): void {
  const cells = { seconds: Math.round(seconds), ...totals, 'heap MiB': mebibytes(heap.at(-1) as number) };
  const line = (words: readonly unknown[]) => words.map((word) => String(word).padStart(WIDTH)).join('');
  if (heap.length % 20 === 1) console.log(line(Object.keys(cells)));
  console.log(line(Object.values(cells)));
}

const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(2);

// Not process.exit: that the program ends by itself shows that no socket, timer or child is left.
process.exitCode = await main();
