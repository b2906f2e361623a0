import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CircuitBreaker, ShedError, pipeline, retry, shedLoad, timeout } from 'fusewire';
import type { ShedLoad, ShedLoadOptions } from 'fusewire';
import { assertProblems, deferred, open, rejection, turn } from './support.ts';

describe('shedLoad()', () => {
  it('admits every call while the dependency accepts them', async () => {
    const policy = shedLoad({ seed: 1 });
    for (let call = 0; call < 1_000; call++) assert.equal(await policy.execute(() => call), call);
    assert.deepEqual(policy.getStats(), stats({ totalCalls: 1_000, totalAccepted: 1_000 }));
  });

  it('rejects most calls, but never all, while the dependency accepts none', async () => {
    const policy = shedLoad({ name: 'orders', seed: 1 });
    const failure = new Error('down');
    let thrown: unknown;
    for (let call = 0; call < 2_000; call++) {
      const error = await rejection(policy.execute(() => Promise.reject(failure)));
      if (error !== failure) thrown = error;
    }
    assert.ok(thrown instanceof ShedError && thrown instanceof Error);
    assert.match(thrown.message, /^Policy orders: the dependency accepts too few calls \(0 of \d+ so far\)$/);
    assert.equal(thrown.name, 'ShedError');
    assert.equal(thrown.stack?.includes('\n'), false);
    assert.equal(thrown.code, 'ERR_SHED');
    assert.equal(thrown.policy, 'orders');
    const { totalShed, totalUnaccepted, totalAccepted, inFlight } = policy.getStats();
    assert.ok(totalShed > 1_500 && totalUnaccepted > 100, `${totalShed} ${totalUnaccepted}`);
    assert.deepEqual(
      { sum: totalShed + totalUnaccepted, totalAccepted, inFlight },
      { sum: 2_000, totalAccepted: 0, inFlight: 0 },
    );
  });

  for (const [what, error] of [
    ['status 404', { status: 404 }],
    ['statusCode 422', { statusCode: 422 }],
    ['response.status 400', { response: { status: 400 } }],
  ] as const) {
    it(`counts as accepted: ${what}`, async () => {
      const policy = shedLoad();
      for (let call = 0; call < 100; call++)
        assert.equal(await rejection(policy.execute(() => Promise.reject(error))), error);
      assert.deepEqual(policy.getStats(), stats({ totalCalls: 100, totalAccepted: 100 }));
    });
  }

  for (const [what, error] of [
    ['an error', new Error('down')],
    ['status 429', { status: 429 }],
    ['status 408', { status: 408 }],
    ['response.status 503', { response: { status: 503 } }],
    ['status 529', { status: 529 }],
    ['an AbortError that the caller has not caused', new DOMException('enough', 'AbortError')],
    ['undefined', undefined],
    ['null', null],
    ['text', '404'],
  ] as const) {
    it(`counts as not accepted: ${what}`, async () => {
      const policy = shedLoad({ minimumCalls: 1_000 });
      for (let call = 0; call < 10; call++)
        assert.equal(await rejection(policy.execute(() => Promise.reject(error))), error);
      assert.deepEqual(policy.getStats(), stats({ totalCalls: 10, totalUnaccepted: 10 }));
    });
  }

  it('counts the rejections of a breaker inside as accepted', async () => {
    const breaker = new CircuitBreaker();
    await open(breaker);
    const policy = shedLoad();
    for (let call = 0; call < 100; call++) await rejection(pipeline([policy, breaker]).execute(() => 1));
    assert.deepEqual(policy.getStats(), stats({ totalCalls: 100, totalAccepted: 100 }));
  });

  it('counts a call that timed out as not accepted', async () => {
    const policy = shedLoad();
    await rejection(pipeline([policy, timeout(1)]).execute(() => deferred().promise));
    assert.deepEqual(policy.getStats(), stats({ totalCalls: 1, totalUnaccepted: 1 }));
  });

  it('counts an abort by the caller as accepted', async () => {
    const policy = shedLoad();
    const controller = new AbortController();
    const work = deferred();
    const call = policy.execute(() => work.promise, { signal: controller.signal });
    controller.abort();
    await rejection(call);
    work.reject(new DOMException('enough', 'AbortError'));
    await turn();
    assert.deepEqual(policy.getStats(), stats({ totalCalls: 1, totalAccepted: 1 }));
  });

  it('counts a value that is a failure as not accepted', async () => {
    const policy = shedLoad();
    assert.equal((await policy.execute(() => new Response(null, { status: 503 }))).status, 503);
    assert.deepEqual(policy.getStats(), stats({ totalCalls: 1, totalUnaccepted: 1 }));
  });

  it('goes by classify', async () => {
    const policy = shedLoad({
      classify: (outcome) => ('error' in outcome && outcome.error === 'fine' ? 'ignore' : 'failure'),
    });
    await rejection(policy.execute(() => Promise.reject('fine')));
    await rejection(policy.execute(() => Promise.reject('bad')));
    assert.deepEqual(policy.getStats(), stats({ totalCalls: 2, totalAccepted: 1, totalUnaccepted: 1 }));
  });

  it('rejects with the error of the call where classify fails', async () => {
    const warnings: string[] = [];
    const listener = ({ message }: Error) => warnings.push(message);
    process.on('warning', listener);
    const failing: unknown[] = [
      () => {
        throw new Error('bug');
      },
      async () => 'success',
    ];
    for (const classify of failing) {
      const policy = shedLoad({ classify: classify as ShedLoadOptions['classify'] });
      for (let call = 0; call < 2; call++) assert.equal(await rejection(policy.execute(() => Promise.reject(1))), 1);
      assert.deepEqual(policy.getStats(), stats({ totalCalls: 2, totalUnaccepted: 2, predicateErrors: 2 }));
    }
    await turn();
    process.off('warning', listener);
    assert.equal(warnings.filter((warning) => /Policy shedLoad: classify failed/.test(warning)).length, 2);
  });

  it('has rejections that a retry does not repeat and a breaker ignores', async () => {
    const policy = shedLoad({ minimumCalls: 1, maxRejection: 0.99, seed: 1 });
    const breaker = new CircuitBreaker({ failureThreshold: 1_000_000 });
    const calls = pipeline([retry({ delay: 0, retryIf: (error) => error instanceof ShedError }), breaker, policy]);
    for (let call = 0; call < 200; call++) await rejection(calls.execute(() => Promise.reject(new Error('down'))));
    const { totalCalls, totalShed } = policy.getStats();
    assert.equal(totalCalls, 200);
    assert.ok(totalShed > 0);
    assert.equal(breaker.getStats().totalIgnored, totalShed);
  });
});

describe('shedLoad() with wrong options', () => {
  for (const [options, problems] of [
    [{ multiplier: 0.5 }, ['multiplier']],
    [{ maxRejection: 1 }, ['maxRejection']],
    [
      { multiplier: 'x', window: 0, minimumCalls: -1, isAccepted: true, seed: -1, name: '', k: 2 },
      ['isAccepted', 'k', 'minimumCalls', 'multiplier', 'name', 'seed', 'window'],
    ],
    [null, ['options']],
  ] as const) {
    it(`throws for ${JSON.stringify(options)}`, () => assertProblems(() => shedLoad(options as never), problems));
  }
});

function stats(different: Partial<ReturnType<ShedLoad['getStats']>>): ReturnType<ShedLoad['getStats']> {
  return {
    name: 'shedLoad',
    totalCalls: 0,
    totalShed: 0,
    totalAccepted: 0,
    totalUnaccepted: 0,
    inFlight: 0,
    predicateErrors: 0,
    ...different,
  };
}
