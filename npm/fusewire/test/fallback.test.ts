import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it, mock } from 'node:test';
import { fallback, CallTimeoutError, pipeline, timeout } from 'fusewire';
import { fallbackErrorsOf } from 'fusewire/errors';
import type { FallbackContext } from 'fusewire';
import { deferred, open, quickBreaker, rejection, turn } from './support.ts';
import { degraded, down, failing, fails, recorded } from './support-fallback.ts';

describe('fallback()', () => {
  it('runs no strategy while the call succeeds', async () => {
    const policy = fallback([{ name: 'never', execute: () => assert.fail('must not be asked') }]);
    const value = { some: 'object' };
    assert.equal(await policy.execute(() => value), value);
    assert.deepEqual(await policy.tryExecute(async () => value), { status: 'success', value, source: 'call' });
    assert.deepEqual(policy.getStats(), {
      name: 'fallback',
      answers: { call: 2 },
      totalFailures: 0,
      totalFaults: 0,
      predicateErrors: 0,
    });
  });

  it('tries strategies by priority, then in list order, and reports which one answered', async () => {
    const seen: string[] = [];
    const policy = fallback([
      recorded('third', seen, failing),
      recorded('first', seen, failing, 10),
      recorded('fourth', seen, () => 'answer'),
      recorded('second', seen, failing, 0.5),
      recorded('fifth', seen, () => assert.fail('must not be asked'), -1),
    ]);
    assert.deepEqual(await policy.tryExecute(fails), { status: 'success', value: 'answer', source: 'fallback:fourth' });
    assert.deepEqual(seen, ['first', 'second', 'third', 'fourth']);
    assert.equal(await policy.execute(fails), 'answer');
    assert.deepEqual(policy.getStats().answers, { 'fallback:fourth': 2 });
  });

  it('takes functions, whose name or position is the name of the source', async () => {
    const backup = (error: unknown, { reason }: FallbackContext) => `${String(error)} ${reason}`;
    const policy = fallback([failing, () => failing(), backup]);
    assert.deepEqual(await policy.tryExecute(fails), {
      status: 'success',
      value: `${String(down)} failure`,
      source: 'fallback:backup',
    });
    assert.deepEqual(
      fallbackErrorsOf(await rejection(fallback([failing, failing, () => failing()]).execute(fails))).map(
        ({ strategy }) => strategy,
      ),
      ['failing', '2', '3'],
    );
  });

  it('calls a function for each caller, so that each has a value of its own', async () => {
    const policy = fallback(() => [] as string[]);
    const [one, other] = (await Promise.all([policy.execute(fails), policy.execute(fails)])) as [string[], string[]];
    one.push('mine');
    assert.deepEqual(other, []);
  });

  it('skips a strategy whose when returns false', async () => {
    const asked: unknown[] = [];
    const cannot = (error: unknown) => {
      asked.push(error);
      return false;
    };
    const policy = fallback([
      degraded('a', { when: cannot }),
      { name: 'own', when: (error) => error === down, execute: () => 'b' },
    ]);
    assert.equal(await policy.execute(fails), 'b');
    assert.deepEqual(asked, [down]);
    assert.equal(await rejection(policy.execute(() => Promise.reject(asked))), asked);
    assert.deepEqual(fallbackErrorsOf(asked), []);
  });

  it('tries the next strategy however one fails, and reports every error', async () => {
    const errors = [new Error('thrown'), new Error('rejected'), new Error('when'), new Error('thenable'), 'getter'];
    const policy = fallback([
      {
        name: 'throws',
        execute: () => {
          throw errors[0];
        },
      },
      { name: 'rejects', execute: () => Promise.reject(errors[1]) },
      {
        name: 'when throws',
        when: () => {
          throw errors[2];
        },
        execute: () => assert.fail('must not be asked'),
      },
      {
        name: 'when promises',
        when: (() => Promise.reject(new Error('unhandled'))) as never,
        execute: () => assert.fail('must not be asked'),
      },
      {
        name: 'bad thenable',
        execute: () => ({ then: (_: unknown, reject: (error: unknown) => void) => reject(errors[3]) }) as never,
      },
      {
        name: 'bad getter',
        execute: () =>
          ({
            get then() {
              throw errors[4];
            },
          }) as never,
      },
    ]);
    assert.equal(await rejection(policy.execute(fails)), down);
    const reported = fallbackErrorsOf(down);
    assert.deepEqual(
      reported.map(({ strategy }) => strategy),
      ['throws', 'rejects', 'when throws', 'when promises', 'bad thenable', 'bad getter'],
    );
    assert.deepEqual(
      [reported[0], reported[1], reported[2], reported[4], reported[5]].map((failure) => failure?.error),
      errors,
    );
    assert.match(String(reported[3]?.error), /TypeError: when must return true or false/);
    assert.deepEqual(policy.getStats(), {
      name: 'fallback',
      answers: {},
      totalFailures: 1,
      totalFaults: 6,
      predicateErrors: 0,
    });
  });

  it('awaits promises and thenables', async () => {
    const thenable = (resolve: (value: number) => void) => resolve(1);
    for (const answer of [Promise.resolve(1), { then: thenable }, Object.assign(() => 2, { then: thenable })]) {
      assert.equal(await fallback([degraded(() => answer as Promise<number>)]).execute(fails), 1);
    }
    const refusing = Object.assign(() => 2, { then: (_: unknown, reject: (error: unknown) => void) => reject('no') });
    assert.equal(await fallback([degraded(() => refusing as never), degraded(1, { name: 'next' })]).execute(fails), 1);
  });

  it('does not call `when` after the caller has aborted', async () => {
    const policy = fallback({ strategies: [degraded(1)], when: () => assert.fail('must not be asked') });
    const controller = new AbortController();
    const work = deferred();
    const call = policy.execute(() => work.promise, { signal: controller.signal });
    controller.abort('changed my mind');
    work.reject(down);
    assert.equal(await rejection(call), 'changed my mind');
    await turn();
    assert.deepEqual(policy.getStats(), {
      name: 'fallback',
      answers: {},
      totalFailures: 1,
      totalFaults: 0,
      predicateErrors: 0,
    });
  });

  it('does not change the error, also a frozen one or a primitive', async () => {
    const policy = fallback([{ name: 'failing', execute: failing }]);
    const odd = [
      Object.freeze(new Error('frozen')),
      'text',
      0,
      -0,
      Number.NaN,
      null,
      undefined,
      Symbol('s'),
      1n,
      () => 1,
    ];
    for (const error of odd) {
      assert.ok(Object.is(await rejection(policy.execute(() => Promise.reject(error))), error));
      assert.deepEqual(
        fallbackErrorsOf(error).map(({ strategy }) => strategy),
        ['failing'],
      );
    }
    assert.deepEqual(Reflect.ownKeys(odd[0] as object).toSorted(), ['message', 'stack']);
    const proxy = Proxy.revocable({}, {});
    proxy.revoke();
    let seen: unknown;
    await policy.execute(() => Promise.reject(proxy.proxy)).then(assert.fail, (error) => void (seen = error));
    assert.ok(seen === proxy.proxy);
    assert.equal(fallbackErrorsOf(proxy.proxy).length, 1);
    assert.deepEqual(fallbackErrorsOf(new Error('unrelated')), []);
  });

  it('keeps the errors of the last call per error object, and of a bounded number of primitives', async () => {
    let refusing = true;
    const policy = fallback([degraded(() => (refusing ? failing() : 1))]);
    await rejection(policy.execute(fails));
    assert.equal(fallbackErrorsOf(down).length, 1);
    const without = fallback([degraded(1, { when: () => false })]);
    await rejection(without.execute(fails));
    assert.deepEqual(fallbackErrorsOf(down), []);
    for (let number = 0; number < 100; number++) await rejection(policy.execute(() => Promise.reject(number)));
    assert.deepEqual([fallbackErrorsOf(0).length, fallbackErrorsOf(99).length], [0, 1]);
    refusing = false;
    assert.equal(await policy.execute(fails), 1);
  });

  it('answers only errors that `when` accepts', async () => {
    const seen: unknown[] = [];
    const when = (error: unknown, context: FallbackContext) => {
      seen.push(context.error);
      return error === down;
    };
    const policy = fallback({ name: 'orders', strategies: [degraded('answer')], when });
    assert.equal(await policy.execute(fails), 'answer');
    const other = new TypeError('a bug');
    assert.equal(
      await rejection(
        policy.execute(() => {
          throw other;
        }),
      ),
      other,
    );
    assert.deepEqual(seen, [down, other]);
    assert.deepEqual(policy.getStats(), {
      name: 'orders',
      answers: { 'fallback:degraded': 1 },
      totalFailures: 1,
      totalFaults: 0,
      predicateErrors: 0,
    });
  });

  it('rejects with the error of the call where `when` throws', async () => {
    const error = new Error('when');
    const policy = fallback({
      strategies: [degraded('answer')],
      when: () => {
        throw error;
      },
    });
    assert.equal(await rejection(policy.execute(fails)), down);
    assert.deepEqual(fallbackErrorsOf(down), [{ strategy: 'when', error }]);
  });

  it('passes the error, key and arguments of the call to the strategies', async () => {
    let seen: FallbackContext | undefined;
    const policy = fallback({ name: 'orders', strategies: [degraded((context) => void (seen = context))] });
    await policy.execute(fails, { key: 'customer 1', args: [1, 'two'] });
    assert.ok(seen !== undefined);
    const { policy: name, error, reason, key, args } = seen;
    assert.deepEqual(
      { name, error, reason, key, args },
      { name: 'orders', error: down, reason: 'failure', key: 'customer 1', args: [1, 'two'] },
    );
    await policy.execute(fails);
    assert.deepEqual([seen.key, seen.args], [undefined, []]);
  });

  it('passes the reason of the failure to the strategies', async () => {
    const { breaker } = quickBreaker('wasm');
    const reasons: string[] = [];
    const policy = fallback([degraded(({ reason }) => reasons.push(reason))]);
    await pipeline([policy, breaker]).execute(fails);
    await open(breaker);
    await pipeline([policy, breaker]).execute(fails);
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
    const late = pipeline([policy, timeout(10)]).execute(() => deferred().promise);
    mock.timers.tick(10);
    await late;
    mock.timers.reset();
    for (const code of ['ERR_BULKHEAD_FULL', 'ERR_RATE_LIMITED', 'ERR_SHED', 'ERR_RETRIES_EXHAUSTED', 'ENOENT', 1]) {
      await policy.execute(() => Promise.reject(Object.assign(new Error(), { code })));
    }
    assert.deepEqual(reasons, [
      'failure',
      'open',
      'timeout',
      'full',
      'limited',
      'shed',
      'exhausted',
      'failure',
      'failure',
    ]);
  });

  it('reports the source of the answer through a pipeline', async () => {
    const { breaker } = quickBreaker('wasm');
    const calls = pipeline([fallback([degraded('less')]), breaker]);
    assert.deepEqual(await calls.tryExecute(() => 1), { status: 'success', value: 1, source: 'call' });
    assert.deepEqual(await calls.tryExecute(fails), { status: 'success', value: 'less', source: 'fallback:degraded' });
    assert.equal(breaker.getStats().totalFailures, 1);
    const nested = pipeline([
      fallback([degraded('outer')]),
      timeout(1_000),
      fallback({ name: 'inner', strategies: [degraded('inner')] }),
    ]);
    assert.deepEqual(await nested.tryExecute(fails), {
      status: 'success',
      value: 'inner',
      source: 'fallback:degraded',
    });
  });

  it('may answer with undefined, null or another falsy value', async () => {
    for (const value of [undefined, null, 0, '', false])
      assert.equal(await fallback([degraded(value)]).execute(fails), value);
  });

  it('runs the strategy once per call', async () => {
    let calls = 0;
    const policy = fallback([degraded(async () => ++calls)]);
    assert.deepEqual(await Promise.all([policy.execute(fails), policy.execute(fails)]), [1, 2]);
  });
});

