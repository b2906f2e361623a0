/**
 * Records traces of the demo's faulty HTTP service: `node tests/simulations/record.ts [program …]` (90 s for all of them).
 * Each program has a service process of its own, and is called at a steady pace without any breaker.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../../examples/quickstart/script.ts';
import { ServiceProcess } from '../../examples/quickstart/service-process.ts';

/** What the service does in the slot that begins at so many milliseconds. */
type Program = (at: number) => Fault;

const LENGTH = 80_000;
const HEALTHY = 30_000;
const SLOT = 200;
const EVERY = 50;
const TIMEOUT = 800;

/** So many of ten slots in a row, spread over them. */
function some(of: number, at: number, fault: Fault): Fault {
  const slot = Math.floor(at / SLOT) % 10;
  return (slot * 7) % 10 < of ? fault : 'none';
}

/** From nought to ten of ten slots, once the healthy time is over. */
function growing(at: number): number {
  return (10 * (at - HEALTHY)) / (LENGTH - HEALTHY - 10_000);
}

const programs: Readonly<Record<string, Program>> = {
  'errors-grow': (at) => some(growing(at), at, 'error'),
  'slowness-grows': (at) => some(growing(at), at, 'slow'),
  hangs: (at) => (at < HEALTHY ? 'none' : 'hang'),
  'port-closes': (at) => (at < HEALTHY ? 'none' : 'refuse'),
  'errors-come-and-go': (at) => some(at < HEALTHY ? 0 : 4 - Math.abs(at - 55_000) / 6_250, at, 'error'),
  'resets-flap': (at) => (at >= HEALTHY && at % 4_000 < 1_000 ? 'reset' : 'none'),
};

/** One call: when it began and how long it took, in whole milliseconds, and whether it failed. */
type Call = readonly [start: number, duration: number, failed: 0 | 1];

async function record(name: string, program: Program): Promise<void> {
  const service = await ServiceProcess.start();
  const began = performance.now();
  const underWay = new Set<Promise<void>>();
  const calls: Call[] = [];
  const timer = setInterval(() => {
    const call = measure(service.url, began).then((measured) => {
      calls.push(measured);
      underWay.delete(call);
    });
    underWay.add(call);
  }, EVERY);
  let fault: Fault = 'none';
  for (let at = 0; at < LENGTH; at += SLOT) {
    await sleep(Math.max(0, began + at - performance.now()));
    if (program(at) === fault) continue;
    fault = program(at);
    await service.enter(fault);
  }
  clearInterval(timer);
  await Promise.all(underWay);
  await service.stop();
  const lines = calls.sort(([one], [other]) => one - other).map((call) => call.join(' '));
  writeFileSync(new URL(`traces/${name}.txt`, import.meta.url), `${lines.join('\n')}\n`);
  console.log(`${name}: ${calls.length} calls`);
}

async function measure(url: string, began: number): Promise<Call> {
  const start = performance.now();
  const failed = await succeeds(url).then((answered) => (answered ? 0 : 1));
  return [Math.round(start - began), Math.round(performance.now() - start), failed];
}

async function succeeds(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

const { positionals } = parseArgs({ allowPositionals: true });
const chosen = positionals.length > 0 ? positionals : Object.keys(programs);
await Promise.all(
  chosen.map((name) => {
    const program = programs[name];
    if (program === undefined) throw new Error(`there is no program ${name}`);
    return record(name, program);
  }),
);
