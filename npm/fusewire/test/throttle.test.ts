import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CircuitBreaker, isThrottledError, pipeline, retry, throttle, timeout } from 'fusewire';
import type { Throttle, ThrottleOptions } from 'fusewire';
import { assertProblems, deferred, open, rejection, turn } from './support.ts';

describe('a throttle', () => {
  it('lets every call pass that is taken on', async () => {
    const shed = throttle({ seed: 1 });
    for (let call = 0; call < 1_000; call++) assert.equal(await shed.execute(() => call), call);
    assert.deepEqual(shed.getStats(), stats({ totalCalls: 1_000, totalAccepted: 1_000 }));
  });

  it('sheds calls where the dependency takes on too few, but never all', async () => {
    const shed = throttle({ name: 'shed', seed: 1 });
    const failure = new Error('down');
    let thrown: unknown;
    for (let call = 0; call < 2_000; call++) {
      const error = await rejection(shed.execute(() => Promise.reject(failure)));
      if (error !== failure) thrown = error;
    }
    assert.ok(isThrottledError(thrown) && thrown instanceof Error);
    assert.equal(thrown.message, 'Policy shed: the dependency takes on too few calls');
    assert.equal(thrown.name, 'ThrottledError');
    assert.equal(thrown.stack?.includes('\n'), false);
    assert.equal(thrown.code, 'ETHROTTLED');
    assert.equal(thrown.policy, 'shed');
    const { totalThrottled, totalUnaccepted, totalAccepted, inFlight } = shed.getStats();
    assert.ok(totalThrottled > 1_500 && totalUnaccepted > 100, `${totalThrottled} ${totalUnaccepted}`);
    assert.deepEqual(
      { sum: totalThrottled + totalUnaccepted, totalAccepted, inFlight },
      { sum: 2_000, totalAccepted: 0, inFlight: 0 },
    );
  });

  for (const [what, error] of [
    ["the caller's own mistake", { status: 404 }],
    ['of another spelling', { statusCode: 422 }],
    ['of a response', { response: { status: 400 } }],
    ["the caller's own abort", new DOMException('enough', 'AbortError')],
  ] as const) {
    it(`takes it for accepted: ${what}`, async () => {
      const shed = throttle();
      for (let call = 0; call < 100; call++)
        assert.equal(await rejection(shed.execute(() => Promise.reject(error))), error);
      assert.deepEqual(shed.getStats(), stats({ totalCalls: 100, totalAccepted: 100 }));
    });
  }

  for (const [what, error] of [
    ['an error', new Error('down')],
    ['too many requests', { status: 429 }],
    ['a timeout of the server', { status: 408 }],
    ['a failure of the server', { response: { status: 503 } }],
    ['undefined', undefined],
    ['null', null],
    ['text', '404'],
  ] as const) {
    it(`takes it for not accepted: ${what}`, async () => {
      const shed = throttle({ minimumRequests: 1_000 });
      for (let call = 0; call < 10; call++)
        assert.equal(await rejection(shed.execute(() => Promise.reject(error))), error);
      assert.deepEqual(shed.getStats(), stats({ totalCalls: 10, totalUnaccepted: 10 }));
    });
  }

  it('does not hold against the dependency what a breaker inside rejects', async () => {
    const breaker = new CircuitBreaker();
    await open(breaker);
    const shed = throttle();
    for (let call = 0; call < 100; call++) await rejection(pipeline([shed, breaker]).execute(() => 1));
    assert.deepEqual(shed.getStats(), stats({ totalCalls: 100, totalAccepted: 100 }));
  });

  it('takes a call that took too long for not accepted', async () => {
    const shed = throttle();
    await rejection(pipeline([shed, timeout(1)]).execute(() => deferred().promise));
    assert.deepEqual(shed.getStats(), stats({ totalCalls: 1, totalUnaccepted: 1 }));
  });

  it('judges as it is told to', async () => {
    const shed = throttle({ isAccepted: (error) => error === 'fine' });
    await rejection(shed.execute(() => Promise.reject('fine')));
    await rejection(shed.execute(() => Promise.reject('bad')));
    assert.deepEqual(shed.getStats(), stats({ totalCalls: 2, totalAccepted: 1, totalUnaccepted: 1 }));
  });

  it('hands over the error where the judgement fails', async () => {
    const warnings: string[] = [];
    const listener = ({ message }: Error) => warnings.push(message);
    process.on('warning', listener);
    const failing: unknown[] = [
      () => {
        throw new Error('bug');
      },
      async () => true,
    ];
    for (const isAccepted of failing) {
      const shed = throttle({ isAccepted: isAccepted as ThrottleOptions['isAccepted'] });
      for (let call = 0; call < 2; call++) assert.equal(await rejection(shed.execute(() => Promise.reject(1))), 1);
      assert.deepEqual(shed.getStats(), stats({ totalCalls: 2, totalUnaccepted: 2, predicateErrors: 2 }));
    }
    await turn();
    process.off('warning', listener);
    assert.equal(warnings.filter((warning) => /Policy throttle: isAccepted failed/.test(warning)).length, 2);
  });

  it('is not asked again by a retry, nor counted by a breaker', async () => {
    const shed = throttle({ minimumRequests: 1, maxRejection: 0.99, seed: 1 });
    const breaker = new CircuitBreaker({ failureThreshold: 1_000_000 });
    const calls = pipeline([retry({ delay: 0, retryIf: isThrottledError }), breaker, shed]);
    for (let call = 0; call < 200; call++) await rejection(calls.execute(() => Promise.reject(new Error('down'))));
    const { totalCalls, totalThrottled } = shed.getStats();
    assert.equal(totalCalls, 200);
    assert.ok(totalThrottled > 0);
    assert.equal(breaker.getStats().totalIgnored, totalThrottled);
  });
});

describe('the options of a throttle', () => {
  for (const [options, problems] of [
    [{ multiplier: 0.5 }, ['multiplier']],
    [{ maxRejection: 1 }, ['maxRejection']],
    [
      { multiplier: 'x', window: 0, minimumRequests: -1, isAccepted: true, seed: -1, name: '', k: 2 },
      ['isAccepted', 'k', 'minimumRequests', 'multiplier', 'name', 'seed', 'window'],
    ],
    [null, ['options']],
  ] as const) {
    it(`are refused: ${JSON.stringify(options)}`, () => assertProblems(() => throttle(options as never), problems));
  }
});

function stats(different: Partial<ReturnType<Throttle['getStats']>>): ReturnType<Throttle['getStats']> {
  return {
    name: 'throttle',
    totalCalls: 0,
    totalThrottled: 0,
    totalAccepted: 0,
    totalUnaccepted: 0,
    inFlight: 0,
    predicateErrors: 0,
    ...different,
  };
}
