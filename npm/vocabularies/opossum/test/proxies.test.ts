// Objects that stand before a breaker: proxies of tracing tools and of reactive frameworks, and derived objects. Each
// program runs with opossum too, and must have the same result.

import { describe } from 'node:test';
import type { CircuitBreaker } from '@fusewire/opossum';
import { alike, fail, succeed } from './alike.ts';
import type { BreakerClass } from './alike.ts';
import { advance, useFakeTime } from './fake-time.ts';

useFakeTime();

const WRAPPERS: Readonly<Record<string, <T extends object>(value: T) => T>> = {
  'a proxy': (value) => new Proxy(value, {}),
  'a proxy that wraps all objects it reads': deepProxy,
  'an object that inherits': (value) => Object.create(value) as never,
};

/** Returns a proxy like those of reactive frameworks: what it reads, and what that reads, are proxies too. */
function deepProxy<T extends object>(value: T): T {
  return new Proxy(value, {
    get(target, key, receiver) {
      const read: unknown = Reflect.get(target, key, receiver);
      return typeof read === 'object' && read !== null && !(read instanceof Promise) ? deepProxy(read) : read;
    },
  });
}

for (const [what, wrap] of Object.entries(WRAPPERS)) {
  describe(`${what} of a CircuitBreaker`, () => {
    alike('runs calls, and counts them', async (Breaker) => {
      const inner = new Breaker(succeed, { timeout: 50, capacity: 3 });
      const breaker = wrap(inner);
      const result = await breaker.call({});
      return [result, await breaker.fire(), inner.stats.fires, breaker.stats.successes, breaker instanceof Breaker];
    });

    alike('has all getters and methods of the breaker', async (Breaker) => {
      const breaker = wrap(new Breaker(fail, { name: 'stock', resetTimeout: 10 }) as CircuitBreaker);
      const { name, group, enabled, closed, opened, halfOpen, pendingClose, isShutdown, warmUp } = breaker;
      const state = breaker.toJSON().state;
      const signal = [breaker.getSignal(), breaker.getAbortController()];
      breaker.clearCache();
      return [
        [name, group, enabled, closed, opened, halfOpen, pendingClose, isShutdown, warmUp, breaker.volumeThreshold],
        [state, signal, breaker.semaphore.count, breaker.semaphore.test(), breaker.options.resetTimeout],
        [breaker.status.window.length, breaker.status.stats.fires],
      ];
    });

    alike('has a status that counts', async (Breaker) => {
      const { status } = wrap(new Breaker(succeed));
      status.increment('fires');
      status.open();
      return [status.stats.fires, status.window[0]?.isCircuitBreakerOpen, status.enableSnapshots];
    });
  });
}

for (const what of ['a proxy', 'a proxy that wraps all objects it reads']) {
  const wrap = WRAPPERS[what] as <T extends object>(value: T) => T;

  describe(`${what} of a CircuitBreaker`, () => {
    alike('moves the circuit, and ends the breaker', async (Breaker) => {
      const inner = new Breaker(fail, { resetTimeout: 10 }) as CircuitBreaker;
      const breaker = wrap(inner);
      const seen: unknown[] = [];
      for (const event of ['open', 'halfOpen', 'close', 'shutdown'] as const) breaker.on(event, () => seen.push(event));
      breaker.fallback(() => 'instead');
      seen.push(await breaker.fire(), inner.opened, await breaker.fire());
      await advance(10);
      breaker.close();
      breaker.disable();
      seen.push(inner.enabled);
      breaker.enable();
      seen.push(inner.enabled);
      breaker.options.resetTimeout = 20;
      breaker.open();
      await advance(10);
      seen.push(inner.opened);
      await advance(10);
      seen.push(inner.halfOpen);
      breaker.shutdown();
      return [seen, inner.isShutdown, inner.listenerCount('open'), await breaker.fire().catch(codeOf)];
    });
  });
}

describe('a proxy that binds the methods of a CircuitBreaker', () => {
  alike('runs calls', (Breaker: BreakerClass) => {
    const breaker = new Proxy(new Breaker(succeed), {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    return breaker.fire();
  });

  alike('runs the action and the fire of a proxy', async (Breaker: BreakerClass) => {
    const called: unknown[] = [];
    const breaker = new Proxy(new Breaker(succeed), {
      get(target, key, receiver) {
        if (typeof key === 'string') called.push(key);
        if (key === 'action') return async () => 'traced';
        return Reflect.get(target, key, receiver) as unknown;
      },
    });
    return [await breaker.fire(), called.includes('call')];
  });
});

describe('a fallback that is a proxy of a CircuitBreaker', () => {
  alike('is fired', async (Breaker: BreakerClass) => {
    const breaker = new Breaker(fail);
    breaker.fallback(new Proxy(new Breaker(succeed), {}) as never);
    return breaker.fire();
  });
});

function codeOf(error: { code?: unknown }): unknown {
  return error.code;
}
