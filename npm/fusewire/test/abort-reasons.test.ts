import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pipeline, timeout } from 'fusewire';
import type { CircuitBreaker, CircuitBreakerOptions } from 'fusewire';
import { deferred, ManualClock, onEachBackend, quickBreaker, record, rejection } from './support.ts';

/** Makes a call, and aborts it after so many milliseconds of the breaker's clock. */
async function abortAfter(breaker: CircuitBreaker, clock: ManualClock, duration: number, reason: unknown) {
  const controller = new AbortController();
  const call = breaker.execute(() => deferred().promise, { signal: controller.signal });
  clock.advance(duration);
  controller.abort(reason);
  assert.equal(await rejection(call), reason);
}

function counts(breaker: CircuitBreaker): readonly number[] {
  const { totalFailures, totalTimeouts, totalIgnored, slowCallCount } = breaker.getStats();
  return [totalFailures, totalTimeouts, totalIgnored, slowCallCount];
}

const late = (name: string): Error => Object.assign(new Error('late'), { name });

onEachBackend("an abort by the caller's signal", (backend) => {
  for (const options of [{}, { timeout: false, responseTimes: false }] as readonly CircuitBreakerOptions[]) {
    for (const reason of [new DOMException('late', 'TimeoutError'), late('TimeoutError'), late('CallTimeoutError')]) {
      it(`counts as a failure and a timeout for a ${reason.constructor.name} ${reason.name} (${JSON.stringify(options)})`, async () => {
        const { breaker, clock } = quickBreaker(backend, options);
        const seen = record(breaker, 'failure', 'timeout', 'ignore');
        await abortAfter(breaker, clock, 10, reason);
        assert.deepEqual(counts(breaker), [1, 1, 0, 0]);
        assert.equal((breaker.getStats().lastError as Error).name, reason.name);
        await abortAfter(breaker, clock, 10, reason);
        assert.equal(breaker.state, 'OPEN');
        assert.deepEqual(seen, ['timeout', 'failure', 'timeout', 'failure']);
      });
    }

    it(`says nothing if the deadline passed within 10 ms (${JSON.stringify(options)})`, async () => {
      const { breaker, clock } = quickBreaker(backend, { ...options, failureThreshold: 1 });
      const seen = record(breaker, 'failure', 'timeout', 'ignore');
      await abortAfter(breaker, clock, 9.999, late('TimeoutError'));
      assert.deepEqual(counts(breaker), [0, 0, 1, 0]);
      assert.equal(breaker.getStats().lastError, null);
      assert.deepEqual(seen, ['ignore']);
    });
  }

  it('counts neither way for any other reason', async () => {
    const { breaker, clock } = quickBreaker(backend, { failureThreshold: 1 });
    const hostile = Object.defineProperty({}, 'name', {
      get() {
        throw new Error('no name');
      },
    });
    for (const reason of [
      'TimeoutError',
      null,
      7,
      new Error('left'),
      { name: 7 },
      hostile,
      new DOMException('', 'AbortError'),
    ])
      await abortAfter(breaker, clock, 60_000, reason);
    assert.deepEqual(counts(breaker), [0, 0, 7, 0]);
    assert.equal(breaker.state, 'CLOSED');
  });

  it('counts as slow for any other reason if the call had run for slowCallDuration', async () => {
    const { breaker, clock } = quickBreaker(backend, {
      failureThreshold: undefined,
      slowCallRateThreshold: 0.5,
      slowCallDuration: 100,
      minimumCalls: 2,
    });
    await abortAfter(breaker, clock, 99, new Error('left'));
    await abortAfter(breaker, clock, 100, new Error('left'));
    assert.deepEqual(counts(breaker), [0, 0, 2, 1]);
    assert.equal(breaker.getStats().successCount, 0);
    await abortAfter(breaker, clock, 100, new Error('left'));
    assert.equal(breaker.state, 'OPEN');
    assert.equal(breaker.explain().reason, 'slow-call-rate');
  });

  it('opens the circuit for calls that hang until AbortSignal.timeout', async () => {
    const { breaker } = quickBreaker(backend, { clock: undefined });
    for (let call = 0; call < 2; call++) {
      await rejection(breaker.execute(() => deferred().promise, { signal: AbortSignal.timeout(20) }));
    }
    assert.equal(breaker.state, 'OPEN');
  });
});

onEachBackend('a total timeout around a breaker', (backend) => {
  it('that ends a call counts as a timeout of the breaker', async () => {
    const { breaker } = quickBreaker(backend, { clock: undefined, timeout: false });
    const orders = pipeline([timeout({ timeout: 30 }), breaker], { checked: false });
    await rejection(orders.execute(() => deferred().promise));
    assert.deepEqual(counts(breaker), [1, 1, 0, 0]);
  });

  it('that leaves the last attempt almost no time says nothing about it', async () => {
    const { breaker, clock } = quickBreaker(backend, { timeout: false });
    const orders = pipeline([timeout({ timeout: 20 }), breaker], { checked: false });
    const call = orders.execute(() => deferred().promise);
    clock.advance(9);
    await rejection(call);
    assert.deepEqual(counts(breaker), [0, 0, 1, 0]);
  });
});
