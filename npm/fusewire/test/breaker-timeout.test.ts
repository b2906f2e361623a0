import assert from 'node:assert/strict';
import { afterEach, beforeEach, it, mock } from 'node:test';
import { CircuitBreaker, CallTimeoutError } from 'fusewire';
import type { CallContext } from 'fusewire';
import { deferred, ManualClock, onEachBackend, record, rejection, turn } from './support.ts';

onEachBackend('the timeout option', (backend) => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('rejects the call, aborts its signal and counts a failure and a timeout', async () => {
    const breaker = new CircuitBreaker({ name: 'mpesa', backend, timeout: 30_000 });
    const seen = record(breaker, 'timeout', 'failure', 'success');
    const events: unknown[] = [];
    breaker.on('timeout', (event) => events.push(event));
    let context: CallContext | undefined;
    const call = breaker.execute((received) => {
      context = received;
      assert.equal(received.signal.aborted, false);
      return deferred().promise;
    });
    mock.timers.tick(29_999);
    assert.equal(breaker.getStats().inFlight, 1);
    mock.timers.tick(1);
    const error = await rejection(call);
    assert.ok(error instanceof CallTimeoutError && error instanceof Error);
    assert.equal(error.message, 'Circuit breaker mpesa timeout after 30000ms');
    assert.equal(error.name, 'CallTimeoutError');
    assert.equal(error.code, 'ERR_CALL_TIMEOUT');
    assert.equal(error.timeout, true);
    assert.equal(error.breaker, 'mpesa');
    assert.equal(context?.signal.aborted, true);
    assert.equal(context.signal.reason, error);
    const { totalFailures, totalTimeouts, inFlight, lastError } = breaker.getStats();
    assert.deepEqual({ totalFailures, totalTimeouts, inFlight }, { totalFailures: 1, totalTimeouts: 1, inFlight: 0 });
    assert.deepEqual(lastError, { name: 'CallTimeoutError', code: 'ERR_CALL_TIMEOUT', message: error.message });
    assert.deepEqual(seen, ['timeout', 'failure']);
    assert.deepEqual(events, [{ breaker: 'mpesa', error, duration: 30_000 }]);
  });

  it('aborts a signal that is first read after the timeout', async () => {
    const breaker = new CircuitBreaker({ backend, timeout: 50 });
    let context: CallContext | undefined;
    const call = breaker.execute((received) => {
      context = received;
      return deferred().promise;
    });
    mock.timers.tick(50);
    assert.equal(context?.signal.reason, await rejection(call));
  });

  it('counts work that settles late, and handles its rejection', async () => {
    const breaker = new CircuitBreaker({ backend, timeout: 50, failureThreshold: 10 });
    const works = [deferred(), deferred()] as const;
    const calls = works.map(({ promise }) => breaker.execute(() => promise));
    mock.timers.tick(50);
    for (const call of calls) assert.ok((await rejection(call)) instanceof CallTimeoutError);
    works[0].resolve(1);
    works[1].reject(new Error('nobody waits for this'));
    await turn();
    const { lateCompletions, totalFailures, totalSuccesses, inFlight } = breaker.getStats();
    assert.deepEqual(
      { lateCompletions, totalFailures, totalSuccesses, inFlight },
      { lateCompletions: 2, totalFailures: 2, totalSuccesses: 0, inFlight: 0 },
    );
  });

  it('does not let late work settle another call', async () => {
    const breaker = new CircuitBreaker({ backend, timeout: 50, failureThreshold: 1_000 });
    const late = Array.from({ length: 20 }, () => deferred<string>());
    const timedOut = late.map(({ promise }) => breaker.execute(() => promise));
    mock.timers.tick(50);
    for (const call of timedOut) assert.ok((await rejection(call)) instanceof CallTimeoutError);
    const fresh = Array.from({ length: 20 }, () => deferred<string>());
    const calls = fresh.map(({ promise }) => breaker.execute(() => promise));
    late.forEach(({ resolve }) => resolve('late'));
    await turn();
    fresh.forEach(({ resolve }, index) => resolve(`fresh ${index}`));
    assert.deepEqual(
      await Promise.all(calls),
      fresh.map((_, index) => `fresh ${index}`),
    );
    assert.equal(breaker.getStats().lateCompletions, 20);
  });

  it('ends calls of breakers with different timeouts in order of their deadlines', async () => {
    const durations = [500, 100, 300];
    const breakers = durations.map((timeout) => new CircuitBreaker({ backend, timeout }));
    const settled: number[] = [];
    breakers.forEach((breaker, index) => {
      breaker.execute(() => deferred().promise).catch(() => settled.push(durations[index] as number));
    });
    for (const [tick, expected] of [
      [90, []],
      [20, [100]],
      [200, [100, 300]],
      [200, [100, 300, 500]],
    ] as const) {
      mock.timers.tick(tick);
      await turn();
      assert.deepEqual(settled, expected);
    }
  });

  it('applies to a promise that is already pending', async () => {
    const breaker = new CircuitBreaker({ backend, timeout: 50 });
    const call = breaker.execute(deferred().promise);
    mock.timers.tick(50);
    assert.ok((await rejection(call)) instanceof CallTimeoutError);
  });

  it('is a failure in the result of tryExecute()', async () => {
    const breaker = new CircuitBreaker({ backend, timeout: 50 });
    const call = breaker.tryExecute(() => deferred().promise);
    mock.timers.tick(50);
    const result = await call;
    assert.ok(result.status === 'failure' && result.error instanceof CallTimeoutError);
  });

  it('does not use the clock option', async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ backend, timeout: 50, clock: clock.read });
    const work = deferred<number>();
    const call = breaker.execute(() => work.promise);
    clock.advance(1_000_000);
    assert.equal(breaker.getStats().totalTimeouts, 0);
    work.resolve(1);
    assert.equal(await call, 1);
    const hung = breaker.execute(() => deferred().promise);
    mock.timers.tick(50);
    assert.ok((await rejection(hung)) instanceof CallTimeoutError);
  });

  it('ends each call at its own deadline', async () => {
    const breaker = new CircuitBreaker({ backend, timeout: 100, failureThreshold: 100 });
    const settled: string[] = [];
    const start = (name: string) => breaker.execute(() => deferred().promise).catch(() => settled.push(name));
    start('first');
    mock.timers.tick(40);
    start('second');
    mock.timers.tick(60);
    await turn();
    assert.deepEqual(settled, ['first']);
    mock.timers.tick(39);
    await turn();
    assert.deepEqual(settled, ['first']);
    mock.timers.tick(1);
    await turn();
    assert.deepEqual(settled, ['first', 'second']);
  });

  it('follows mocked time, as the open time does', async () => {
    const breaker = new CircuitBreaker({ backend, failureThreshold: 1, resetTimeout: 60_000 });
    await rejection(breaker.execute(() => Promise.reject(new Error('down'))));
    assert.equal(breaker.state, 'OPEN');
    mock.timers.tick(59_999);
    assert.equal(breaker.state, 'OPEN');
    mock.timers.tick(1);
    assert.equal(breaker.state, 'HALF_OPEN');
  });
});

