/** Checks of the policies, on the real clock of the runtime. */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { equal, rejection, truthy } from './expect.ts';
import type { Check } from './check.ts';

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const never = (): Promise<never> => new Promise(() => {});

interface Globals {
  readonly AsyncLocalStorage?: typeof AsyncLocalStorage;
  readonly process?: { getBuiltinModule?(name: string): { readonly AsyncLocalStorage?: typeof AsyncLocalStorage } };
}

/** Class of the asynchronous contexts of this runtime; undefined if it has none. */
function contextClass(): typeof AsyncLocalStorage | undefined {
  const { AsyncLocalStorage: own, process } = globalThis as Globals;
  return own ?? process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage;
}

export const policyChecks: Readonly<Record<string, Check>> = {
  async 'all policies together let a call through, and count it'({ fusewire, backend }) {
    const everything = fusewire.pipeline({
      fallback: () => 'less',
      cache: { key: () => undefined },
      timeout: 60_000,
      retry: { attempts: 3, delay: 1 },
      hedge: { delay: 30_000, idempotent: true },
      shedLoad: {},
      rateLimit: { limit: 10 },
      breaker: { backend, failureThreshold: 2 },
      adaptiveBulkhead: {},
      bulkhead: { limit: 2 },
      attemptTimeout: 30_000,
    });
    equal(await everything.execute(() => wait(1).then(() => 'done')), 'done');
    equal(await everything.tryExecute(() => Promise.reject(new Error('down'))), {
      status: 'success',
      value: 'less',
      source: 'fallback:fallback',
    });
  },

  async 'each call keeps its asynchronous context'({ fusewire }) {
    const Context = contextClass();
    if (Context === undefined) return;
    const context = new Context<string>();
    const seen: unknown[] = [];
    const calls = fusewire.pipeline([
      fusewire.timeout(40),
      fusewire.retry({ attempts: 2, delay: 5 }),
      fusewire.bulkhead({ limit: 1, queueSize: 1 }),
    ]);
    const work = (owner: string) =>
      context.run(owner, () =>
        calls.execute(({ attempt, signal }) => {
          seen.push([owner, context.getStore()]);
          if (attempt === 1) throw new Error('down');
          signal.addEventListener('abort', () => seen.push([owner, context.getStore()]));
          return never();
        }),
      );
    await Promise.allSettled([work('alice'), work('bob')]);
    truthy(seen.length >= 4, 'attempts and aborts');
    equal(
      seen.filter((pair) => (pair as string[])[0] !== (pair as string[])[1]),
      [],
    );
  },

  async 'a retry sleeps between attempts'({ fusewire }) {
    let attempts = 0;
    const policy = fusewire.retry({ attempts: 3, delay: 5 });
    const work = () => (++attempts < 3 ? Promise.reject(new Error('down')) : Promise.resolve(attempts));
    equal(await policy.execute(work), 3);
    equal(policy.getStats().totalRetries, 2);
  },

  async 'a timeout ends the call and aborts its work'({ fusewire }) {
    let aborted = false;
    const call = fusewire.timeout(10).execute(({ signal }) => {
      signal.addEventListener('abort', () => (aborted = true));
      return never();
    });
    truthy((await rejection(call)) instanceof fusewire.CallTimeoutError, 'a timeout');
    truthy(aborted, 'aborted');
  },

  async 'a bulkhead queues, and rejects what is too much'({ fusewire }) {
    const policy = fusewire.bulkhead({ limit: 1, queueSize: 1 });
    const first = policy.execute(() => wait(10).then(() => 'first'));
    const second = policy.execute(() => 'second');
    truthy((await rejection(policy.execute(() => 'third'))) instanceof fusewire.BulkheadFullError, 'full');
    equal([await first, await second], ['first', 'second']);
  },

  async 'a rate limit waits for its token'({ fusewire }) {
    const policy = fusewire.rateLimit({ limit: 1, per: 20, maxWait: 30_000 });
    equal([await policy.execute(() => 1), await policy.execute(() => 2)], [1, 2]);
    const strict = fusewire.rateLimit({ limit: 1, per: 60_000 });
    await strict.execute(() => 1);
    truthy((await rejection(strict.execute(() => 2))) instanceof fusewire.RateLimitedError, 'limited');
  },

  async 'a hedge takes the answer that comes first'({ fusewire }) {
    let copies = 0;
    const policy = fusewire.hedge({ delay: 5, idempotent: true });
    equal(await policy.execute(() => (++copies === 1 ? never() : Promise.resolve(copies))), 2);
  },

  async 'a queue keeps what could not be done, and does it'({ fusewire, queue, backend }) {
    const breaker = new fusewire.CircuitBreaker({ backend });
    let resolve = (_order: string): void => {};
    const done = new Promise<string>((onDone) => (resolve = onDone));
    const later = queue.queued({
      queue: queue.memoryQueue<string>(),
      topic: 'orders',
      breaker,
      key: () => 'order 1',
      payload: () => 'order',
      operation: (order) => resolve(order),
      retryDelay: 0,
    });
    const policy = fusewire.pipeline([fusewire.fallback([later]), breaker]);
    await policy.execute(() => Promise.reject(new Error('down')));
    equal(await done, 'order');
    await later.close();
  },
};
