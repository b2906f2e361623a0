import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { it, mock } from 'node:test';
import { CircuitBreaker, CallTimeoutError } from 'fusewire';
import type { CallContext } from 'fusewire';
import { deferred, onEachBackend, open, quickBreaker, record, rejection, turn } from './support.ts';

onEachBackend("the caller's signal", (backend) => {
  it('rejects without running the work if it has aborted already', async () => {
    const { breaker } = quickBreaker(backend);
    const signal = AbortSignal.abort('changed my mind');
    assert.equal(await rejection(breaker.execute(() => assert.fail('must not run'), { signal })), 'changed my mind');
    assert.deepEqual(await breaker.tryExecute(() => assert.fail('must not run'), { signal }), {
      status: 'failure',
      error: 'changed my mind',
    });
    assert.equal(await rejection(breaker.execute(Promise.reject(new Error('handled')), { signal })), 'changed my mind');
    assert.equal(breaker.getStats().totalRequests, 0);
  });

  for (const timeout of [false, 1_000] as const) {
    it(`ends a call in flight, which counts neither way (timeout ${timeout})`, async () => {
      const { breaker } = quickBreaker(backend, { timeout });
      const seen = record(breaker, 'success', 'failure', 'ignore', 'timeout');
      const controller = new AbortController();
      const work = deferred();
      let context: CallContext | undefined;
      const call = breaker.execute(
        (received) => {
          context = received;
          return work.promise;
        },
        { signal: controller.signal },
      );
      const reason = new Error('changed my mind');
      controller.abort(reason);
      assert.equal(await rejection(call), reason);
      assert.equal(context?.signal.aborted, true);
      assert.equal(context.signal.reason, reason);
      work.reject(context.signal.reason);
      await turn();
      const { totalIgnored, totalFailures, inFlight, lateCompletions, lastError } = breaker.getStats();
      assert.deepEqual(
        { totalIgnored, totalFailures, inFlight, lateCompletions, lastError },
        { totalIgnored: 1, totalFailures: 0, inFlight: 0, lateCompletions: 0, lastError: null },
      );
      assert.deepEqual(seen, ['ignore']);
    });
  }

  it('aborts the signal of the context, and the error of the work counts neither way', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 1 });
    const controller = new AbortController();
    const call = breaker.execute(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
      { signal: controller.signal },
    );
    controller.abort();
    assert.equal(((await rejection(call)) as Error).name, 'AbortError');
    assert.equal(breaker.state, 'CLOSED');
    assert.equal(breaker.getStats().totalIgnored, 1);
  });

  it('takes precedence over an error that the work throws after the abort', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 1 });
    const controller = new AbortController();
    const call = breaker.execute(
      () => {
        controller.abort('reason');
        throw new Error('torn down');
      },
      { signal: controller.signal },
    );
    assert.equal(await rejection(call), 'reason');
    assert.equal(breaker.getStats().totalIgnored, 1);
    assert.equal(breaker.getStats().inFlight, 0);
  });

  it('frees the slot of a probe', async () => {
    const { breaker, clock } = quickBreaker(backend);
    await open(breaker);
    clock.advance(1_000);
    const controller = new AbortController();
    const probe = breaker.execute(() => deferred().promise, { signal: controller.signal });
    assert.equal(breaker.explain().probesInFlight, 1);
    controller.abort();
    await rejection(probe);
    assert.equal(breaker.explain().probesInFlight, 0);
    assert.equal(breaker.state, 'HALF_OPEN');
  });

  it('has no listener left after 100 000 calls', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 1_000_000 });
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const { signal } = new AbortController();
    for (let call = 0; call < 100_000; call++) {
      if (call % 100 === 0) await breaker.execute(() => Promise.reject(call), { signal }).catch(() => undefined);
      else await breaker.execute(() => call, { signal });
    }
    await turn();
    process.off('warning', onWarning);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    assert.deepEqual(warnings, []);
  });

  it('has one listener for all calls in flight, and causes no warning', async () => {
    const { breaker } = quickBreaker(backend);
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const controller = new AbortController();
    const { signal } = controller;
    const works = Array.from({ length: 200 }, () => deferred<number>());
    const calls = works.map(({ promise }) => breaker.execute(() => promise, { signal }));
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    works.slice(0, 100).forEach(({ resolve }) => resolve(1));
    assert.deepEqual(await Promise.all(calls.slice(0, 100)), Array<number>(100).fill(1));
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    controller.abort('all');
    for (const call of calls.slice(100)) assert.equal(await rejection(call), 'all');
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    assert.equal(breaker.getStats().totalIgnored, 100);
    await turn();
    process.off('warning', onWarning);
    assert.deepEqual(warnings, []);
  });

  it('does not change a call that has timed out', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const breaker = new CircuitBreaker({ backend, timeout: 50 });
      const controller = new AbortController();
      const call = breaker.execute(() => deferred().promise, { signal: controller.signal });
      mock.timers.tick(60);
      assert.ok((await rejection(call)) instanceof CallTimeoutError);
      assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
      controller.abort();
      const { totalIgnored, totalTimeouts } = breaker.getStats();
      assert.deepEqual({ totalIgnored, totalTimeouts }, { totalIgnored: 0, totalTimeouts: 1 });
    } finally {
      mock.timers.reset();
    }
  });

  it('lets its abort listeners make other calls', async () => {
    const { breaker } = quickBreaker(backend);
    const controller = new AbortController();
    const call = breaker.execute(
      ({ signal }) => {
        signal.addEventListener('abort', () => {
          void breaker.execute(() => assert.fail('must not run'), { signal: controller.signal }).catch(() => undefined);
          void breaker.execute(() => 1);
        });
        return deferred().promise;
      },
      { signal: controller.signal },
    );
    controller.abort('reason');
    assert.equal(await rejection(call), 'reason');
    await turn();
    const { totalIgnored, totalSuccesses, inFlight } = breaker.getStats();
    assert.deepEqual({ totalIgnored, totalSuccesses, inFlight }, { totalIgnored: 1, totalSuccesses: 1, inFlight: 0 });
  });

  it('by a listener on the way in ends the call before its work', async () => {
    const { breaker, clock } = quickBreaker(backend);
    await open(breaker);
    clock.advance(1_000);
    const controller = new AbortController();
    breaker.on('halfOpen', () => controller.abort('changed my mind'));
    const call = breaker.execute(() => assert.fail('must not run'), { signal: controller.signal });
    assert.equal(await rejection(call), 'changed my mind');
    const { totalIgnored, inFlight, probesInFlight } = breaker.getStats();
    assert.deepEqual({ totalIgnored, inFlight, probesInFlight }, { totalIgnored: 1, inFlight: 0, probesInFlight: 0 });
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  });
});
