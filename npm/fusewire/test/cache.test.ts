import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { cache, CircuitBreaker, fallback, pipeline, timeout } from 'fusewire';
import type { CacheOptions } from 'fusewire';
import { answered, deferred, rejection, turn } from './support.ts';
import { degraded, down, fails } from './support-fallback.ts';

describe('cache() without freshFor', () => {
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('makes every call, and answers only those that fail within the lifetime of the stored answer', async () => {
    let calls = 0;
    const policy = cache({ staleFor: 1_000 });
    const get = () => policy.tryExecute(() => ++calls, { key: 'key' });
    const getDown = () => policy.tryExecute<number>(fails, { key: 'key' });
    assert.deepEqual(await get(), { status: 'success', value: 1, source: 'call' });
    assert.deepEqual(await get(), { status: 'success', value: 2, source: 'call' });
    mock.timers.tick(999);
    assert.deepEqual(await getDown(), { status: 'success', value: 2, source: 'stale' });
    mock.timers.tick(1);
    assert.deepEqual(await getDown(), { status: 'failure', error: down });
    assert.deepEqual(await get(), { status: 'success', value: 3, source: 'call' });
    assert.deepEqual(await getDown(), { status: 'success', value: 3, source: 'stale' });
    assert.deepEqual(policy.getStats(), {
      name: 'cache',
      size: 1,
      totalCalls: 6,
      totalHits: 0,
      totalJoined: 0,
      totalMisses: 6,
      totalStale: 2,
      predicateErrors: 0,
    });
  });

  it('answers failed calls for an hour by default', async () => {
    let calls = 0;
    const policy = cache();
    assert.equal(await policy.execute(() => ++calls, { key: 'key' }), 1);
    assert.equal(await policy.execute(() => ++calls, { key: 'key' }), 2);
    assert.equal(await policy.execute(fails, { key: 'key' }), 2);
    mock.timers.tick(3_600_000);
    assert.equal(await rejection(policy.execute(fails, { key: 'key' })), down);
  });

  it('leaves errors that are no failures to the caller', async () => {
    const policy = cache();
    await policy.execute(() => 'value', { key: 'key' });
    const unauthorized = Object.assign(new Error('no token'), { status: 401 });
    const refused = policy.execute(() => Promise.reject(unauthorized), { key: 'key' });
    assert.equal(await rejection(refused), unauthorized);
    assert.equal(policy.getStats().totalStale, 0);
  });

  it('gives no stale value to a call that its caller has aborted', async () => {
    const policy = cache();
    await policy.execute(() => 'value', { key: 'key' });
    const controller = new AbortController();
    const call = policy.execute(() => deferred().promise, { key: 'key', signal: controller.signal });
    controller.abort('changed my mind');
    assert.equal(await rejection(call), 'changed my mind');
    assert.equal(policy.getStats().totalStale, 0);
  });

  it('answers calls that an open circuit rejects', async () => {
    const breaker = new CircuitBreaker({ name: 'rates', failureThreshold: 1 });
    const calls = pipeline([cache({ staleFor: 1_000 }), breaker]);
    assert.equal(await calls.execute(() => 'value', { key: 'key' }), 'value');
    assert.equal(await calls.execute(fails, { key: 'key' }), 'value');
    assert.equal(breaker.state, 'OPEN');
    const answer = await calls.tryExecute(() => assert.fail('must not run'), { key: 'key' });
    assert.deepEqual(answer, { status: 'success', value: 'value', source: 'stale' });
  });

  for (const [options, lifetime] of [
    [{ staleFor: 5_000 }, 5_000],
    [{ freshFor: 1_000, staleFor: 5_000, coalesce: false }, 6_000],
    [{ staleFor: 0, coalesce: true }, 0],
  ] as const) {
    it(`keeps an answer for ${lifetime} ms with ${JSON.stringify(options)}`, async () => {
      const policy = cache(options);
      await policy.execute(() => 'value', { key: 'key' });
      if (lifetime > 0) {
        mock.timers.tick(lifetime - 1);
        assert.equal(await policy.execute(fails, { key: 'key' }), 'value');
        mock.timers.tick(1);
      }
      assert.equal(await rejection(policy.execute(fails, { key: 'key' })), down);
    });
  }

  it('makes concurrent calls with the same key one by one, unless coalesce is set', async () => {
    let runs = 0;
    const each = cache();
    await Promise.all([1, 2, 3].map(() => each.execute(async () => ++runs, { key: 'key' })));
    assert.equal(runs, 3);
    const joined = cache({ coalesce: true });
    await Promise.all([1, 2, 3].map(() => joined.execute(async () => ++runs, { key: 'key' })));
    assert.equal(runs, 4);
  });

  it('keeps the answer of a later call when an earlier one settles last', async () => {
    const policy = cache();
    const work = deferred<string>();
    const early = policy.execute(() => work.promise, { key: 'key' });
    await policy.execute(() => 'new', { key: 'key' });
    work.resolve('old');
    assert.equal(await early, 'old');
    assert.equal(await policy.execute(fails, { key: 'key' }), 'new');
  });

  it('does not store the answer of a fallback inside', async () => {
    for (const run of ['execute', 'tryExecute'] as const) {
      const stored = cache();
      const calls = pipeline([
        fallback([degraded('outer')]),
        stored,
        fallback({ name: 'inner', strategies: [degraded('less')] }),
      ]);
      const options = { key: 'key' };
      const answer = await (run === 'execute' ? calls.execute(fails, options) : calls.tryExecute(fails, options));
      assert.deepEqual(
        answer,
        run === 'execute' ? 'less' : { status: 'success', value: 'less', source: 'fallback:degraded' },
      );
      assert.equal(stored.size, 0);
    }
  });
});

