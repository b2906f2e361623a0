import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { bulkhead, CircuitBreaker, BulkheadFullError, CircuitOpenError, pipeline, rateLimit, timeout } from 'fusewire';
import { CallTimeoutError, RateLimitedError, retry } from 'fusewire';
import { deferred, open, pass, record, rejection, turn } from './support.ts';

const START = 1_700_000_000_000;

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('a call that waits in a queue inside a breaker', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START }));
  afterEach(() => mock.timers.reset());

  for (const [name, queue] of [
    ['a bulkhead', () => bulkhead({ limit: 1, queueSize: 100 })],
    ['a rate limit', () => rateLimit({ limit: 1, per: 45, maxWait: 10_000 })],
  ] as const) {
    it(`neither times out in ${name}, nor is it slow`, async () => {
      const breaker = new CircuitBreaker({ timeout: 100, slowCallDuration: 60, slowCallRateThreshold: 0.1 });
      const calls = pipeline([breaker, queue()]);
      const done = Promise.allSettled(Array.from({ length: 20 }, () => calls.execute(() => sleep(45))));
      await pass(1_000);
      assert.deepEqual(new Set((await done).map(({ status }) => status)), new Set(['fulfilled']));
      const { totalRequests, totalSuccesses, totalIgnored, slowCallCount, inFlight, state, responseTimes } =
        breaker.getStats();
      assert.deepEqual(
        { totalRequests, totalSuccesses, totalIgnored, slowCallCount, inFlight, state },
        { totalRequests: 20, totalSuccesses: 20, totalIgnored: 0, slowCallCount: 0, inFlight: 0, state: 'CLOSED' },
      );
      assert.ok(Number(responseTimes?.max) <= 60);
    });
  }

  it('is rejected after the wait if the circuit has opened meanwhile', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1, resetTimeout: 1_000 });
    const limit = bulkhead({ limit: 1, queueSize: 100 });
    const calls = pipeline([breaker, limit]);
    const first = deferred();
    const failing = calls.execute(() => first.promise);
    // The slot of a call is free before the breaker learns how the call ended, so that one call more begins.
    const second = deferred();
    const next = calls.execute(() => second.promise);
    const waiting = Array.from({ length: 50 }, () => rejection(calls.execute(() => assert.fail('must not run'))));
    first.reject(new Error('down'));
    await rejection(failing);
    second.resolve('next');
    assert.equal(await next, 'next');
    for (const error of await Promise.all(waiting)) assert.ok(error instanceof CircuitOpenError);
    const { totalRequests, totalFailures, totalSuccesses, totalRejected, totalIgnored, inFlight } = breaker.getStats();
    assert.deepEqual(
      { totalRequests, totalFailures, totalSuccesses, totalRejected, totalIgnored, inFlight },
      { totalRequests: 52, totalFailures: 1, totalSuccesses: 1, totalRejected: 50, totalIgnored: 0, inFlight: 0 },
    );
    const { running, waiting: queued, totalCalls, totalAdmitted, totalAborted } = limit.getStats();
    assert.deepEqual({ running, queued }, { running: 0, queued: 0 });
    assert.equal(totalCalls, totalAdmitted + totalAborted);
  });

  it('holds no probe, which another call may be', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1, successThreshold: 1, resetTimeout: 1_000, timeout: 100 });
    const limit = bulkhead({ limit: 1, queueSize: 100 });
    const slow = deferred();
    const busy = limit.execute(() => slow.promise);
    await open(breaker);
    await pass(1_000);
    const probe = pipeline([breaker, limit]).execute(() => 'probe');
    assert.equal(breaker.state, 'HALF_OPEN');
    assert.equal(breaker.getStats().probesInFlight, 0);
    await pass(500);
    assert.equal(breaker.state, 'HALF_OPEN');
    assert.equal(await breaker.execute(() => 'other'), 'other');
    assert.equal(breaker.state, 'CLOSED');
    slow.resolve(1);
    await busy;
    assert.equal(await probe, 'probe');
    const { totalSuccesses, totalRequests } = breaker.getStats();
    assert.deepEqual({ totalSuccesses, totalRequests }, { totalSuccesses: 2, totalRequests: 3 });
  });

  it('still times out after its turn if the breaker was disposed meanwhile', async () => {
    const breaker = new CircuitBreaker({ timeout: 100 });
    const limit = bulkhead({ limit: 1, queueSize: 1 });
    const slow = deferred();
    const busy = limit.execute(() => slow.promise);
    const waiting = rejection(pipeline([breaker, limit]).execute(() => new Promise(() => undefined)));
    breaker.dispose();
    slow.resolve(1);
    await busy;
    await pass(100);
    assert.ok((await waiting) instanceof CallTimeoutError);
  });

  it('counts neither way if it leaves the queue', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1, timeout: 100 });
    const limit = bulkhead({ limit: 1, queueSize: 100, maxWait: 200 });
    const seen = record(breaker, 'failure', 'timeout', 'ignore', 'success');
    const slow = deferred();
    const busy = limit.execute(() => slow.promise);
    const controller = new AbortController();
    const calls = pipeline([breaker, timeout(150), limit], { checked: false });
    const late = rejection(pipeline([breaker, limit]).execute(() => assert.fail('must not run')));
    const limited = rejection(calls.execute(() => assert.fail('must not run')));
    const aborted = rejection(calls.execute(() => assert.fail('must not run'), { signal: controller.signal }));
    controller.abort('enough');
    await pass(250);
    assert.equal(await aborted, 'enough');
    assert.ok((await late) instanceof BulkheadFullError);
    await limited;
    const { totalIgnored, totalFailures, totalRequests, state } = breaker.getStats();
    assert.deepEqual(
      { totalIgnored, totalFailures, totalRequests, state },
      { totalIgnored: 3, totalFailures: 0, totalRequests: 3, state: 'CLOSED' },
    );
    assert.deepEqual(seen, ['ignore', 'ignore', 'ignore']);
    slow.resolve(1);
    await busy;
  });
});

describe('a call that waits for a token', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START }));
  afterEach(() => mock.timers.reset());

  it('is rejected at once if the timeout around it would end it before', async () => {
    const limit = rateLimit({ limit: 1, per: 1_000, maxWait: 10_000 });
    const calls = pipeline([timeout(500), limit]);
    await calls.execute(() => 1);
    assert.ok((await rejection(calls.execute(() => assert.fail('must not run')))) instanceof RateLimitedError);
    assert.equal(limit.getStats().totalRejected, 1);
  });
});

describe('a slot of a call that a timeout ends between two attempts', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START }));
  afterEach(() => mock.timers.reset());

  it('is free once, so that the limit holds', async () => {
    const limit = bulkhead({ limit: 2 });
    const controller = new AbortController();
    const calls = pipeline([timeout(2_000), retry({ attempts: 3, delay: 1_000 }), limit]);
    const fail = () => Promise.reject(new Error('down'));
    const done = Array.from({ length: 30 }, async () => {
      await rejection(calls.execute(fail, { signal: controller.signal }));
    });
    await turn();
    controller.abort();
    await Promise.all(done);
    assert.equal(limit.getStats().running, 0);
    let running = 0;
    let most = 0;
    const count = async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
    };
    await Promise.allSettled(Array.from({ length: 32 }, () => limit.execute(count)));
    assert.equal(most, 2);
  });
});
