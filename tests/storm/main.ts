// Runs calls through all policies together while the services behind them fail at random, and compares the counts of all layers.

import { breakerCount, policyCount } from '../soak/engines.ts';
import { collect, heapSize, lastQuarters } from '../soak/heap.ts';
import { parseArguments, usage } from './arguments.ts';
import type { Arguments, Plant } from './arguments.ts';
import type { Storm, Totals } from './storm.ts';

/** Largest growth of the heap in bytes from the third quarter of the rounds to the last. A warm heap does not grow. */
const MAX_HEAP_GROWTH = 1024 * 1024;
/** Number of rounds to aim for, and limits of their duration in milliseconds. */
const ROUNDS = 24;
const LONGEST_ROUND = 10_000;
const SHORTEST_ROUND = 700;
/** Least number of rounds that show whether the heap grows, even if the time is over: two for each quarter. */
const ROUNDS_OF_HEAP = 8;
/** Longest time in milliseconds until a round ends after its faults: far more than a busy machine needs. */
const LONGEST_RECOVERY = 240_000;
/** The same limit for the planted hang, which must be detected. */
const LONGEST_RECOVERY_OF_HANG = 5_000;
/** Longest time in milliseconds until sockets, processes and policies are released at the end. */
const LONGEST_RELEASE = 30_000;
const COLLECTIONS = 5;
const COLUMN_WIDTH = 9;

const plantedLeak: unknown[] = [];
const plantedTimers: NodeJS.Timeout[] = [];

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
  const problems = collectProcessProblems();
  await run(options, problems);
  problems.push(...(await findLeftovers()));
  for (const timer of plantedTimers) clearTimeout(timer);
  for (const problem of problems) console.log(`✗ ${problem}`);
  console.log(problems.length === 0 ? '✓ every check passed' : 'failed');
  return problems.length === 0 ? 0 : 1;
}

/** Returns a list that unhandled rejections and warnings of the process are added to. */
function collectProcessProblems(): string[] {
  const problems: string[] = [];
  process.on('unhandledRejection', (reason) => problems.push(`unhandled rejection: ${reason}`));
  process.on('warning', (warning) => problems.push(`warning: ${warning.message}`));
  return problems;
}

async function run({ seconds, seed, plant }: Arguments, problems: string[]): Promise<void> {
  // In development the package warns about breakers that are created again and again, as some are here.
  process.env['NODE_ENV'] = 'production';
  const { Storm } = await import('./storm.ts');
  const storm = await Storm.begin(seconds, seed, plant);
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1_000;
  const duration = Math.min(LONGEST_ROUND, Math.max(SHORTEST_ROUND, (seconds * 1_000) / ROUNDS / 2));
  const heap: number[] = [];
  console.log(`seed ${seed}; ${storm.clients.map(({ name }) => name).join('; ')}`);
  // Every planted error but a leak shows in one round.
  const leastRounds = plant === 'none' || plant === 'leak' ? ROUNDS_OF_HEAP : 1;
  while ((elapsed() < seconds || heap.length < leastRounds) && problems.length === 0) {
    if (plant === 'rejection') void Promise.reject(new Error('planted'));
    problems.push(...(await runRound(storm, duration, plant)));
    if (plant === 'leak') plantedLeak.push(new Array(300_000).fill(elapsed()));
    if (plant === 'timer') plantedTimers.push(setTimeout(() => {}, 3_600_000));
    await collect(COLLECTIONS);
    heap.push(heapSize());
    print(storm.totals(), elapsed(), heap);
  }
  console.log(`${storm.checks} checks`);
  if (problems.length === 0) problems.push(...checkEngines('in use', storm));
  if (problems.length === 0 && heap.length >= ROUNDS_OF_HEAP) problems.push(...checkHeap(heap));
  await storm.end();
  problems.push(...checkEngines('after dispose()'));
}

/** Runs a round. Exits if it hangs, because the counts cannot be compared then. */
async function runRound(storm: Storm, duration: number, plant: Plant): Promise<string[]> {
  const limit = plant === 'hang' ? LONGEST_RECOVERY_OF_HANG : LONGEST_RECOVERY;
  const watchdog = setTimeout(() => {
    console.log(`✗ a round has not ended: ${storm.callsInFlight().join('; ')}\nfailed`);
    process.exit(1);
  }, duration + limit);
  const problems = await storm.round(duration);
  clearTimeout(watchdog);
  return problems;
}

function checkHeap(heap: readonly number[]): string[] {
  const { before, end } = lastQuarters(heap);
  console.log(`heap, median of the last quarter ${mebibytes(end)} MiB, of the one before ${mebibytes(before)} MiB`);
  if (end - before <= MAX_HEAP_GROWTH) return [];
  return [`the heap grew by ${mebibytes(end - before)} MiB, more than ${mebibytes(MAX_HEAP_GROWTH)}`];
}

/** Compares the number of breakers in each engine with those of a storm, or with 0 after its end. */
function checkEngines(when: string, storm?: Storm): string[] {
  if (storm !== undefined && policyCount() === 0) return ['the engine of the policies has not been found'];
  return (['wasm', 'native'] as const).flatMap((backend) => {
    const [count, expected] = [breakerCount(backend), storm?.breakers(backend) ?? 0];
    return count === expected ? [] : [`the engine ${backend} holds ${count} breakers ${when}, not ${expected}`];
  });
}

/** Returns messages for resources that keep the process alive at the end, and for policies that the engine still holds. */
async function findLeftovers(): Promise<string[]> {
  await collect(COLLECTIONS);
  // No timer may be left. Sockets and processes are closed when the system reports it, which may take a while.
  const timers = activeResources().filter((name) => name === 'Timeout');
  const otherResources = () => activeResources().filter((name) => name !== 'Timeout');
  const deadline = performance.now() + LONGEST_RELEASE;
  while (performance.now() < deadline && (policyCount() > 0 || otherResources().length > 0)) await collect(1);
  const resources = [...timers, ...otherResources()];
  const policies = policyCount();
  return [
    ...(resources.length > 0 ? [`still active: ${resources.join(', ')}`] : []),
    ...(policies > 0 ? [`the engine holds ${policies} policies`] : []),
  ];
}

function activeResources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => !OUTPUT.has(name));
}

/** Resources of the output of the program itself. */
const OUTPUT: ReadonlySet<string> = new Set(['PipeWrap', 'TTYWrap', 'FSReqCallback']);

function print(totals: Totals, seconds: number, heap: readonly number[]): void {
  const cells = { seconds: Math.round(seconds), ...totals, 'heap MiB': mebibytes(heap.at(-1) as number) };
  const line = (words: readonly unknown[]) => words.map((word) => String(word).padStart(COLUMN_WIDTH)).join('');
  if (heap.length % 20 === 1) console.log(line(Object.keys(cells)));
  console.log(line(Object.values(cells)));
}

const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(2);

// Not process.exit(): the program must end by itself, which shows that no socket, timer or child process is left.
process.exitCode = await main();
