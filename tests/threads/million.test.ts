/** A million calls by eight worker threads through one breaker of process scope. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { CircuitBreaker } from 'fusewire';
import { EXPLAIN, STATS } from '../../npm/fusewire/src/engine/codes.ts';
import { engines, type Engine } from '../conformance/engines.ts';
import { CALLS, LIMITS, OPTIONS, type Job, type Tally } from './worker.ts';

const WORKERS = 8;

/** Runs worker.ts in eight threads. Resolves with the sums of their totals. */
async function inAllWorkers(workerData: Job): Promise<Tally> {
  const workers = Array.from(
    { length: WORKERS },
    () => new Worker(new URL('worker.ts', import.meta.url), { workerData }),
  );
  try {
    const tallies = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0] as Tally));
    const sum = (name: keyof Tally): number => tallies.reduce((total, tally) => total + tally[name], 0);
    return {
      success: sum('success'),
      failure: sum('failure'),
      ignored: sum('ignored'),
      rejected: sum('rejected'),
      probes: sum('probes'),
      tooManyProbes: sum('tooManyProbes'),
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

test('promises: counts every call, and admits no more probes than allowed', async (context) => {
  const name = 'a million promises';
  using breaker = new CircuitBreaker({ ...OPTIONS, name, scope: 'process' });
  const tally = await inAllWorkers({ work: 'promises', name, shared: new SharedArrayBuffer(0) });
  const { totalSuccesses, totalFailures, totalIgnored, totalRejected, stateChanges } = breaker.getStats();
  context.diagnostic(`${stateChanges} state changes, ${JSON.stringify(tally)}`);

  assert.deepEqual(
    [totalSuccesses, totalFailures, totalIgnored, totalRejected],
    [tally.success, tally.failure, tally.ignored, tally.rejected],
  );
  assert.equal(tally.success + tally.failure + tally.ignored + tally.rejected, WORKERS * CALLS);
  assert.ok(tally.rejected > 0 && stateChanges >= 3, 'the circuit opened and recovered meanwhile');
  assert.equal(tally.tooManyProbes, 0);
  assert.equal(breaker.explain().probesInFlight, 0);
});

test('permits: counts every call, and admits no more probes than allowed while threads admit and settle', async (context) => {
  const name = 'a million permits';
  const engine = engines.get('native') as Engine;
  const handle = engine.openShared?.(name, LIMITS, 0);
  assert.ok(typeof handle === 'number');
  const tally = await inAllWorkers({ work: 'permits', name, shared: new SharedArrayBuffer(4 + 4 * 4_096) });
  context.diagnostic(JSON.stringify(tally));
  const [stats, explanation] = [
    new Float64Array(Object.keys(STATS).length),
    new Float64Array(Object.keys(EXPLAIN).length),
  ];
  engine.stats(handle, 0, stats);
  engine.explain(handle, 0, explanation);
  engine.free(handle);

  assert.deepEqual(
    [stats[STATS.totalSuccesses], stats[STATS.totalFailures], stats[STATS.totalIgnored], stats[STATS.totalRejected]],
    [tally.success, tally.failure, tally.ignored, tally.rejected],
  );
  assert.equal(tally.success + tally.failure + tally.ignored + tally.rejected, WORKERS * CALLS);
  assert.ok(tally.probes > 1_000, 'there were probes to count');
  assert.equal(tally.tooManyProbes, 0);
  assert.equal(explanation[EXPLAIN.probesInFlight], 0);
});
