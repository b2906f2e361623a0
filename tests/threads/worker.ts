/** Worker thread of the test: makes an eighth of a million calls. */
import { parentPort, workerData } from 'node:worker_threads';
import { CircuitBreaker, type CircuitBreakerOptions } from 'fusewire';
import { OUTCOME } from '../../npm/fusewire/src/engine/codes.ts';
import { engines, type Engine } from '../conformance/engines.ts';

/** Job of a worker, given as its `workerData`. */
export interface Job {
  readonly work: 'promises' | 'permits';
  /** The name of the breaker. */
  readonly name: string;
  /** For `permits`: a clock, and the number of probes under way for each generation. */
  readonly shared: SharedArrayBuffer;
}

/** Totals of a worker. */
export interface Tally {
  success: number;
  failure: number;
  ignored: number;
  rejected: number;
  probes: number;
  /** How often more probes were under way than allowed. */
  tooManyProbes: number;
}

/** Calls of each worker. */
export const CALLS = 125_000;

const PROBES = 2;
export const LIMITS = {
  failureThreshold: 500,
  monitoringWindow: 1_000,
  successThreshold: 4,
  resetTimeout: 1,
  maxConcurrentRequests: PROBES,
} as const;

const THEIRS = new Error('down');
const MINE = new Error('my own mistake');
export const OPTIONS = {
  ...LIMITS,
  timeout: false,
  classify: (outcome) => (!('error' in outcome) ? 'success' : outcome.error === MINE ? 'ignore' : 'failure'),
} as const satisfies CircuitBreakerOptions;

/** Returns the outcome of a call: one in five fails, one in 97 by the caller's own mistake. */
function outcomeOf(call: number): 'success' | 'failure' | 'ignored' {
  if (call % 97 === 0) return 'ignored';
  return call % 5 === 0 ? 'failure' : 'success';
}

/** Makes calls through the breaker, many at once, as a service does. */
async function promises(name: string, tally: Tally): Promise<void> {
  const breaker = new CircuitBreaker({ ...OPTIONS, name, scope: 'process' });
  const dependency = async (call: number): Promise<number> => {
    await null;
    const outcome = outcomeOf(call);
    if (outcome === 'success') return call;
    throw outcome === 'ignored' ? MINE : THEIRS;
  };
  const attempt = async (call: number): Promise<void> => {
    const result = await breaker.tryExecute(() => dependency(call));
    tally[result.status === 'failure' && result.error === MINE ? 'ignored' : result.status]++;
  };
  const atOnce = 25;
  for (let call = 0; call < CALLS; call += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, index) => attempt(call + index)));
    if (breaker.explain().probesInFlight > PROBES) tally.tooManyProbes++;
  }
}

/** Makes calls through the engine, holding several permits at a time, on a clock that all workers advance. */
function permits(name: string, shared: SharedArrayBuffer, tally: Tally): void {
  const engine = engines.get('native') as Engine;
  const handle = engine.openShared?.(name, LIMITS, 0);
  if (typeof handle !== 'number') throw new Error('the breaker is not shared');
  const clock = new Int32Array(shared, 0, 1);
  const probing = new Int32Array(shared, 4);
  const held: number[] = [];
  const slot = (permit: number): number => Math.floor(permit / 65_536) % probing.length;
  const isProbe = (permit: number): boolean => permit % 65_536 > 0;

  const settle = (permit: number, call: number): void => {
    const outcome = outcomeOf(call);
    if (isProbe(permit)) Atomics.sub(probing, slot(permit), 1);
    engine.settle(
      handle,
      permit,
      OUTCOME[outcome.toUpperCase() as keyof typeof OUTCOME],
      Atomics.load(clock, 0) / 1_000,
      NaN,
    );
    tally[outcome]++;
  };
  for (let call = 0; call < CALLS; call++) {
    const permit = engine.admit(handle, Atomics.add(clock, 0, 1) / 1_000);
    if (permit < 0) {
      tally.rejected++;
    } else {
      held.push(permit);
      if (isProbe(permit)) {
        tally.probes++;
        if (Atomics.add(probing, slot(permit), 1) >= PROBES) tally.tooManyProbes++;
      }
    }
    if (held.length > 4 || permit < 0) settleFirst(call);
  }
  while (held.length > 0) settleFirst(CALLS);

  function settleFirst(call: number): void {
    const permit = held.shift();
    if (permit !== undefined) settle(permit, call);
  }
}

if (parentPort !== null) {
  const { work, name, shared } = workerData as Job;
  const tally: Tally = { success: 0, failure: 0, ignored: 0, rejected: 0, probes: 0, tooManyProbes: 0 };
  if (work === 'promises') await promises(name, tally);
  else permits(name, shared, tally);
  parentPort.postMessage(tally);
}
