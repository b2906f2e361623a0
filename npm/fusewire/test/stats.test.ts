import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BreakerDisposedError, CircuitBreaker } from 'fusewire';
import { deferred, onEachBackend, open, quickBreaker, rejection } from './support.ts';

onEachBackend('getStats()', (backend) => {
  it('has every documented field, each number finite or null', async () => {
    const { breaker, clock } = quickBreaker(backend, { failureThreshold: 10 });
    const fresh = breaker.getStats();
    assertFiniteOrNull(fresh);
    const fields = [
      ...[
        'name',
        'state',
        'override',
        'failureCount',
        'successCount',
        'lastFailureTime',
        'lastSuccessTime',
        'lastError',
      ],
      ...['nextAttemptTime', 'totalRequests', 'totalSuccesses', 'totalFailures', 'totalTimeouts', 'totalRejected'],
      ...[
        'totalIgnored',
        'averageResponseTime',
        'responseTimes',
        'failureRate',
        'slowCallRate',
        'uptime',
        'stateChanges',
      ],
      ...['inFlight', 'shadowRejected', 'listenerErrors', 'lateCompletions', 'underlyingState'],
    ];
    for (const field of fields) assert.ok(field in fresh, field);
    assert.deepEqual(fresh.responseTimes, { p50: null, p90: null, p95: null, p99: null, max: null });
    assert.deepEqual([fresh.lastFailureTime, fresh.lastSuccessTime, fresh.lastError], [null, null, null]);
    assert.equal(fresh.uptime, 100);
    for (const duration of [10, 20, 30]) {
      await breaker.execute(async () => clock.advance(duration));
    }
    const error = new Error('down');
    await rejection(breaker.execute(() => Promise.reject(error)));
    clock.advance(5_000);
    const stats = breaker.getStats();
    assertFiniteOrNull(stats);
    assert.equal(stats.averageResponseTime, 15);
    assert.equal(stats.responseTimes.max, 30);
    assert.equal(stats.failureRate, 0.25);
    assert.deepEqual(stats.lastError, { name: 'Error', code: null, message: error.message });
    assert.equal(stats.successCount, 3);
    assert.equal(stats.failureCount, 1);
    const age = Date.now() - (stats.lastFailureTime?.getTime() ?? 0);
    assert.ok(age >= 5_000 && age < 5_100, `${age}`);
  });

  it('counts every call once', async () => {
    const { breaker } = quickBreaker(backend, {
      timeout: false,
      classify: (outcome) => ('error' in outcome && outcome.error === 'ignore' ? 'ignore' : undefined),
    });
    const hung = breaker.execute(() => deferred().promise);
    hung.catch(() => undefined);
    await breaker.execute(() => 1);
    await rejection(breaker.execute(() => Promise.reject('ignore')));
    await open(breaker);
    await rejection(breaker.execute(() => 1));
    await breaker.tryExecute(() => 1);
    const stats = breaker.getStats();
    assert.equal(stats.totalRequests, 7);
    const { totalSuccesses, totalFailures, totalIgnored, totalRejected, inFlight } = stats;
    assert.deepEqual([totalSuccesses, totalFailures, totalIgnored, totalRejected, inFlight], [1, 2, 1, 2, 1]);
  });

  it('reports when the next call may be admitted', async () => {
    const { breaker, clock } = quickBreaker(backend);
    await open(breaker);
    clock.advance(300);
    const { nextAttemptTime, retryAfter } = breaker.getStats();
    assert.equal(retryAfter, 700);
    assert.ok(nextAttemptTime !== null && Math.abs(nextAttemptTime.getTime() - Date.now() - 700) < 50);
  });
});

onEachBackend('explain()', (backend) => {
  it('returns the numbers behind the last decision', async () => {
    const { breaker } = quickBreaker(backend);
    const before = breaker.explain();
    assert.deepEqual([before.reason, before.at, before.failureThreshold], ['none', null, 2]);
    await open(breaker);
    const { state, override, reason, from, to, at, observed, threshold, openTime, retryAfter } = breaker.explain();
    assert.deepEqual(
      { state, override, reason, from, to, observed, threshold, openTime, retryAfter },
      {
        state: 'OPEN',
        override: 'NONE',
        reason: 'failure-threshold',
        from: 'CLOSED',
        to: 'OPEN',
        observed: 2,
        threshold: 2,
        openTime: 1_000,
        retryAfter: 1_000,
      },
    );
    assert.ok(at instanceof Date);
  });
});

onEachBackend('a disposed breaker', (backend) => {
  it('rejects calls and throws when it is read', async () => {
    const { breaker } = quickBreaker(backend);
    const release = breaker.forceOpen();
    const wrapped = breaker.wrap(() => 1);
    breaker.dispose();
    breaker.dispose();
    assert.equal(breaker.disposed, true);
    assert.equal(breaker.name, 'mpesa');
    assert.equal(breaker.backend, backend);
    for (const call of [
      () => breaker.execute(() => assert.fail('must not run')),
      () => breaker.execute(Promise.reject(new Error('handled'))),
      () => breaker.tryExecute(() => assert.fail('must not run')),
      () => breaker.execute(() => 1, { signal: new AbortController().signal }),
      () => wrapped(),
    ]) {
      const error = await rejection(call());
      assert.ok(error instanceof BreakerDisposedError && error instanceof BreakerDisposedError);
      assert.equal(error.message, 'Circuit breaker mpesa was disposed');
      assert.equal(error.code, 'ERR_BREAKER_DISPOSED');
    }
    for (const use of [
      () => breaker.state,
      () => breaker.override,
      () => breaker.getStats(),
      () => breaker.explain(),
      () => breaker.toJSON(),
      () => breaker.reset(),
      () => breaker.forceOpen(),
      () => breaker.forceClosed(),
      () => breaker.shadow(),
      () => breaker.releaseOverride(),
      () => breaker.on('open', () => undefined),
      () => breaker.once('open', () => undefined),
    ]) {
      assert.throws(use, BreakerDisposedError);
    }
    release();
    breaker.off('open', () => undefined);
  });

  for (const options of [{ timeout: false, responseTimes: false } as const, {}]) {
    it(`settles the calls that were in flight (${JSON.stringify(options)})`, async () => {
      const { breaker } = quickBreaker(backend, options);
      const works = [deferred<number>(), deferred<number>()] as const;
      const calls = works.map(({ promise }) => breaker.execute(() => promise));
      breaker.dispose();
      const other = new CircuitBreaker({ backend });
      works[0].resolve(1);
      const error = new Error('down');
      works[1].reject(error);
      assert.equal(await calls[0], 1);
      assert.equal(await rejection(calls[1] as Promise<number>), error);
      assert.equal(other.getStats().totalRequests, 0);
    });
  }

  it('results from leaving the block of a `using` declaration', async () => {
    let kept: CircuitBreaker;
    {
      using breaker = new CircuitBreaker({ backend });
      kept = breaker;
      assert.equal(await breaker.execute(() => 1), 1);
    }
    assert.equal(kept.disposed, true);
  });
});

function assertFiniteOrNull(object: object): void {
  for (const [name, value] of Object.entries(object)) {
    if (typeof value === 'number') assert.ok(Number.isFinite(value), `${name} is ${value}`);
    else if (name === 'responseTimes') assertFiniteOrNull(value as object);
    assert.notEqual(value, undefined, name);
  }
}
