import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CircuitBreaker } from '@fusewire/opossum';
import type { CacheTransport, Options } from '@fusewire/opossum';
import { advance, sleep, useFakeTime } from './fake-time.ts';

useFakeTime();

/** Returns a breaker whose action counts its runs. */
function counting(options: Options<unknown[]>) {
  let runs = 0;
  const breaker = new CircuitBreaker(
    async (...args: unknown[]) => {
      runs++;
      if (args[0] === 'slow') await sleep(100);
      await sleep(5);
      if (args[0] === 'fails') throw new Error('failed');
      return args[0];
    },
    { errorThresholdPercentage: 100, timeout: 50, ...options },
  );
  const fire = async (...args: unknown[]): Promise<unknown> => {
    const result = breaker.fire(...args).catch((error: Error) => error.message);
    await advance(60);
    return result;
  };
  return { breaker, fire, runs: () => runs };
}

describe('the results of a CircuitBreaker', () => {
  it('caches results by arguments until clearCache()', async () => {
    const { breaker, fire, runs } = counting({ cache: true });
    assert.deepEqual([await fire('a'), await fire('a'), await fire('b'), await fire('a', 1)], ['a', 'a', 'b', 'a']);
    assert.equal(runs(), 3);
    assert.deepEqual([breaker.stats.cacheHits, breaker.stats.cacheMisses], [1, 3]);
    breaker.clearCache();
    await fire('a');
    assert.equal(runs(), 4);
  });

  it('caches neither failures nor fallbacks', async () => {
    const { breaker, fire, runs } = counting({ cache: true });
    breaker.fallback(() => 'instead');
    assert.deepEqual([await fire('fails'), await fire('fails'), runs()], ['instead', 'instead', 2]);
  });

  it('caches results for `cacheTTL`', async () => {
    const { fire, runs } = counting({ cache: true, cacheTTL: 100 });
    await fire('a');
    await fire('a');
    await fire('a');
    assert.equal(runs(), 2);
  });

  it('caches `cacheSize` results, and drops the oldest', async () => {
    const { fire, runs } = counting({ cache: true, cacheSize: 2 });
    for (const x of ['a', 'b', 'a', 'c', 'b']) await fire(x);
    assert.equal(runs(), 3);
    await fire('a');
    assert.equal(runs(), 4);
  });

  it('answers from the cache while the circuit is open', async () => {
    const { breaker, fire } = counting({ cache: true });
    await fire('a');
    breaker.open();
    assert.deepEqual([await fire('a'), await fire('b')], ['a', 'Breaker is open']);
  });

  it('uses the keys of `cacheGetKey`', async () => {
    const { fire, runs } = counting({ cache: true, cacheGetKey: (...args) => String(args[1]) });
    assert.deepEqual([await fire('a', 1), await fire('b', 1), await fire('c', 2), runs()], ['a', 'a', 'c', 2]);
  });

  it('rejects if the arguments have no JSON', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    await assert.rejects(counting({ cache: true }).breaker.fire(circular), TypeError);
  });

  it('stores results in the `cacheTransport`', async () => {
    const stored: unknown[][] = [];
    const kept = new Map<string, unknown>();
    const cacheTransport: CacheTransport = {
      get: (key) => kept.get(key),
      set(key, value, expires) {
        stored.push([key, value instanceof Promise, expires]);
        kept.set(key, value);
      },
      flush: () => kept.clear(),
    };
    const { breaker, fire, runs } = counting({ cache: true, cacheTTL: 1_000, cacheTransport });
    await fire('a');
    kept.set('["b"]', 'plain');
    assert.deepEqual([await fire('a'), await fire('b'), runs()], ['a', 'plain', 1]);
    assert.deepEqual(stored, [['["a"]', true, 1_005]]);
    breaker.clearCache();
    assert.equal(kept.size, 0);
  });

  it('resolves although the `cacheTransport` throws', async () => {
    const cacheTransport = { get: () => undefined, set: () => assert.fail('full'), flush: () => undefined };
    assert.equal(await counting({ cache: true, cacheTransport }).fire('a'), 'a');
  });

  it('runs the action once for simultaneous calls with the same arguments', async () => {
    const { breaker, runs } = counting({ coalesce: true });
    const calls = Promise.all([breaker.fire('a'), breaker.fire('a'), breaker.fire('b')]);
    await advance(5);
    assert.deepEqual([await calls, runs()], [['a', 'a', 'b'], 2]);
    assert.deepEqual([breaker.stats.coalesceCacheHits, breaker.stats.coalesceCacheMisses], [1, 2]);
  });

  it('shares at most `coalesceSize` runs, for `coalesceTTL`', async () => {
    const short = counting({ coalesce: true, coalesceTTL: 60 });
    await short.fire('a');
    await short.fire('a');
    assert.equal(short.runs(), 2);
    const few = counting({ coalesce: true, coalesceSize: 1 });
    for (const x of ['a', 'b', 'a']) await few.fire(x);
    assert.equal(few.runs(), 3);
    const long = counting({ coalesce: true, timeout: false });
    await long.fire('a');
    await advance(9_900);
    await long.fire('a');
    assert.equal(long.runs(), 1);
    await long.fire('a');
    await advance(60);
    await long.fire('a');
    assert.equal(long.runs(), 2);
  });

  for (const [reset, fired] of [
    ['success', 'a'],
    ['error', 'fails'],
    ['timeout', 'slow'],
  ] as const) {
    it(`shares no run that ended with ${reset} if coalesceResetOn has it`, async () => {
      const sharing = counting({ coalesce: true, coalesceTTL: 1_000 });
      await sharing.fire(fired);
      await sharing.fire(fired);
      assert.equal(sharing.runs(), 1);
      const resetting = counting({ coalesce: true, coalesceTTL: 1_000, coalesceResetOn: [reset, 'other' as never] });
      for (const other of ['a', 'fails', 'slow']) {
        await resetting.fire(other);
        await resetting.fire(other);
      }
      assert.equal(resetting.runs(), 4);
    });
  }

  it('reads the cache before it shares a run', async () => {
    const { breaker, fire, runs } = counting({ cache: true, coalesce: true, coalesceResetOn: ['success'] });
    await fire('a');
    await fire('a');
    assert.deepEqual([runs(), breaker.stats.cacheHits, breaker.stats.coalesceCacheMisses], [1, 1, 1]);
  });

  it('does not share a rejection', async () => {
    const { breaker, fire } = counting({ coalesce: true });
    breaker.open();
    await fire('a');
    breaker.close();
    assert.equal(await fire('a'), 'a');
  });
});
