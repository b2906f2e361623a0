import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { CircuitBreaker, RateLimitedError, pipeline, rateLimit, retry } from 'fusewire';
import type { RateLimit } from 'fusewire';
import { assertProblems, rejection, runScript, turn } from './support.ts';

describe('rateLimit()', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('admits `limit` calls per span of time and rejects the rest', async () => {
    const rate = rateLimit({ name: 'rate', limit: 10 });
    for (let call = 0; call < 10; call++) assert.equal(await rate.execute(() => call), call);
    const error = await rejection(rate.execute(() => assert.fail('must not run')));
    assert.ok(error instanceof RateLimitedError && error instanceof Error);
    assert.equal(error.message, 'Policy rate: too many calls, the next in 100ms');
    assert.equal(error.name, 'RateLimitedError');
    assert.equal(error.stack?.includes('\n'), false);
    const { code, policy, retryAfter } = error;
    assert.deepEqual({ code, policy, retryAfter }, { code: 'ERR_RATE_LIMITED', policy: 'rate', retryAfter: 100 });
    mock.timers.tick(99);
    assert.ok((await rejection(rate.execute(() => 1))) instanceof RateLimitedError);
    mock.timers.tick(1);
    assert.equal(await rate.execute(() => 1), 1);
    assert.deepEqual(rate.getStats(), stats({ name: 'rate', totalCalls: 13, totalAdmitted: 11, totalRejected: 2 }));
  });

  it('settles as the work does', async () => {
    const rate = rateLimit({ limit: 10 });
    const error = new Error('down');
    assert.equal(await rejection(rate.execute(() => Promise.reject(error))), error);
  });

  it('admits a burst of as many calls as the bucket holds', async () => {
    const rate = rateLimit({ limit: 1, per: 100, burst: 3 });
    const admitted = async () => {
      let count = 0;
      while (!((await rate.execute(() => count++).catch((error: unknown) => error)) instanceof RateLimitedError));
      return count;
    };
    assert.equal(await admitted(), 3);
    mock.timers.tick(100);
    assert.equal(await admitted(), 1);
    mock.timers.tick(10_000);
    assert.equal(await admitted(), 3);
  });

  it('lets calls wait for their turn, in order of arrival', async () => {
    const rate = rateLimit({ limit: 1, per: 100, maxWait: 350 });
    const begun: [number, number][] = [];
    const start = Date.now();
    const calls = [0, 1, 2, 3].map((index) => rate.execute(() => begun.push([index, Date.now() - start])));
    assert.equal(rate.getStats().waiting, 3);
    await advance(400);
    await Promise.all(calls);
    assert.deepEqual(begun, [
      [0, 0],
      [1, 100],
      [2, 200],
      [3, 300],
    ]);
    assert.deepEqual(rate.getStats(), stats({ totalCalls: 4, totalAdmitted: 4 }));
  });

  it('rejects a call at once if its turn comes after maxWait', async () => {
    const rate = rateLimit({ limit: 1, per: 100, maxWait: 250 });
    const calls = [0, 1, 2].map(() => rate.execute(() => 'made'));
    const error = await rejection(rate.execute(() => assert.fail('must not run')));
    assert.ok(error instanceof RateLimitedError && error.retryAfter === 300, `${error}`);
    assert.equal(rate.getStats().waiting, 2);
    await advance(60);
    calls.push(rate.execute(() => 'made'));
    assert.ok((await rejection(rate.execute(() => assert.fail('must not run')))) instanceof RateLimitedError);
    await advance(240);
    assert.deepEqual(await Promise.all(calls), ['made', 'made', 'made', 'made']);
    assert.deepEqual(rate.getStats(), stats({ totalCalls: 6, totalAdmitted: 4, totalRejected: 2 }));
  });

  it('rejects the first call in the queue if its turn comes after maxWait', async () => {
    const slow = rateLimit({ limit: 1, per: 1_000, maxWait: 250 });
    await slow.execute(() => 1);
    const error = await rejection(slow.execute(() => 1));
    assert.ok(error instanceof RateLimitedError && error.retryAfter === 1_000);
    assert.equal(slow.getStats().waiting, 0);
  });

  it('moves calls up when one ahead of them is aborted, and admits another to the queue', async () => {
    const rate = rateLimit({ limit: 1, per: 100, maxWait: 200 });
    const controller = new AbortController();
    const calls = [rate.execute(() => 0), rate.execute(() => 1, { signal: controller.signal }), rate.execute(Date.now)];
    assert.ok((await rejection(rate.execute(() => 3))) instanceof RateLimitedError);
    controller.abort('changed my mind');
    assert.equal(await rejection(calls[1] as Promise<unknown>), 'changed my mind');
    const last = rate.execute(Date.now);
    await advance(200);
    assert.deepEqual(await Promise.all([calls[2], last]), [1_700_000_000_100, 1_700_000_000_200]);
  });

  it('admits no new call ahead of the waiting ones', async () => {
    const rate = rateLimit({ limit: 1, per: 100, maxWait: 1_000 });
    const begun: string[] = [];
    const call = (name: string) => rate.execute(() => begun.push(name));
    const calls = [call('first'), call('second')];
    mock.timers.setTime(1_700_000_000_000 + 100);
    calls.push(call('third'));
    await advance(300);
    await Promise.all(calls);
    assert.deepEqual(begun, ['first', 'second', 'third']);
  });

  it('removes a call that is aborted while it waits', async () => {
    const rate = rateLimit({ limit: 1, per: 100, maxWait: 1_000 });
    await rate.execute(() => 1);
    const controller = new AbortController();
    const aborted = rate.execute(() => assert.fail('must not run'), { signal: controller.signal });
    const next = rate.execute(() => Date.now());
    controller.abort('changed my mind');
    assert.equal(await rejection(aborted), 'changed my mind');
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    await advance(100);
    assert.equal(await next, 1_700_000_000_100);
    assert.deepEqual(rate.getStats(), stats({ totalCalls: 3, totalAdmitted: 2, totalAborted: 1 }));
  });

  it('runs work that calls the rate limit itself while others wait', async () => {
    const rate = rateLimit({ limit: 1, per: 10, maxWait: 1_000 });
    let count = 0;
    const callAgain = (left: number): Promise<unknown> =>
      rate.execute(() => {
        count++;
        return left > 0 ? callAgain(left - 1) : 'end';
      });
    const calls = [callAgain(5), callAgain(5), callAgain(5)];
    await advance(1_000);
    assert.deepEqual(await Promise.all(calls), ['end', 'end', 'end']);
    assert.equal(count, 18);
    assert.equal(rate.getStats().waiting, 0);
  });

  it('admits all calls where turns are less than a millisecond apart', async () => {
    const rate = rateLimit({ limit: 1_000, per: 100, burst: 1, maxWait: 1_000 });
    const calls = Array.from({ length: 20 }, (_, index) => rate.execute(() => index));
    await advance(200);
    assert.deepEqual(
      await Promise.all(calls),
      calls.map((_, index) => index),
    );
  });

  it('has rejections that a retry does not repeat and a breaker ignores', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1 });
    const rate = rateLimit({ limit: 1 });
    const calls = pipeline([retry({ delay: 0, retryIf: () => true }), breaker, rate]);
    await calls.execute(() => 1);
    assert.ok((await rejection(calls.execute(() => 1))) instanceof RateLimitedError);
    assert.equal(rate.getStats().totalCalls, 2);
    assert.equal(breaker.getStats().totalIgnored, 1);
  });
});