describe('cache() with freshFor', () => {
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());
  const fresh = (options: CacheOptions = {}) => cache({ freshFor: 1_000, ...options });

  it('answers in place of calls within freshFor, and failed calls within staleFor after it', async () => {
    let calls = 0;
    const policy = fresh({ staleFor: 5_000 });
    const get = () => policy.tryExecute(() => ++calls, { key: 'key' });
    const getDown = () => policy.tryExecute<number>(fails, { key: 'key' });
    assert.deepEqual(await get(), { status: 'success', value: 1, source: 'call' });
    mock.timers.tick(999);
    assert.deepEqual(await get(), { status: 'success', value: 1, source: 'cache' });
    assert.deepEqual(await getDown(), { status: 'success', value: 1, source: 'cache' });
    mock.timers.tick(1);
    assert.deepEqual(await getDown(), { status: 'success', value: 1, source: 'stale' });
    assert.deepEqual(await get(), { status: 'success', value: 2, source: 'call' });
    mock.timers.tick(5_999);
    assert.deepEqual(await getDown(), { status: 'success', value: 2, source: 'stale' });
    mock.timers.tick(1);
    assert.deepEqual(await getDown(), { status: 'failure', error: down });
    const { totalCalls, totalHits, totalMisses, totalStale } = policy.getStats();
    assert.deepEqual(
      { totalCalls, totalHits, totalMisses, totalStale },
      {
        totalCalls: 7,
        totalHits: 2,
        totalMisses: 5,
        totalStale: 2,
      },
    );
  });

  it('answers failed calls for an hour after freshFor by default', async () => {
    const policy = fresh();
    await policy.execute(() => 'value', { key: 'key' });
    mock.timers.tick(3_600_999);
    assert.equal(await policy.execute(fails, { key: 'key' }), 'value');
    mock.timers.tick(1);
    assert.equal(await rejection(policy.execute(fails, { key: 'key' })), down);
  });

  it('leaves a call without a stored value to the fallback around it', async () => {
    const policy = pipeline({ fallback: [degraded('less')], cache: { name: 'rates' } });
    assert.deepEqual(await policy.tryExecute(fails, { key: 'key' }), {
      status: 'success',
      value: 'less',
      source: 'fallback:degraded',
    });
    await policy.execute(() => 'rates', { key: 'key' });
    assert.deepEqual(await policy.tryExecute(fails, { key: 'key' }), {
      status: 'success',
      value: 'rates',
      source: 'stale',
    });
  });

  it('stores answers by the key that the option key returns, and none without a key', async () => {
    const policy = fresh({ key: ({ args }) => (args?.[0] === undefined ? undefined : `id ${args[0]}`) });
    const get = (...args: unknown[]) => policy.tryExecute(() => ({ args }), { args });
    const one = await answered(get(1));
    assert.equal((await answered(get(2))).source, 'call');
    assert.deepEqual(await get(1), { status: 'success', value: one.value, source: 'cache' });
    assert.equal((await answered(get())).source, 'call');
    assert.equal((await answered(get())).source, 'call');
    for (const key of ['__proto__', 'constructor', '']) {
      const odd = fresh();
      assert.equal((await answered(odd.tryExecute(() => 1, { key }))).source, 'call');
      assert.equal((await answered(odd.tryExecute(() => 2, { key }))).source, 'cache');
    }
  });

  it('makes the call where key fails, and reports the first failure', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    for (const key of [
      () => {
        throw new Error('no key');
      },
      () => 1,
      () => Promise.reject(new Error('unhandled')),
    ]) {
      const policy = fresh({ name: 'rates', key: key as never });
      for (let call = 0; call < 2; call++)
        assert.deepEqual(await policy.tryExecute(() => call), { status: 'success', value: call, source: 'call' });
      assert.equal(await rejection(policy.execute(fails)), down);
    }
    await turn();
    process.off('warning', onWarning);
    assert.equal(warnings.length, 3);
    assert.match(
      String(warnings[0]),
      /FusewireWarning: Policy rates: key failed, the call bypasses the cache: Error: no key/,
    );
  });

  it('stores undefined, and nothing for calls that fail', async () => {
    const policy = fresh();
    await rejection(policy.execute(fails, { key: 'key' }));
    assert.equal(policy.size, 0);
    assert.equal(await policy.execute(() => undefined, { key: 'key' }), undefined);
    assert.deepEqual(await policy.tryExecute(fails, { key: 'key' }), {
      status: 'success',
      value: undefined,
      source: 'cache',
    });
  });

  it('evicts the least recently used answer beyond maxEntries', async () => {
    const policy = fresh({ maxEntries: 2 });
    const sourceOf = async (key: string) => (await answered(policy.tryExecute(() => key, { key }))).source;
    assert.deepEqual(
      [await sourceOf('a'), await sourceOf('b'), await sourceOf('a'), await sourceOf('c')],
      ['call', 'call', 'cache', 'call'],
    );
    assert.equal(policy.size, 2);
    assert.deepEqual([await sourceOf('a'), await sourceOf('c'), await sourceOf('b')], ['cache', 'cache', 'call']);
  });

  it('discards answers on delete() and clear(), those of calls in flight included', async () => {
    const policy = fresh();
    for (const discard of [() => policy.delete('key'), () => policy.clear()]) {
      const work = deferred<string>();
      const early = policy.execute(() => work.promise, { key: 'key' });
      discard();
      assert.deepEqual(await policy.tryExecute(() => 'new', { key: 'key' }), {
        status: 'success',
        value: 'new',
        source: 'call',
      });
      work.resolve('old');
      assert.equal(await early, 'old');
      assert.equal(await policy.execute(fails, { key: 'key' }), 'new');
      discard();
      assert.equal(policy.size, 0);
    }
  });

  it('shares its values between pipelines', async () => {
    const shared = fresh();
    await pipeline([shared, timeout(1_000)]).execute(() => 1, { key: 'key' });
    assert.deepEqual(await pipeline({ cache: shared, retry: 3 }).tryExecute(fails, { key: 'key' }), {
      status: 'success',
      value: 1,
      source: 'cache',
    });
  });

  it('does not store the answer of a fallback inside', async () => {
    const calls = pipeline([fresh(), fallback({ name: 'inner', strategies: [degraded('less')] })]);
    const less = { status: 'success', value: 'less', source: 'fallback:degraded' };
    for (let call = 0; call < 2; call++) {
      assert.deepEqual(await calls.tryExecute(fails, { key: 'key' }), less);
    }
    const together = await Promise.all([1, 2].map(() => calls.tryExecute(fails, { key: 'key' })));
    assert.deepEqual(together, [less, less]);
  });
});

