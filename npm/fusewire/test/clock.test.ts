import assert from 'node:assert/strict';
import { it, mock } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import { onEachBackend, open, quickBreaker, rejection } from './support.ts';

const YEAR = 31_536_000_000;

onEachBackend('the clock option', (backend) => {
  it('treats a clock that jumps back as standing still', async () => {
    const { breaker, clock } = quickBreaker(backend);
    await open(breaker);
    clock.advance(500);
    assert.equal(breaker.getStats().retryAfter, 500);
    clock.now = -1e9;
    assert.equal(breaker.getStats().retryAfter, 500);
    assert.equal((await breaker.tryExecute(() => 1)).status, 'rejected');
    clock.now = 2_000;
    assert.equal(breaker.state, 'HALF_OPEN');
  });

  it('accepts a clock that stands still', async () => {
    const { breaker } = quickBreaker(backend, { clock: () => 0 });
    for (let call = 0; call < 5; call++) assert.equal(await breaker.execute(() => call), call);
    await open(breaker);
    assert.equal(breaker.getStats().retryAfter, 1_000);
    assert.equal(breaker.getStats().averageResponseTime, 0);
  });

  it('accepts a clock that jumps ahead by a year', async () => {
    const { breaker, clock } = quickBreaker(backend);
    await rejection(breaker.execute(() => Promise.reject(new Error('down'))));
    clock.advance(YEAR);
    await rejection(breaker.execute(() => Promise.reject(new Error('down'))));
    assert.equal(breaker.state, 'CLOSED');
    await open(breaker);
    clock.advance(YEAR);
    assert.equal(breaker.state, 'HALF_OPEN');
  });

  for (const [what, reading] of Object.entries({
    NaN: Number.NaN,
    infinity: Infinity,
    'minus infinity': -Infinity,
    'a string': '5',
    'a bigint': 5n,
    nothing: undefined,
    'an object': { valueOf: () => assert.fail('must not be read') },
  })) {
    it(`treats a reading of ${what} as standing still`, async () => {
      const { breaker, clock } = quickBreaker(backend, { timeout: 30_000 });
      const misread = new CircuitBreaker({
        backend,
        clock: () => reading as number,
        failureThreshold: 2,
        resetTimeout: 1_000,
      });
      for (const each of [breaker, misread]) {
        await open(each);
        clock.now = reading as number;
        assert.equal(each.state, 'OPEN');
        assert.equal((await each.tryExecute(() => 1)).status, 'rejected');
        each.reset();
        assert.equal(await each.execute(() => 1), 1);
        clock.now = 1_000;
      }
      const stats = misread.getStats();
      assert.equal(stats.engineErrors, 0);
      assert.equal(stats.totalFailures, 2);
      for (const [name, value] of Object.entries(stats)) {
        if (typeof value === 'number') assert.ok(Number.isFinite(value), name);
      }
    });
  }

  it('reports a clock that throws and treats it as standing still', async () => {
    const reported: unknown[] = [];
    const quiet = () => undefined;
    const { breaker } = quickBreaker(backend, {
      logger: { debug: quiet, info: quiet, warn: quiet, error: (_, error) => reported.push(error) },
      clock: () => {
        throw new Error('no time');
      },
    });
    assert.equal(await breaker.execute(() => 1), 1);
    await open(breaker);
    assert.ok(reported.length > 0);
    assert.equal(breaker.getStats().engineErrors, 0);
  });

  it('lets the clock function call the breaker', async () => {
    const breaker: CircuitBreaker = new CircuitBreaker({
      backend,
      clock: () => {
        if (ready) {
          ready = false;
          breaker.reset();
          assert.equal(breaker.state, 'CLOSED');
          ready = true;
        }
        return 0;
      },
    });
    let ready = false as boolean;
    ready = true;
    assert.equal(await breaker.execute(() => 1), 1);
    assert.equal(breaker.getStats().inFlight, 0);
  });

  it('defaults to a mocked Date, and continues without a jump when Date is restored', async () => {
    const breaker = new CircuitBreaker({ backend, failureThreshold: 1, resetTimeout: 60_000 });
    await open(breaker);
    mock.timers.enable({ apis: ['Date'], now: 0 });
    try {
      assert.equal(breaker.state, 'OPEN');
      mock.timers.tick(30_000);
      assert.equal(breaker.state, 'OPEN');
      const { retryAfter } = breaker.getStats();
      assert.ok(retryAfter !== null && retryAfter > 29_000 && retryAfter <= 30_000, `${retryAfter}`);
    } finally {
      mock.timers.reset();
    }
    const { retryAfter } = breaker.getStats();
    assert.ok(retryAfter !== null && retryAfter > 29_000 && retryAfter <= 30_000, `${retryAfter}`);
  });

  it('defaults to the global performance where it is replaced together with setTimeout', () => {
    const { performance: real, setTimeout: realSetTimeout } = globalThis;
    let now = 5_000_000;
    try {
      Object.defineProperty(globalThis, 'performance', {
        value: { now: () => now },
        configurable: true,
        writable: true,
      });
      globalThis.setTimeout = (() => 0) as never;
      const breaker = new CircuitBreaker({ backend, timeout: false, failureThreshold: 1, resetTimeout: 60_000 });
      const release = breaker.forceOpen();
      now += 4_000;
      release();
      const { uptime } = breaker.getStats();
      assert.equal(uptime, 0);
    } finally {
      Object.defineProperty(globalThis, 'performance', { value: real, configurable: true, writable: true });
      globalThis.setTimeout = realSetTimeout;
    }
  });
});