describe('rateLimit() with wrong options', () => {
  for (const [options, problems] of [
    [{}, ['limit']],
    [{ limit: 0 }, ['limit']],
    [{ limit: 1.5 }, ['limit']],
    [{ limit: 1, per: 0, burst: 0, maxWait: -1, name: 1, rate: 5 }, ['burst', 'maxWait', 'name', 'per', 'rate']],
    [undefined, ['options']],
    [10, ['options']],
  ] as const) {
    it(`throws for ${JSON.stringify(options) ?? 'undefined'}`, () => {
      assertProblems(() => rateLimit(options as never), problems);
    });
  }
});

describe('a process with a rate limit', () => {
  it('has no timer while no call waits', () => {
    const { stdout } = runScript(`
      import { rateLimit } from 'fusewire';
      const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      const rate = rateLimit({ limit: 1, per: 60_000, maxWait: 100_000 });
      const controller = new AbortController();
      await rate.execute(() => 1);
      const calls = Array.from({ length: 100 }, () => rate.execute(() => 1, { signal: controller.signal }).catch(() => 1));
      await turn();
      console.log(timers());
      controller.abort();
      await Promise.all(calls);
      await turn();
      await turn();
      console.log(timers());
    `);
    assert.equal(stdout, '1\n0');
  });
});

async function advance(milliseconds: number): Promise<void> {
  await turn();
  for (let time = 0; time < milliseconds; time += 10) {
    mock.timers.tick(10);
    await turn();
  }
}

function stats(different: Partial<ReturnType<RateLimit['getStats']>>): ReturnType<RateLimit['getStats']> {
  return {
    name: 'rateLimit',
    waiting: 0,
    totalCalls: 0,
    totalAdmitted: 0,
    totalRejected: 0,
    totalAborted: 0,
    ...different,
  };
}