describe('concurrent calls with the same key, in a cache with freshFor,', () => {
  const policyOf = (options: CacheOptions = {}) => cache({ freshFor: 60_000, ...options });

  it('become one call, whose answer they all receive', async () => {
    const policy = policyOf({ name: 'answers' });
    const work = deferred<object>();
    let runs = 0;
    const run = () => (runs++, work.promise);
    const calls = Array.from({ length: 10 }, () => policy.tryExecute(run, { key: 'key' }));
    const other = policy.execute(() => 'other', { key: 'other' });
    const value = {};
    work.resolve(value);
    for (const call of calls) {
      const answer = await answered(call);
      assert.deepEqual(answer, { status: 'success', value, source: 'call' });
      assert.equal(answer.value, value);
    }
    assert.equal(await other, 'other');
    assert.equal(runs, 1);
    assert.deepEqual(policy.getStats(), {
      name: 'answers',
      size: 2,
      totalCalls: 11,
      totalHits: 0,
      totalJoined: 9,
      totalMisses: 2,
      totalStale: 0,
      predicateErrors: 0,
    });
  });

  it('all receive its error, and each runs its own fallbacks', async () => {
    const policy = pipeline([fallback([degraded(({ args }) => args[0])]), policyOf()]);
    const work = deferred();
    const calls = [1, 2, 3].map((number) => policy.execute(() => work.promise, { key: 'key', args: [number] }));
    work.reject(down);
    assert.deepEqual(await Promise.all(calls), [1, 2, 3]);
    assert.equal(await policy.execute(() => 'again', { key: 'key' }), 'again');
  });

  it('reject if the work throws', async () => {
    const policy = policyOf();
    for (let call = 0; call < 2; call++) {
      assert.equal(
        await rejection(
          policy.execute(
            () => {
              throw down;
            },
            { key: 'key' },
          ),
        ),
        down,
      );
    }
  });

  it('are made one by one with coalesce: false', async () => {
    const policy = policyOf({ coalesce: false });
    let runs = 0;
    await Promise.all([1, 2, 3].map(() => policy.execute(async () => ++runs, { key: 'key' })));
    assert.equal(runs, 3);
    const joined = policyOf({ freshFor: 0, coalesce: true });
    await Promise.all([1, 2, 3].map(() => joined.execute(async () => ++runs, { key: 'key' })));
    assert.equal(runs, 4);
  });

  for (const [which, index] of [
    ['first', 0],
    ['last', 2],
  ] as const) {
    it(`go on after the abort of the ${which}`, async () => {
      const policy = policyOf();
      const controllers = [1, 2, 3].map(() => new AbortController());
      const work = deferred<string>();
      let seen: AbortSignal | undefined;
      const run = ({ signal }: { signal: AbortSignal }) => ((seen = signal), work.promise);
      const calls = controllers.map(({ signal }) => policy.execute(run, { key: 'key', signal }));
      controllers[index]?.abort('changed my mind');
      assert.equal(await rejection(calls[index] as Promise<string>), 'changed my mind');
      assert.equal(seen?.aborted, false);
      const joined = policy.execute(() => assert.fail('must not run'), { key: 'key' });
      work.resolve('value');
      for (const call of [...calls.filter((_, at) => at !== index), joined]) assert.equal(await call, 'value');
      for (const { signal } of controllers) assert.equal(getEventListeners(signal, 'abort').length, 0);
      assert.equal(await policy.execute(() => assert.fail('must not run'), { key: 'key' }), 'value');
    });
  }

  it('are aborted after the abort of the last caller, and the next call is made', async () => {
    const policy = policyOf();
    const controllers = [new AbortController(), new AbortController()] as const;
    const work = deferred<string>();
    let seen: AbortSignal | undefined;
    const run = ({ signal }: { signal: AbortSignal }) => ((seen = signal), work.promise);
    const calls = controllers.map(({ signal }) => policy.execute(run, { key: 'key', signal }));
    controllers[0].abort('first');
    assert.equal(seen?.aborted, false);
    controllers[1].abort('second');
    assert.equal(seen?.reason, 'second');
    assert.deepEqual(await Promise.all(calls.map(rejection)), ['first', 'second']);
    assert.equal(await policy.execute(() => 'new', { key: 'key' }), 'new');
    work.reject(new Error('nothing awaits this'));
    await turn();
    assert.deepEqual(await policy.tryExecute(() => assert.fail('must not run'), { key: 'key' }), {
      status: 'success',
      value: 'new',
      source: 'cache',
    });
  });

  it('time out each by its own timeout', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
    try {
      const policy = policyOf();
      const patient = pipeline([timeout(100), policy]);
      const hasty = pipeline([timeout(10), policy]);
      const work = deferred<string>();
      const calls = [hasty, patient].map((calls) => calls.execute(() => work.promise, { key: 'key' }));
      mock.timers.tick(10);
      assert.match(String(await rejection(calls[0] as Promise<string>)), /timeout after 10ms/);
      work.resolve('value');
      assert.equal(await calls[1], 'value');
    } finally {
      mock.timers.reset();
    }
  });
});
