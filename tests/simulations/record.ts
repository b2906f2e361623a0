/**
 * Records traces of the demo's faulty HTTP service: `node tests/simulations/record.ts [program …]` (90 s for all programs).
 * Each program has its own service process, which is called at a fixed interval without a breaker.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../../examples/quickstart/script.ts';
import { ServiceProcess } from '../../examples/quickstart/service-process.ts';

/** Returns the fault of the service in the time slot that begins at a time in milliseconds. */
type Program = (at: number) => Fault;

// Times in milliseconds.
const LENGTH = 80_000;
const HEALTHY_TIME = 30_000;
const TIME_SLOT = 200;
const CALL_INTERVAL = 50;
const TIMEOUT = 800;

/** Returns the fault in `share` of ten consecutive time slots, spread evenly. */
function inTenths(share: number, at: number, fault: Fault): Fault {
  const slot = Math.floor(at / TIME_SLOT) % 10;
  return (slot * 7) % 10 < share ? fault : 'none';
}

/** Returns a share that grows from 0 to 10 tenths after the healthy time. */
function growingShare(at: number): number {
  return (10 * (at - HEALTHY_TIME)) / (LENGTH - HEALTHY_TIME - 10_000);
}

const programs: Readonly<Record<string, Program>> = {
  'errors-grow': (at) => inTenths(growingShare(at), at, 'error'),
  'slowness-grows': (at) => inTenths(growingShare(at), at, 'slow'),
  hangs: (at) => (at < HEALTHY_TIME ? 'none' : 'hang'),
  'port-closes': (at) => (at < HEALTHY_TIME ? 'none' : 'refuse'),
  'errors-come-and-go': (at) => inTenths(at < HEALTHY_TIME ? 0 : 4 - Math.abs(at - 55_000) / 6_250, at, 'error'),
  'resets-flap': (at) => (at >= HEALTHY_TIME && at % 4_000 < 1_000 ? 'reset' : 'none'),
};

/** Recorded call: start and duration in whole milliseconds, and 1 if it failed. */
type Call = readonly [start: number, duration: number, failed: 0 | 1];

async function record(name: string, program: Program): Promise<void> {
  const service = await ServiceProcess.start();
  const recordingStart = performance.now();
  const inFlight = new Set<Promise<void>>();
  const calls: Call[] = [];
  const timer = setInterval(() => {
    const call = measure(service.url, recordingStart).then((measured) => {
      calls.push(measured);
      inFlight.delete(call);
    });
    inFlight.add(call);
  }, CALL_INTERVAL);
  let fault: Fault = 'none';
  for (let at = 0; at < LENGTH; at += TIME_SLOT) {
    await sleep(Math.max(0, recordingStart + at - performance.now()));
    if (program(at) === fault) continue;
    fault = program(at);
    await service.enter(fault);
  }
  clearInterval(timer);
  await Promise.all(inFlight);
  await service.stop();
  const lines = calls.sort(([one], [other]) => one - other).map((call) => call.join(' '));
  writeFileSync(new URL(`traces/${name}.txt`, import.meta.url), `${lines.join('\n')}\n`);
  console.log(`${name}: ${calls.length} calls`);
}

async function measure(url: string, recordingStart: number): Promise<Call> {
  const start = performance.now();
  const failed = await succeeds(url).then((isOk) => (isOk ? 0 : 1));
  return [Math.round(start - recordingStart), Math.round(performance.now() - start), failed];
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
    if (program === undefined)
      throw new Error(`unknown program ${name}; choose from ${Object.keys(programs).join(', ')}`);
    return record(name, program);
  }),
);