describe('an abort by the caller', () => {
  it('is answered by no strategy', async () => {
    const policy = fallback([degraded(() => assert.fail('must not be asked'))]);
    const controller = new AbortController();
    const call = policy.execute(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(down))),
      { signal: controller.signal },
    );
    controller.abort('changed my mind');
    assert.equal(await rejection(call), 'changed my mind');
    await turn();
    assert.deepEqual(policy.getStats(), {
      name: 'fallback',
      answers: {},
      totalFailures: 1,
      totalFaults: 0,
      predicateErrors: 0,
    });
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  });

  it('aborts the running strategy and runs no other', async () => {
    let signal: AbortSignal | undefined;
    const policy = fallback([
      degraded((context) => {
        signal = context.signal;
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('torn down'))));
      }),
      { name: 'next', execute: () => assert.fail('must not be asked') },
    ]);
    const controller = new AbortController();
    const call = policy.execute(fails, { signal: controller.signal });
    await turn();
    assert.equal(signal?.aborted, false);
    controller.abort('changed my mind');
    assert.equal(await rejection(call), 'changed my mind');
    assert.equal(signal?.reason, 'changed my mind');
    await turn();
    assert.equal(policy.getStats().totalFailures, 1);
  });

  it('before the call keeps the work from running', async () => {
    const policy = fallback([degraded(() => assert.fail('must not be asked'))]);
    const signal = AbortSignal.abort('early');
    assert.equal(await rejection(policy.execute(() => assert.fail('must not run'), { signal })), 'early');
    const result = await policy.tryExecute(() => assert.fail('must not run'), { signal });
    assert.deepEqual(result, { status: 'failure', error: 'early' });
  });

  it('differs from an AbortError of the work, which is answered', async () => {
    const policy = fallback([degraded('answer')]);
    assert.equal(await policy.execute(() => Promise.reject(AbortSignal.abort().reason)), 'answer');
  });
});

it('a timeout around a fallback ends the call and the running strategy', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
  try {
    const policy = fallback([
      degraded(() => deferred().promise),
      { name: 'next', execute: () => assert.fail('must not be asked') },
    ]);
    const call = pipeline([timeout(50), policy]).execute(fails);
    await turn();
    mock.timers.tick(50);
    assert.ok((await rejection(call)) instanceof CallTimeoutError);
  } finally {
    mock.timers.reset();
  }
});
