import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Logger, Outcome, Verdict } from 'fusewire';
import { onEachBackend, quickBreaker, record, rejection, turn } from './support.ts';

/** Returns the error of an outcome as the verdict on it; values are left to the default. */
const byError = (outcome: Outcome): Verdict => ('error' in outcome ? (outcome.error as Verdict) : undefined);

onEachBackend('classify()', (backend) => {
  it('decides how an error counts, and the caller gets the error', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 100, classify: byError });
    const seen = record(breaker, 'success', 'failure', 'ignore');
    for (const verdict of ['failure', 'ignore', 'success', undefined]) {
      assert.equal(await rejection(breaker.execute(() => Promise.reject(verdict))), verdict);
    }
    const { totalFailures, totalIgnored, totalSuccesses } = breaker.getStats();
    assert.deepEqual(
      { totalFailures, totalIgnored, totalSuccesses },
      { totalFailures: 2, totalIgnored: 1, totalSuccesses: 1 },
    );
    assert.deepEqual(seen, ['failure', 'ignore', 'success', 'failure']);
  });

  it('decides how a value counts, and the caller gets the value', async () => {
    const { breaker } = quickBreaker(backend, {
      failureThreshold: 100,
      classify: (outcome) => ('value' in outcome ? (outcome.value as Verdict) : undefined),
    });
    const seen = record(breaker, 'success', 'failure', 'ignore');
    for (const verdict of ['failure', 'ignore', 'success', undefined] as const) {
      assert.equal(await breaker.execute(() => verdict), verdict);
    }
    assert.deepEqual(seen, ['failure', 'ignore', 'success', 'success']);
  });

  it('opens the circuit for the time of openFor, by an error and by a value', async () => {
    for (const call of [() => Promise.reject(7_000), () => Promise.resolve(7_000)]) {
      const { breaker, clock } = quickBreaker(backend, {
        failureThreshold: 100,
        classify: (outcome) => ({ openFor: Number('error' in outcome ? outcome.error : outcome.value) }),
      });
      await breaker.execute(call).catch(() => undefined);
      assert.equal(breaker.state, 'OPEN');
      assert.equal(breaker.explain().reason, 'open-for');
      assert.equal(breaker.getStats().retryAfter, 7_000);
      clock.advance(7_000);
      assert.equal(breaker.state, 'HALF_OPEN');
    }
  });

  it('counts a judgement by its verdict, which is a failure unless it says otherwise', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 100, classify: byError });
    const seen = record(breaker, 'success', 'failure', 'ignore');
    const judgements: Verdict[] = [{ verdict: 'ignore' }, { retry: false }, { verdict: 'success', retryAfter: 5 }];
    for (const judgement of judgements) await rejection(breaker.execute(() => Promise.reject(judgement)));
    assert.deepEqual(seen, ['ignore', 'failure', 'success']);
    assert.equal(breaker.getStats().predicateErrors, 0);
  });

  it('counts an invalid judgement as a failure', async () => {
    const { breaker } = quickBreaker(backend, {
      failureThreshold: 100,
      logger: silentLogger(),
      classify: byError,
    });
    const invalid = [
      ...[-1, Number.NaN, Infinity, '7', null].map((openFor) => ({ openFor })),
      ...[-1, Number.NaN, '7'].map((retryAfter) => ({ retryAfter })),
      { verdict: 'ignored' },
      { verdict: 'ignore', openFor: 7 },
      { retry: 'yes' },
      {},
    ];
    for (const judgement of invalid) {
      await rejection(breaker.execute(() => Promise.reject(judgement)));
      assert.equal(breaker.state, 'CLOSED');
    }
    assert.equal(breaker.getStats().totalFailures, invalid.length);
    assert.equal(breaker.getStats().predicateErrors, invalid.length);
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
        failureThreshold: 100,
        logger: silentLogger((_, error) => reported.push(error)),
        classify: classify as never,
      });
      const error = new Error('down');
      assert.equal(await rejection(breaker.execute(() => Promise.reject(error))), error);
      assert.equal(await breaker.execute(() => 1), 1);
      const { totalFailures, predicateErrors, inFlight } = breaker.getStats();
      assert.deepEqual(
        { totalFailures, predicateErrors, inFlight },
        { totalFailures: 2, predicateErrors: 2, inFlight: 0 },
      );
    }
    await turn();
    assert.equal(reported.length, 12);
    assert.ok(reported.every((error) => error instanceof Error));
  });

  it('may call the breaker itself', async () => {
    const { breaker } = quickBreaker(backend, {
      classify: (outcome) => {
        if ('value' in outcome) return undefined;
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

  for (const [what, outcome, counted] of [
    ['an error', () => Promise.reject(new Error('down')), 'failure'],
    ['a status 404', () => Promise.reject({ status: 404 }), 'ignore'],
    ['a statusCode 422', () => Promise.reject({ statusCode: 422 }), 'ignore'],
    ['a response.status 400', () => Promise.reject({ response: { status: 400 } }), 'ignore'],
    ['a status that is text', () => Promise.reject({ status: 'error', statusCode: 404 }), 'ignore'],
    ['a status 408', () => Promise.reject({ status: 408 }), 'failure'],
    ['a status 429', () => Promise.reject({ status: 429 }), 'failure'],
    ['a status 503', () => Promise.reject({ status: 503 }), 'failure'],
    ['an AbortError', () => Promise.reject(new DOMException('enough', 'AbortError')), 'failure'],
    ['a TimeoutError', () => Promise.reject(new DOMException('late', 'TimeoutError')), 'timeout'],
    ['a response 200', () => new Response(null, { status: 200 }), 'success'],
    ['a response 404', () => new Response(null, { status: 404 }), 'success'],
    ['a response 429', () => new Response(null, { status: 429 }), 'failure'],
    ['a response 500', () => new Response(null, { status: 500 }), 'failure'],
    ['a record with a status', () => ({ status: 500, ok: false, headers: {} }), 'success'],
    ['a record whose properties throw', () => hostile(), 'success'],
  ] as const) {
    it(`has a default, by which ${what} is a ${counted}`, async () => {
      const { breaker } = quickBreaker(backend, { failureThreshold: 100 });
      const seen = record(breaker, 'success', 'failure', 'ignore', 'timeout');
      await breaker.execute(outcome as () => unknown).catch(() => undefined);
      assert.deepEqual(seen, counted === 'timeout' ? ['timeout', 'failure'] : [counted]);
    });
  }
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

  it('decides on every value, so that a response 503 is a success if it says so', async () => {
    const { breaker } = quickBreaker(backend, { isFailure: () => false });
    await breaker.execute(() => new Response(null, { status: 503 }));
    assert.equal(breaker.getStats().totalSuccesses, 1);
  });

  it('decides on the values that classify leaves open', async () => {
    const { breaker } = quickBreaker(backend, {
      failureThreshold: 100,
      classify: (outcome) => ('value' in outcome && outcome.value === 1 ? 'ignore' : undefined),
      isFailure: (value) => value !== 3,
    });
    const seen = record(breaker, 'success', 'failure', 'ignore');
    for (const value of [1, 2, 3]) await breaker.execute(() => value);
    assert.deepEqual(seen, ['ignore', 'failure', 'success']);
  });

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

/** Returns an object that is no promise, and whose other properties throw. */
function hostile(): object {
  const read = (_: object, name: string | symbol) => {
    if (name === 'then' || name === 'constructor' || typeof name === 'symbol' || name === 'subscribe') return undefined;
    throw new Error(`the property ${name} throws`);
  };
  return new Proxy({}, { get: read });
}
