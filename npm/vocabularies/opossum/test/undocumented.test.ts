// Behaviour of opossum that programs may rely on, although its documentation does not state it. Each program runs with both
// classes, and must have the same result.

import { describe } from 'node:test';
import type { Options } from '@fusewire/opossum';
import { alike, fail, succeed } from './alike.ts';
import { advance, useFakeTime } from './fake-time.ts';

useFakeTime();

const HALF_OPEN: Options = { state: { enabled: true, closed: false, halfOpen: true } };

describe('CircuitBreaker, like that of opossum', () => {
  alike('has the name of the class, and one required parameter', (Breaker) => [Breaker.name, Breaker.length]);

  alike('has its action as a property', (Breaker) => new Breaker(succeed).action === succeed);

  alike('calls the `call` of a subclass', async (Breaker) => {
    class Recording extends Breaker<[], string> {
      override async call(context: unknown): Promise<string> {
        return `${typeof context} ${await super.call(context)}`;
      }
    }
    return new Recording(succeed).fire();
  });

  alike('accepts a name of any length', async (Breaker) => {
    const name = 'https://stock.example/'.repeat(20);
    const named = new Breaker(succeed, { name });
    const after = new Breaker(Object.defineProperty(async () => 1, 'name', { value: name }));
    return [await named.fire(), named.name, named.group, after.name];
  });

  alike('reads inherited options', (Breaker) => {
    const { name, options } = new Breaker(succeed, Object.create({ name: 'stock', timeout: 7 }) as Options);
    return [name, options.timeout];
  });

  for (const [what, action, options] of [
    ['succeeds', succeed, {}],
    ['fails with a filtered error', fail, { errorFilter: () => true }],
    ['fails', fail, {}],
  ] as const) {
    alike(`emits the events of a probe that ${what} in the same order`, async (Breaker) => {
      const breaker = new Breaker<[], string>(action, { ...HALF_OPEN, ...options });
      const emitted: unknown[] = [];
      for (const event of ['fire', 'success', 'failure', 'open', 'close'] as const) {
        breaker.on(event, () => emitted.push([event, breaker.opened, breaker.closed]));
      }
      await breaker.fire().catch(() => emitted.push('rejected'));
      return emitted;
    });
  }

  alike('emits shutdown before the breaker is shut down', async (Breaker) => {
    const breaker = new Breaker(succeed);
    const seen: unknown[] = [];
    breaker.on('shutdown', () => seen.push(breaker.isShutdown, breaker.enabled, breaker.fire()));
    breaker.shutdown();
    return [await Promise.all(seen), breaker.isShutdown, breaker.enabled];
  });

  alike('emits snapshots to a listener that was prepended', async (Breaker) => {
    const breaker = new Breaker(succeed, { rollingCountBuckets: 1, rollingCountTimeout: 10 });
    let snapshots = 0;
    breaker.status.prependListener('snapshot', () => snapshots++);
    await advance(35);
    breaker.shutdown();
    return snapshots;
  });

  for (const option of ['cache', 'coalesce'] as const) {
    alike(`accepts any key for ${option}`, async (Breaker) => {
      const keys = [undefined, null, 5, ''] as unknown[] as string[];
      const answers = keys.map(async (key) => {
        const breaker = new Breaker(async (value: number) => value, { [option]: true, cacheGetKey: () => key });
        return [await breaker.fire(1), await breaker.fire(2)];
      });
      return Promise.all(answers);
    });
  }

  for (const interval of [0, undefined, null, Number.NaN, '', 20]) {
    alike(`runs health checks at an interval of ${typeof interval} ${String(interval)}`, async (Breaker) => {
      const breaker = new Breaker(succeed);
      const checked: number[] = [];
      const start = Date.now();
      breaker.healthCheck(async () => void checked.push(Date.now() - start), interval as number);
      await advance(5_010);
      breaker.shutdown();
      return checked.slice(0, 300);
    });
  }

  for (const value of [false, 0, '', Number.NaN, null, undefined, 'stored', Promise.resolve(false)]) {
    alike(`reads ${typeof value} ${String(value)} of a cacheTransport`, async (Breaker) => {
      const cacheTransport = { get: () => value, set: () => undefined, flush: () => undefined };
      const breaker = new Breaker(succeed, { cache: true, cacheTransport });
      const result = await breaker.fire();
      const { cacheHits, cacheMisses } = breaker.stats;
      return [result, cacheHits, cacheMisses];
    });
  }

  alike('keeps the place of a result that is stored again', (Breaker) => {
    const { cacheTransport } = new Breaker(succeed, { cache: true, cacheSize: 2 }).options;
    for (const key of ['first', 'second', 'first', 'third']) cacheTransport?.set(key, key, 0);
    return ['first', 'second', 'third'].map((key) => String(cacheTransport?.get(key)));
  });

  alike('has the cache of the option cacheSize', (Breaker) => {
    const sizes = [undefined, 5].map((cacheSize) => {
      const { cacheTransport } = new Breaker(succeed, { cache: true, cacheSize }).options;
      cacheTransport?.set('key', 'value', 0);
      const { cache, maxEntries } = cacheTransport as unknown as { cache: Map<string, unknown>; maxEntries: number };
      return [maxEntries, cache.size, cache.has('key')];
    });
    return sizes;
  });
});
