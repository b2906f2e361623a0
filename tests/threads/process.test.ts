/** A breaker of process scope, which all worker threads share until the last of them disposes it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { CircuitBreaker } from 'fusewire';
import { fail, inWorker, open, options, startWorker } from './shared-breaker.ts';

test('adds up the failures of several threads, and opens the circuit for all', async () => {
  using breaker = open('adds up');
  await fail(breaker);
  assert.equal(breaker.state, 'CLOSED');
  assert.equal(await inWorker('adds up', 'await fail(); await fail(); return breaker.state'), 'OPEN');
  assert.equal(breaker.state, 'OPEN');
  assert.equal((await breaker.tryExecute(() => 1)).status, 'rejected');
  assert.equal(breaker.getStats().totalFailures, 3);
});

test('rejects a call in a thread that has not read the state since another opened the circuit', async () => {
  using breaker = open('unseen');
  await inWorker('unseen', 'await fail(); await fail(); await fail(); return 0');
  await assert.rejects(
    breaker.execute(() => 1),
    { code: 'ERR_CIRCUIT_OPEN' },
  );
});

test('lives until its last holder disposes it', async () => {
  for (let holder = 0; holder < 3; holder++) await fail(open('dies'));
  const last = open('dies');
  assert.equal(last.state, 'OPEN');
  last.dispose();
  const others = await inWorker('dies', 'return breaker.state');
  assert.equal(others, 'OPEN', 'three holders are left');
});

test('is released by a worker that exits', async () => {
  assert.equal(await inWorker('left behind', 'await fail(); await fail(); await fail(); return breaker.state'), 'OPEN');
  using breaker = open('left behind');
  assert.equal(breaker.state, 'CLOSED');
  assert.equal(breaker.getStats().totalFailures, 0);
});

test('rejects the same name with other options', () => {
  using breaker = open('options');
  assert.throws(
    () => new CircuitBreaker({ ...options, failureThreshold: 4, name: breaker.name, scope: 'process' }),
    /Circuit breaker options: scope must be used with the same options/,
  );
});

test('admits no more probes than allowed to all threads together', async () => {
  const name = 'probes';
  const probing = { ...options, failureThreshold: 1, resetTimeout: 1, timeout: 60_000, maxConcurrentRequests: 2 };
  using breaker = open(name, probing);
  await fail(breaker);
  while (breaker.state === 'OPEN') await setImmediate();
  const workers = await Promise.all(Array.from({ length: 5 }, () => startWorker(name, 'return hang()', probing)));
  assert.equal(workers.filter(({ posted }) => posted === 1).length, 2);
  assert.equal(breaker.explain().probesInFlight, 2);
  await Promise.all(workers.map(({ worker }) => worker.terminate()));
});
