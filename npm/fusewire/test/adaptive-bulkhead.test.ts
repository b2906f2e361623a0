import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { adaptiveBulkhead, CircuitBreaker, BulkheadFullError, pipeline, timeout } from 'fusewire';
import type { AdaptiveBulkhead, AdaptiveBulkheadOptions } from 'fusewire';
import { assertProblems, deferred, rejection, turn } from './support.ts';
import type { Deferred } from './support.ts';

/** Options of a limiter that adjusts its limit after a few calls. */
const QUICK = { initial: 4, window: 100, minimumCalls: 10 } satisfies AdaptiveBulkheadOptions;

describe('adaptiveBulkhead()', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('admits `initial` calls at once and rejects the rest', async () => {
    const limiter = adaptiveBulkhead({ name: 'orders', initial: 2 });
    const works = [deferred(), deferred()] as const;
    const calls = works.map(({ promise }) => limiter.execute(() => promise));
    const error = await rejection(limiter.execute(() => assert.fail('must not run')));
    assert.ok(error instanceof BulkheadFullError && error.policy === 'orders');
    const { limit, running, totalCalls, totalAdmitted, totalRejected } = limiter.getStats();
    assert.deepEqual(
      { limit, running, totalCalls, totalAdmitted, totalRejected },
      { limit: 2, running: 2, totalCalls: 3, totalAdmitted: 2, totalRejected: 1 },
    );
    works.forEach(({ resolve }) => resolve(1));
    await Promise.all(calls);
  });

  for (const algorithm of ['gradient', 'vegas'] as const) {
    it(`raises the limit while response times stay the same (${algorithm})`, async () => {
      const limiter = adaptiveBulkhead({ ...QUICK, algorithm });
      await runRounds(limiter, 30, 10);
      const { limit, totalRejected } = limiter.getStats();
      assert.ok(limit > 4, `${limit}`);
      assert.equal(totalRejected, 0);
    });

    it(`lowers the limit while calls are dropped (${algorithm})`, async () => {
      const limiter = adaptiveBulkhead({ ...QUICK, initial: 50, algorithm });
      const calls = pipeline([limiter, timeout(20)]);
      for (let round = 0; round < 20; round++) {
        const works = Array.from({ length: 10 }, () => deferred());
        const running = works.map(({ promise }) => calls.execute(() => promise).catch(() => undefined));
        mock.timers.tick(20);
        await Promise.all(running);
        works.forEach(({ resolve }) => resolve(1));
        await turn();
      }
      const { limit, totalDropped, overrunning } = limiter.getStats();
      assert.ok(limit < 50, `${limit}`);
      assert.equal(totalDropped, limiter.getStats().totalAdmitted);
      assert.equal(overrunning, 0);
    });
  }

  it('admits no more than the lowered limit', async () => {
    const limiter = adaptiveBulkhead({ ...QUICK, initial: 20, isDropped: () => true });
    await runRounds(limiter, 30, 10, 20);
    const { limit } = limiter.getStats();
    assert.ok(limit < 20, `${limit}`);
    const works = Array.from({ length: 30 }, () => deferred());
    const calls = works.map(({ promise }) => limiter.execute(() => promise).catch(() => undefined));
    assert.equal(limiter.getStats().running, limit);
    works.forEach(({ resolve }) => resolve(1));
    await Promise.all(calls);
  });

  it('starts waiting calls when the limit rises', async () => {
    const limiter = adaptiveBulkhead({ ...QUICK, initial: 2, min: 2, queueSize: 1_000 });
    const running: Deferred<unknown>[] = [];
    const calls = Array.from({ length: 400 }, () =>
      limiter.execute(() => {
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
    const { waiting, totalAdmitted, running: left } = limiter.getStats();
    assert.deepEqual({ waiting, totalAdmitted, left }, { waiting: 0, totalAdmitted: 400, left: 0 });
  });

  it('keeps the limit when calls fail for other reasons', async () => {
    const limiter = adaptiveBulkhead(QUICK);
    for (let call = 0; call < 100; call++) {
      await rejection(limiter.execute(() => Promise.reject(new Error('down'))));
      mock.timers.tick(10);
    }
    assert.equal(limiter.getStats().limit, 4);
    assert.equal(limiter.getStats().totalDropped, 0);
  });

  it('counts the status codes of an overloaded dependency as dropped', async () => {
    const limiter = adaptiveBulkhead();
    const errors = [
      { status: 503 },
      { statusCode: 429 },
      { response: { status: 504 } },
      { status: 408 },
      { status: 529 },
      { status: 500 },
      { status: 404 },
      null,
    ];
    for (const error of errors) assert.equal(await rejection(limiter.execute(() => Promise.reject(error))), error);
    assert.equal(limiter.getStats().totalDropped, 5);
  });

  it('counts the timeout around it as dropped, and an abort by the caller not', async () => {
    const limiter = adaptiveBulkhead();
    const controller = new AbortController();
    const works = [deferred(), deferred()] as const;
    const timed = pipeline([timeout(50), limiter]).execute(() => works[0].promise);
    const aborted = limiter.execute(() => works[1].promise, { signal: controller.signal });
    mock.timers.tick(50);
    controller.abort();
    for (const call of [timed, aborted]) await rejection(call);
    works.forEach(({ reject }) => reject(new Error('torn down')));
    await turn();
    const { totalDropped, running, overrunning } = limiter.getStats();
    assert.deepEqual({ totalDropped, running, overrunning }, { totalDropped: 1, running: 0, overrunning: 0 });
  });

  it('classifies by isDropped, and counts an error as not dropped where isDropped fails', async () => {
    const limiter = adaptiveBulkhead({ isDropped: (error) => error === 'busy' });
    await rejection(limiter.execute(() => Promise.reject('busy')));
    await rejection(limiter.execute(() => Promise.reject('down')));
    assert.equal(limiter.getStats().totalDropped, 1);
    const failing = adaptiveBulkhead({ isDropped: (async () => true) as never });
    assert.equal(await rejection(failing.execute(() => Promise.reject('busy'))), 'busy');
    const { totalDropped, predicateErrors } = failing.getStats();
    assert.deepEqual({ totalDropped, predicateErrors }, { totalDropped: 0, predicateErrors: 1 });
  });

  it('has rejections that the breaker around it ignores', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1 });
    const calls = pipeline([breaker, adaptiveBulkhead({ initial: 1 })]);
    const work = deferred();
    const first = calls.execute(() => work.promise);
    assert.ok((await rejection(calls.execute(() => 1))) instanceof BulkheadFullError);
    assert.equal(breaker.getStats().totalIgnored, 1);
    work.resolve(1);
    await first;
  });
});

describe('adaptiveBulkhead() with wrong options', () => {
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
        minimumCalls: 0,
        queueSize: -1,
        maxWait: 0,
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
        'maxWait',
        'min',
        'minimumCalls',
        'name',
        'queueSize',
        'window',
      ],
    ],
    [null, ['options']],
  ] as const) {
    it(`throws for ${JSON.stringify(options)}`, () =>
      assertProblems(() => adaptiveBulkhead(options as never), problems));
  }
});

/**
 * Runs rounds of calls that all take `duration`. Without `width` a round has as many calls as the limit allows, and they
 * succeed; with it, a round has that many calls, and they fail.
 */
async function runRounds(limiter: AdaptiveBulkhead, count: number, duration: number, width?: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    const work = deferred();
    const length = width ?? limiter.getStats().limit;
    const calls = Array.from({ length }, () => limiter.execute(() => work.promise).catch(() => undefined));
    mock.timers.tick(duration);
    if (width === undefined) work.resolve(1);
    else work.reject(new Error('busy'));
    await Promise.all(calls);
  }
}
