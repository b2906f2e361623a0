import assert from 'node:assert/strict';
import { it } from 'node:test';
import { bulkhead, CircuitBreaker, CircuitOpenError, pipeline, rateLimit, RejectedError } from 'fusewire';
import type { CircuitBreakerOptions } from 'fusewire';
import { deferred, onEachBackend, quickBreaker, rejection } from './support.ts';

const down = new Error('ECONNREFUSED');
const failing = () => Promise.reject(down);

async function rejectionOf(breaker: CircuitBreaker): Promise<CircuitOpenError> {
  const error = await rejection(breaker.execute(() => assert.fail('must not run')));
  assert.ok(error instanceof CircuitOpenError);
  return error;
}

onEachBackend('The reason of an opening', (backend) => {
  const cases: readonly [string, CircuitBreakerOptions, string][] = [
    ['failure-threshold', { failureThreshold: 3 }, '3 failures in 60 s (threshold 3)'],
    [
      'failure-threshold',
      { failureThreshold: 3, window: { type: 'time', duration: 1_500 } },
      '3 failures in 1.5 s (threshold 3)',
    ],
    [
      'failure-threshold',
      { failureThreshold: 3, window: { type: 'count', size: 20 } },
      '3 failures in the last 20 calls (threshold 3)',
    ],
    ['consecutive-failures', { consecutiveFailureThreshold: 3 }, '3 failures in a row (threshold 3)'],
    [
      'failure-rate',
      { failureRateThreshold: 0.5, minimumCalls: 3 },
      '100 % of the calls failed in 60 s (threshold 50 %)',
    ],
    ['open-for', { classify: () => ({ openFor: 5_000 }) }, 'an error asked for it'],
  ];
  for (const [rule, options, words] of cases) {
    it(`is in the error and its message: ${rule}`, async () => {
      const { breaker } = quickBreaker(backend, { failureThreshold: undefined, resetTimeout: 5_000, ...options });
      for (let call = 0; call < 3 && breaker.state === 'CLOSED'; call++) await rejection(breaker.execute(failing));
      const error = await rejectionOf(breaker);
      assert.equal(
        error.message,
        `Circuit breaker mpesa is OPEN: ${words}; last error: Error: ECONNREFUSED; next attempt in 5 s`,
      );
      assert.equal(error.why?.rule, rule);
      assert.equal(error.why.lastError, 'Error: ECONNREFUSED');
      assert.deepEqual(error.why.nextAttempt, error.nextAttempt);
    });
  }

  it('stays while a probe runs and when it fails, and names the failed probe then', async () => {
    const { breaker, clock } = quickBreaker(backend, { failureThreshold: 1 });
    await rejection(breaker.execute(failing));
    clock.advance(1_000);
    const probe = deferred();
    const call = breaker.execute(() => probe.promise);
    const during = await rejectionOf(breaker);
    assert.deepEqual([during.state, during.why?.rule], ['HALF_OPEN', 'failure-threshold']);
    probe.reject(new Error('still down'));
    await rejection(call);
    const { message, why } = await rejectionOf(breaker);
    assert.match(message, /is OPEN: a probe failed; last error: Error: still down; next attempt in \d s$/);
    assert.equal(why?.rule, 'probe-failed');
  });

  it('is the latest command that opened the circuit', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 1 });
    await rejection(breaker.execute(failing));
    breaker.open(5_000);
    const { message, why } = await rejectionOf(breaker);
    assert.match(message, /is OPEN: it was opened by hand; last error: Error: ECONNREFUSED; next attempt in 5 s$/);
    assert.equal(why?.rule, 'manual');
    breaker.forceOpen();
    breaker.releaseOverride();
    assert.equal((await rejectionOf(breaker)).why?.rule, 'manual');
  });

  it('is the operator while the circuit is forced open', async () => {
    const { breaker } = quickBreaker(backend);
    breaker.forceOpen();
    const { message, why, retryAfter, retryAfterSeconds } = await rejectionOf(breaker);
    assert.equal(message, 'Circuit breaker mpesa is OPEN: an operator holds it open');
    assert.deepEqual(why, { rule: 'override', observed: null, threshold: null, lastError: null, nextAttempt: null });
    assert.deepEqual([retryAfter, retryAfterSeconds], [null, 1]);
  });

  it('is the snapshot after a restore', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 1 });
    await rejection(breaker.execute(failing));
    const restored = CircuitBreaker.restore(breaker.toJSON(), { backend, failureThreshold: 1 });
    const { message, why } = await rejectionOf(restored);
    assert.match(message, /^Circuit breaker mpesa is OPEN: it was open in the snapshot/);
    assert.equal(why?.rule, 'restored');
  });

  it('is that of the opening at which tryExecute() was called', async () => {
    const { breaker, clock } = quickBreaker(backend, { failureThreshold: 1 });
    await rejection(breaker.execute(failing));
    const result = await breaker.tryExecute(() => 1);
    clock.advance(1_000);
    await rejection(breaker.execute(failing));
    assert.ok(result.status === 'rejected' && result.rejection instanceof CircuitOpenError);
    assert.equal(result.rejection.why?.rule, 'failure-threshold');
    assert.deepEqual([result.retryAfter, result.rejection.retryAfter], [1_000, 1_000]);
  });
});

it('names policies that a pipeline creates after the pipeline, and keeps names of their own', async () => {
  const slots = { limit: 1 };
  const first = deferred();
  for (const [calls, name] of [
    [pipeline({ name: 'orders', bulkhead: slots }), 'orders.bulkhead'],
    [pipeline({ breaker: { name: 'mpesa' }, bulkhead: 1 }), 'mpesa.bulkhead'],
    [pipeline({ name: 'orders', breaker: { name: 'mpesa' }, bulkhead: slots }), 'orders.bulkhead'],
    [pipeline({ bulkhead: { ...slots, name: 'mine' } }), 'mine'],
    [pipeline({ name: 'orders', bulkhead: bulkhead(slots) }), 'bulkhead'],
    [pipeline({ name: 'orders', rateLimit: { limit: 1, per: 60_000 } }), 'orders.rateLimit'],
    [pipeline({ name: 'orders', rateLimit: rateLimit({ limit: 1, per: 60_000 }) }), 'rateLimit'],
  ] as const) {
    void calls.execute(() => first.promise);
    const error = await rejection(calls.execute(() => 1));
    assert.ok(error instanceof RejectedError);
    assert.equal(error.policy, name);
    assert.ok(error.message.startsWith(`Policy ${name}: `), error.message);
  }
  first.resolve(undefined);
});
