// Compares calls of a breaker that an event log watches with calls of one that nothing watches.
//
//   npm run bench:events [-- ROUNDS]
//
// Each figure is the CPU time of the process, the background included, as a ratio: the median of interleaved rounds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { CircuitBreaker } from 'fusewire';
import { writeAhead } from '@fusewire/operations/disk';
import { eventLog, memoryEventSink } from '@fusewire/operations/events';
import type { EventSink } from '@fusewire/operations/events';
import { sqliteEventSink } from '@fusewire/sqlite';

const [rounds = 15] = process.argv.slice(2).map(Number);
const CALLS = 200_000;
const folder = mkdtempSync(join(tmpdir(), 'fusewire-overhead-'));
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Sink whose `append` does something else. */
const sinkThat = (name: string, append: EventSink['append']): EventSink => {
  const kept = memoryEventSink();
  return {
    name,
    append,
    read: (query) => kept.read(query),
    clean: () => Promise.resolve(0),
    close: () => kept.close(),
  };
};

/** One call in how many fails. */
const SCENARIOS: readonly (readonly [title: string, failing: number])[] = [
  ['every call succeeds', Infinity],
  ['1 of 1 000 calls fails', 1_000],
  ['1 of 100 calls fails', 100],
  ['1 of 10 calls fails', 10],
];

const SINKS: readonly (readonly [title: string, open: () => readonly EventSink[]])[] = [
  ['memory and SQLite', () => [memoryEventSink(), sqliteEventSink({ path: join(folder, 'events.db') })]],
  [
    'every sink fails',
    () => [
      sinkThat('a', () => Promise.reject(new Error('down'))),
      sinkThat('b', () => Promise.reject(new Error('down'))),
    ],
  ],
  [
    'every sink hangs',
    () => [sinkThat('a', () => new Promise(() => undefined)), sinkThat('b', () => new Promise(() => undefined))],
  ],
];

for (const [sinks, open] of SINKS) {
  for (const [title, failing] of SCENARIOS) {
    const log = eventLog({ sinks: open(), writeAhead: writeAhead({ folder: join(folder, 'ahead') }), logger: silent });
    const [bare, watched] = [newBreaker(), newBreaker()] as const;
    log.watch(watched);
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const alone = await cpuTimeOf(bare, failing);
      ratios.push((await cpuTimeOf(watched, failing)) / alone);
    }
    const median = ratios.sort((one, other) => one - other)[Math.floor(rounds / 2)] as number;
    console.log(`${sinks}, ${title}: ${median.toFixed(2)} × the bare call`);
    await log.close({ timeout: 100 });
  }
}
rmSync(folder, { recursive: true });

function newBreaker(): CircuitBreaker {
  return new CircuitBreaker({
    name: 'orders',
    window: { type: 'count', size: 100 },
    failureRateThreshold: 1,
    minimumCalls: 100,
  } as never);
}

/** Returns the microseconds that calls cost, and what the background makes of them within the same time. */
async function cpuTimeOf(breaker: CircuitBreaker, failing: number): Promise<number> {
  const start = process.cpuUsage();
  for (let call = 1; call <= CALLS; call++) {
    const fails = call % failing === 0;
    try {
      await breaker.execute(() =>
        fails ? Promise.reject(new Error('the dependency is down')) : Promise.resolve(call),
      );
    } catch {
      // It is counted.
    }
    if (call % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { user, system } = process.cpuUsage(start);
  return user + system;
}
