import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { adaptiveLimit, CircuitBreaker, isBulkheadFullError, pipeline, timeout } from 'fusewire';
import type { AdaptiveLimit, AdaptiveLimitOptions } from 'fusewire';
import { assertProblems, deferred, rejection, turn } from './support.ts';
import type { Deferred } from './support.ts';

/** A window that a few calls fill. */
const QUICK = { initial: 4, window: 100, minimumSamples: 10 } satisfies AdaptiveLimitOptions;

describe('an adaptive limit', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('lets as many calls be under way as it begins with, and rejects the others', async () => {
    const places = adaptiveLimit({ name: 'places', initial: 2 });
    const works = [deferred(), deferred()] as const;
    const calls = works.map(({ promise }) => places.execute(() => promise));
    const error = await rejection(places.execute(() => assert.fail('must not run')));
    assert.ok(isBulkheadFullError(error) && error.policy === 'places');
    const { limit, running, totalCalls, totalAdmitted, totalRejected } = places.getStats();
    assert.deepEqual(
      { limit, running, totalCalls, totalAdmitted, totalRejected },
      { limit: 2, running: 2, totalCalls: 3, totalAdmitted: 2, totalRejected: 1 },
    );
    works.forEach(({ resolve }) => resolve(1));
    await Promise.all(calls);
  });

  for (const algorithm of ['gradient', 'vegas'] as const) {
    it(`grows while calls stay as fast (${algorithm})`, async () => {
      const places = adaptiveLimit({ ...QUICK, algorithm });
      await rounds(places, 30, 10);
      const { limit, totalRejected } = places.getStats();
      assert.ok(limit > 4, `${limit}`);
      assert.equal(totalRejected, 0);
    });

    it(`falls while calls are dropped (${algorithm})`, async () => {
      const places = adaptiveLimit({ ...QUICK, initial: 50, algorithm });
      const calls = pipeline([places, timeout(20)]);
      for (let round = 0; round < 20; round++) {
        const works = Array.from({ length: 10 }, () => deferred());
        const running = works.map(({ promise }) => calls.execute(() => promise).catch(() => undefined));
        mock.timers.tick(20);
        await Promise.all(running);
        works.forEach(({ resolve }) => resolve(1));
        await turn();
      }
      const { limit, totalDropped, overrunning } = places.getStats();
      assert.ok(limit < 50, `${limit}`);
      assert.equal(totalDropped, places.getStats().totalAdmitted);
      assert.equal(overrunning, 0);
    });
  }

  it('holds a smaller limit against places that were given before', async () => {
    const places = adaptiveLimit({ ...QUICK, initial: 20, isDropped: () => true });
    await rounds(places, 30, 10, 20);
    const { limit } = places.getStats();
    assert.ok(limit < 20, `${limit}`);
    const works = Array.from({ length: 30 }, () => deferred());
    const calls = works.map(({ promise }) => places.execute(() => promise).catch(() => undefined));
    assert.equal(places.getStats().running, limit);
    works.forEach(({ resolve }) => resolve(1));
    await Promise.all(calls);
  });

  it('has those who wait start when it grows', async () => {
    const places = adaptiveLimit({ ...QUICK, initial: 2, min: 2, queueSize: 1_000 });
    const running: Deferred<unknown>[] = [];
    const calls = Array.from({ length: 400 }, () =>
      places.execute(() => {
        const work = deferred();
        running.push(work);
        return work.promise;
      }),
    );
    let most = 0;
    while (running.length > 0) {
      most = Math.max(most, running.length);
      mock.timers.tick(10);
      running.splice(0).forEach(({ resolve }) => resolve(1));
      await turn();
    }
    await Promise.all(calls);
    assert.ok(most > 2, `${most}`);
    const { waiting, totalAdmitted, running: left } = places.getStats();
    assert.deepEqual({ waiting, totalAdmitted, left }, { waiting: 0, totalAdmitted: 400, left: 0 });
  });

  it('learns nothing from calls that fail by themselves', async () => {
    const places = adaptiveLimit(QUICK);
    for (let call = 0; call < 100; call++) {
      await rejection(places.execute(() => Promise.reject(new Error('down'))));
      mock.timers.tick(10);
    }
    assert.equal(places.getStats().limit, 4);
    assert.equal(places.getStats().totalDropped, 0);
  });

  it('takes for dropped what says that the dependency was too busy', async () => {
    const places = adaptiveLimit();
    const errors = [
      { status: 503 },
      { statusCode: 429 },
      { response: { status: 504 } },
      { status: 500 },
      { status: 404 },
      null,
    ];
    for (const error of errors) assert.equal(await rejection(places.execute(() => Promise.reject(error))), error);
    assert.equal(places.getStats().totalDropped, 3);
  });

  it('knows the timeout around it from an abort of the caller', async () => {
    const places = adaptiveLimit();
    const controller = new AbortController();
    const works = [deferred(), deferred()] as const;
    const timed = pipeline([timeout(50), places]).execute(() => works[0].promise);
    const aborted = places.execute(() => works[1].promise, { signal: controller.signal });
    mock.timers.tick(50);
    controller.abort();
    for (const call of [timed, aborted]) await rejection(call);
    works.forEach(({ reject }) => reject(new Error('torn down')));
    await turn();
    const { totalDropped, running, overrunning } = places.getStats();
    assert.deepEqual({ totalDropped, running, overrunning }, { totalDropped: 1, running: 0, overrunning: 0 });
  });

  it('judges as it is told to, and takes an answer that fails for none', async () => {
    const places = adaptiveLimit({ isDropped: (error) => error === 'busy' });
    await rejection(places.execute(() => Promise.reject('busy')));
    await rejection(places.execute(() => Promise.reject('down')));
    assert.equal(places.getStats().totalDropped, 1);
    const failing = adaptiveLimit({ isDropped: (async () => true) as never });
    assert.equal(await rejection(failing.execute(() => Promise.reject('busy'))), 'busy');
    const { totalDropped, predicateErrors } = failing.getStats();
    assert.deepEqual({ totalDropped, predicateErrors }, { totalDropped: 0, predicateErrors: 1 });
  });

  it('counts neither way for the breaker around it', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1 });
    const calls = pipeline([breaker, adaptiveLimit({ initial: 1 })]);
    const work = deferred();
    const first = calls.execute(() => work.promise);
    assert.ok(isBulkheadFullError(await rejection(calls.execute(() => 1))));
    assert.equal(breaker.getStats().totalIgnored, 1);
    work.resolve(1);
    await first;
  });
});

