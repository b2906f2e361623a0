import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { cached, degraded, fallback, fallbackErrorsOf, isBreakerOptionsError, pipeline, timeout } from 'fusewire';
import { deferred, rejection, thrown, turn } from './support.ts';

const down = new Error('down');
const fails = () => Promise.reject(down);

describe('a cache', () => {
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('answers in place of the call while it is fresh, and of one that failed while it is not too old', async () => {
    let calls = 0;
    const cache = cached({ ttl: 1_000, staleIfError: 5_000 });
    const policy = fallback([cache]);
    const get = () => policy.executeWithSource(() => ++calls, { key: 'key' });
    const getDown = () => policy.executeWithSource<number>(fails, { key: 'key' });
    assert.deepEqual(await get(), { value: 1, source: 'call' });
    mock.timers.tick(999);
    assert.deepEqual(await get(), { value: 1, source: 'cache' });
    assert.deepEqual(await getDown(), { value: 1, source: 'cache' });
    mock.timers.tick(1);
    assert.deepEqual(await getDown(), { value: 1, source: 'fallback:cache' });
    assert.deepEqual(await get(), { value: 2, source: 'call' });
    mock.timers.tick(5_999);
    assert.deepEqual(await getDown(), { value: 2, source: 'fallback:cache' });
    mock.timers.tick(1);
    assert.equal(await rejection(getDown()), down);
    assert.deepEqual(fallbackErrorsOf(down), []);
    assert.deepEqual(policy.getStats(), {
      name: 'fallback',
      answers: { call: 2, cache: 2, 'fallback:cache': 2 },
      totalFailures: 1,
      totalFaults: 0,
    });
    const { totalCalls, totalHits, totalMisses, totalStale } = cache.getStats();
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

  it('makes every call unless it is told otherwise', async () => {
    let calls = 0;
    const policy = fallback([cached()]);
    assert.equal(await policy.execute(() => ++calls, { key: 'key' }), 1);
    assert.equal(await policy.execute(() => ++calls, { key: 'key' }), 2);
    assert.equal(await policy.execute(fails, { key: 'key' }), 2);
    mock.timers.tick(3_600_000);
    assert.equal(await rejection(policy.execute(fails, { key: 'key' })), down);
  });

  it('passes the next to a fallback where it has nothing', async () => {
    const policy = fallback([cached({ name: 'rates', priority: 1 }), degraded('less')]);
    assert.deepEqual(await policy.executeWithSource(fails, { key: 'key' }), {
      value: 'less',
      source: 'fallback:degraded',
    });
    await policy.execute(() => 'rates', { key: 'key' });
    assert.deepEqual(await policy.executeWithSource(fails, { key: 'key' }), {
      value: 'rates',
      source: 'fallback:rates',
    });
    const picky = fallback([cached({ canHandle: () => false }), degraded('less')]);
    await picky.execute(() => 'rates', { key: 'key' });
    assert.equal(await picky.execute(fails, { key: 'key' }), 'less');
  });

  it('tells keys apart, makes them of the call, and passes by what has none', async () => {
    const policy = fallback([
      cached({ ttl: 1_000, key: ({ args }) => (args?.[0] === undefined ? undefined : `id ${args[0]}`) }),
    ]);
    const get = (...args: unknown[]) => policy.executeWithSource(() => ({ args }), { args });
    const one = await get(1);
    assert.equal((await get(2)).source, 'call');
    assert.deepEqual(await get(1), { value: one.value, source: 'cache' });
    assert.equal((await get()).source, 'call');
    assert.equal((await get()).source, 'call');
    for (const key of ['__proto__', 'constructor', '']) {
      const odd = fallback([cached({ ttl: 1_000 })]);
      assert.equal((await odd.executeWithSource(() => 1, { key })).source, 'call');
      assert.equal((await odd.executeWithSource(() => 2, { key })).source, 'cache');
    }
  });

  it('makes the call where the key cannot be made, and tells once', async () => {
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
      const policy = fallback([cached({ name: 'rates', ttl: 1_000, key: key as never })]);
      for (let call = 0; call < 2; call++)
        assert.deepEqual(await policy.executeWithSource(() => call), { value: call, source: 'call' });
      assert.equal(await rejection(policy.execute(fails)), down);
      assert.deepEqual(
        fallbackErrorsOf(down).map(({ strategy }) => strategy),
        ['rates'],
      );
    }
    await turn();
    process.off('warning', onWarning);
    assert.equal(warnings.length, 3);
    assert.match(String(warnings[0]), /FusewireWarning: Policy rates: a key could not be made: Error: no key/);
  });

  it('keeps nothing of calls that failed', async () => {
    const cache = cached({ ttl: 1_000 });
    const policy = fallback([cache]);
    await rejection(policy.execute(fails, { key: 'key' }));
    assert.equal(cache.size, 0);
    assert.equal(await policy.execute(() => undefined, { key: 'key' }), undefined);
    assert.deepEqual(await policy.executeWithSource(fails, { key: 'key' }), { value: undefined, source: 'cache' });
  });

  it('keeps what was used last', async () => {
    const cache = cached({ ttl: 1_000, maxEntries: 2 });
    const policy = fallback([cache]);
    const sourceOf = async (key: string) => (await policy.executeWithSource(() => key, { key })).source;
    assert.deepEqual(
      [await sourceOf('a'), await sourceOf('b'), await sourceOf('a'), await sourceOf('c')],
      ['call', 'call', 'cache', 'call'],
    );
    assert.equal(cache.size, 2);
    assert.deepEqual([await sourceOf('a'), await sourceOf('c'), await sourceOf('b')], ['cache', 'cache', 'call']);
  });

  it('throws away what it is told to, also what is on its way', async () => {
    const cache = cached({ ttl: 1_000 });
    const policy = fallback([cache]);
    for (const forget of [() => cache.delete('key'), () => cache.clear()]) {
      const work = deferred<string>();
      const early = policy.execute(() => work.promise, { key: 'key' });
      forget();
      assert.deepEqual(await policy.executeWithSource(() => 'new', { key: 'key' }), { value: 'new', source: 'call' });
      work.resolve('old');
      assert.equal(await early, 'old');
      assert.equal(await policy.execute(fails, { key: 'key' }), 'new');
      forget();
      assert.equal(cache.size, 0);
    }
  });

  it('is not set back by an answer that comes late', async () => {
    const policy = fallback([cached()]);
    const work = deferred<string>();
    const early = policy.execute(() => work.promise, { key: 'key' });
    await policy.execute(() => 'new', { key: 'key' });
    work.resolve('old');
    assert.equal(await early, 'old');
    assert.equal(await policy.execute(fails, { key: 'key' }), 'new');
  });

  it('is shared by fallbacks', async () => {
    const cache = cached({ ttl: 1_000 });
    await fallback([cache]).execute(() => 1, { key: 'key' });
    assert.deepEqual(await fallback([cache, degraded(2)]).executeWithSource(fails, { key: 'key' }), {
      value: 1,
      source: 'cache',
    });
  });

  it('does not keep what another fallback inside has answered', async () => {
    const calls = pipeline([
      fallback([cached({ ttl: 1_000 })]),
      fallback({ name: 'inner', strategies: [degraded('less')] }),
    ]);
    for (let call = 0; call < 2; call++) {
      assert.deepEqual(await calls.executeWithSource(fails, { key: 'key' }), {
        value: 'less',
        source: 'fallback:degraded',
      });
    }
    const together = await Promise.all([1, 2].map(() => calls.executeWithSource(fails, { key: 'key' })));
    assert.deepEqual(
      together,
      [1, 2].map(() => ({ value: 'less', source: 'fallback:degraded' })),
    );
  });
});

describe('calls for the same key at the same time', () => {
  const policyOf = (options = {}) => fallback([cached({ ttl: 60_000, ...options })]);

  it('are one, and all get its answer', async () => {
    const cache = cached({ ttl: 60_000, name: 'answers' });
    const policy = fallback([cache]);
    const work = deferred<object>();
    let runs = 0;
    const run = () => (runs++, work.promise);
    const calls = Array.from({ length: 10 }, () => policy.executeWithSource(run, { key: 'key' }));
    const other = policy.execute(() => 'other', { key: 'other' });
    const value = {};
    work.resolve(value);
    for (const call of calls) {
      const answer = await call;
      assert.deepEqual(answer, { value, source: 'call' });
      assert.equal(answer.value, value);
    }
    assert.equal(await other, 'other');
    assert.equal(runs, 1);
    assert.deepEqual(policy.getStats().answers, { call: 11 });
    assert.deepEqual(cache.getStats(), {
      name: 'answers',
      size: 2,
      totalCalls: 11,
      totalHits: 0,
      totalJoined: 9,
      totalMisses: 2,
      totalStale: 0,
    });
  });

  it('all get its error, each with its own fallbacks', async () => {
    const policy = fallback([cached({ ttl: 60_000 }), degraded(({ args }) => args[0])]);
    const work = deferred();
    const calls = [1, 2, 3].map((number) => policy.execute(() => work.promise, { key: 'key', args: [number] }));
    work.reject(down);
    assert.deepEqual(await Promise.all(calls), [1, 2, 3]);
    assert.equal(await policy.execute(() => 'again', { key: 'key' }), 'again');
  });

  it('may throw at once', async () => {
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

  it('are as many as there are where they are told not to wait', async () => {
    const policy = policyOf({ coalesce: false });
    let runs = 0;
    await Promise.all([1, 2, 3].map(() => policy.execute(async () => ++runs, { key: 'key' })));
    assert.equal(runs, 3);
    const patient = policyOf({ ttl: 0, coalesce: true });
    await Promise.all([1, 2, 3].map(() => patient.execute(async () => ++runs, { key: 'key' })));
    assert.equal(runs, 4);
  });

  for (const [who, index] of [
    ['first', 0],
    ['last', 2],
  ] as const) {
    it(`do not end with the abort of the ${who}`, async () => {
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

  it('end when nobody waits any more, and the next is made anew', async () => {
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
    work.reject(new Error('nobody waits for this'));
    await turn();
    assert.deepEqual(await policy.executeWithSource(() => assert.fail('must not run'), { key: 'key' }), {
      value: 'new',
      source: 'cache',
    });
  });

  it('end each with its own timeout', async () => {
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

describe('wrong options of a cache', () => {
  const SPANS = [null, '1', Number.NaN, Infinity, -1, 31_536_000_001];
  const cases: Record<string, unknown[]> = {
    key: [null, 'key', {}, true],
    ttl: SPANS,
    staleIfError: SPANS,
    maxEntries: [null, '1', Number.NaN, 0, -1, 1.5, 1_000_001],
    coalesce: [null, 0, 'yes', {}],
    name: [null, 1, ''],
    priority: [null, '1', Number.NaN],
    canHandle: [null, true, {}],
    maxSize: [1],
  };
  for (const [option, values] of Object.entries(cases)) {
    it(`are refused: ${option}`, () => {
      for (const value of values) {
        const error = thrown(() => cached({ [option]: value }));
        assert.ok(isBreakerOptionsError(error));
        assert.deepEqual(
          error.problems.map((problem) => problem.option),
          [option],
        );
      }
    });
  }

  it('are refused: anything but an object', () => {
    for (const value of [null, 1, 'text', [], () => 1])
      assert.ok(isBreakerOptionsError(thrown(() => cached(value as never))));
  });

  it('two of them in one chain', () => {
    const error = thrown(() => fallback([cached(), cached({ name: 'other' })]));
    assert.equal(error.message, 'Policy fallback: strategies must be a chain with one cache at most');
  });
});