onEachBackend('mocked timers', (backend) => {
  it('expire a call where only setTimeout is mocked', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const breaker = new CircuitBreaker({ backend, timeout: 30_000 });
      const call = breaker.execute(() => deferred().promise);
      mock.timers.tick(30_000);
      assert.ok((await rejection(call)) instanceof CallTimeoutError);
    } finally {
      mock.timers.reset();
    }
  });

  it('may be installed and removed while calls are in flight', async () => {
    const breaker = new CircuitBreaker({ backend, failureThreshold: 1, resetTimeout: 60_000, timeout: 10_000 });
    const works = [deferred<number>(), deferred<number>(), deferred<number>()] as const;
    const calls = [breaker.execute(() => works[0].promise)];
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    try {
      calls.push(breaker.execute(() => works[1].promise));
      mock.timers.tick(5_000);
      assert.equal(breaker.getStats().totalTimeouts, 0);
    } finally {
      mock.timers.reset();
    }
    calls.push(breaker.execute(() => works[2].promise));
    works.forEach(({ resolve }, index) => resolve(index));
    assert.deepEqual(await Promise.all(calls), [0, 1, 2]);
    assert.equal(breaker.getStats().totalTimeouts, 0);
    assert.equal(breaker.state, 'CLOSED');
  });

  it('expire calls that started before they were installed', async () => {
    const breaker = new CircuitBreaker({ backend, timeout: 10_000, failureThreshold: 10 });
    const before = breaker.execute(() => deferred().promise);
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    try {
      const after = breaker.execute(() => deferred().promise);
      mock.timers.tick(10_001);
      assert.ok((await rejection(after)) instanceof CallTimeoutError);
      assert.ok((await rejection(before)) instanceof CallTimeoutError);
    } finally {
      mock.timers.reset();
    }
  });
});