describe('the options of an adaptive limit', () => {
  for (const [options, problems] of [
    [{ initial: 300 }, ['initial']],
    [{ window: 0 }, ['window']],
    [{ algorithm: 'tcp' }, ['algorithm']],
    [
      {
        algorithm: 1,
        initial: 'x',
        min: 0,
        max: 'x',
        window: -1,
        minimumSamples: 0,
        queueSize: -1,
        queueTimeout: 0,
        isDropped: 1,
        name: '',
        limit: 5,
      },
      [
        'algorithm',
        'initial',
        'isDropped',
        'limit',
        'max',
        'min',
        'minimumSamples',
        'name',
        'queueSize',
        'queueTimeout',
        'window',
      ],
    ],
    [null, ['options']],
  ] as const) {
    it(`are refused: ${JSON.stringify(options)}`, () =>
      assertProblems(() => adaptiveLimit(options as never), problems));
  }
});

/** Rounds of as many calls as there are places, which all take as long; or of so many, which all fail. */
async function rounds(places: AdaptiveLimit, count: number, duration: number, width?: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    const work = deferred();
    const length = width ?? places.getStats().limit;
    const calls = Array.from({ length }, () => places.execute(() => work.promise).catch(() => undefined));
    mock.timers.tick(duration);
    if (width === undefined) work.resolve(1);
    else work.reject(new Error('busy'));
    await Promise.all(calls);
  }
}
