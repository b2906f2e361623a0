import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Logger } from 'fusewire';
import { onEachBackend, quickBreaker, record, rejection, turn } from './support.ts';

onEachBackend('classify()', (backend) => {
  it('decides how an error counts, and the caller gets the error', async () => {
    const { breaker } = quickBreaker(backend, {
      failureThreshold: 100,
      classify: (error) => error as 'failure' | 'ignore' | 'success' | undefined,
    });
    const seen = record(breaker, 'success', 'failure', 'ignore');
    for (const classification of ['failure', 'ignore', 'success', undefined]) {
      assert.equal(await rejection(breaker.execute(() => Promise.reject(classification))), classification);
    }
    const { totalFailures, totalIgnored, totalSuccesses } = breaker.getStats();
    assert.deepEqual(
      { totalFailures, totalIgnored, totalSuccesses },
      { totalFailures: 2, totalIgnored: 1, totalSuccesses: 1 },
    );
    assert.deepEqual(seen, ['failure', 'ignore', 'success', 'failure']);
  });

  it('opens the circuit for the time of openFor', async () => {
    const { breaker, clock } = quickBreaker(backend, {
      failureThreshold: 100,
      classify: (error) => ({ openFor: error as number }),
    });
    await rejection(breaker.execute(() => Promise.reject(7_000)));
    assert.equal(breaker.state, 'OPEN');
    assert.equal(breaker.explain().reason, 'open-for');
    assert.equal(breaker.getStats().retryAfter, 7_000);
    clock.advance(7_000);
    assert.equal(breaker.state, 'HALF_OPEN');
  });

  it('counts an invalid openFor as a failure', async () => {
    const { breaker } = quickBreaker(backend, {
      failureThreshold: 100,
      logger: silentLogger(),
      classify: (openFor) => ({ openFor }) as { openFor: number },
    });
    for (const openFor of [0, -1, Number.NaN, Infinity, '7', undefined, null]) {
      await rejection(breaker.execute(() => Promise.reject(openFor)));
      assert.equal(breaker.state, 'CLOSED');
    }
    assert.equal(breaker.getStats().totalFailures, 7);
    assert.equal(breaker.getStats().predicateErrors, 7);
  });

  it('counts the call as a failure, reports the error and frees the permit where it throws', async () => {
    const reported: unknown[] = [];
    for (const classify of [
      () => {
        throw new Error('bug');
      },
      () => Promise.reject(new Error('asynchronous bug')),
      () => 'ignored',
      () => null,
      () => 1,
      () => ({}),
    ]) {
      const { breaker } = quickBreaker(backend, {
        logger: silentLogger((_, error) => reported.push(error)),
        classify: classify as never,
      });
      const error = new Error('down');
      assert.equal(await rejection(breaker.execute(() => Promise.reject(error))), error);
      const { totalFailures, predicateErrors, inFlight } = breaker.getStats();
      assert.deepEqual(
        { totalFailures, predicateErrors, inFlight },
        { totalFailures: 1, predicateErrors: 1, inFlight: 0 },
      );
    }
    await turn();
    assert.equal(reported.length, 6);
    assert.ok(reported.every((error) => error instanceof Error));
  });

  it('may call the breaker itself', async () => {
    const { breaker } = quickBreaker(backend, {
      classify: () => {
        breaker.reset();
        void breaker.execute(() => 1);
        return 'failure';
      },
    });
    await rejection(breaker.execute(() => Promise.reject(new Error('down'))));
    await turn();
    const { totalFailures, totalSuccesses, failureCount, inFlight } = breaker.getStats();
    assert.deepEqual(
      { totalFailures, totalSuccesses, failureCount, inFlight },
      { totalFailures: 1, totalSuccesses: 1, failureCount: 0, inFlight: 0 },
    );
  });
});

onEachBackend('isFailure()', (backend) => {
  for (const timeout of [false, 1_000] as const) {
    it(`counts a result as a failure, and the caller gets the result (timeout ${timeout})`, async () => {
      const { breaker } = quickBreaker(backend, {
        timeout,
        responseTimes: false,
        isFailure: (response: { status: number }) => response.status >= 500,
      });
      const seen = record(breaker, 'success', 'failure');
      const bad = { status: 503 };
      assert.equal(await breaker.execute(async () => bad), bad);
      assert.deepEqual(await breaker.execute(async () => ({ status: 200 })), { status: 200 });
      assert.equal(await breaker.execute(() => bad), bad);
      assert.equal(breaker.state, 'OPEN');
      assert.equal(breaker.getStats().lastError, null);
      assert.deepEqual(seen, ['failure', 'success', 'failure']);
    });
  }

  it('counts the call as a failure, reports the error and frees the permit where it throws', async () => {
    const reported: unknown[] = [];
    for (const isFailure of [
      () => {
        throw new Error('bug');
      },
      async () => false,
      () => Promise.reject(new Error('asynchronous bug')),
      () => ({}),
    ]) {
      const { breaker } = quickBreaker(backend, {
        logger: silentLogger((_, error) => reported.push(error)),
        isFailure: isFailure as never,
      });
      assert.equal(await breaker.execute(() => 1), 1);
      const { totalFailures, predicateErrors, inFlight } = breaker.getStats();
      assert.deepEqual(
        { totalFailures, predicateErrors, inFlight },
        { totalFailures: 1, predicateErrors: 1, inFlight: 0 },
      );
    }
    await turn();
    assert.equal(reported.length, 4);
  });
});

function silentLogger(onError: Logger['error'] = () => undefined): Logger {
  const quiet = () => undefined;
  return { debug: quiet, info: quiet, warn: quiet, error: onError };
}
