import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { adaptiveBulkhead, bulkhead, cache, CircuitBreaker, fallback, hedge, pipeline } from 'fusewire';
import { memoryQueue } from 'fusewire/queue';
import { rateLimit, retry, shedLoad, timeout } from 'fusewire';
import { queued } from 'fusewire/queue';
import type { CallContext, Outcome } from 'fusewire';
import { deferred, pass, rejection } from './support.ts';

const request = new AsyncLocalStorage<string>();

/** Stores that code saw, each as the request it ran for and the request it belongs to. */
class Sightings {
  readonly seen: string[] = [];

  note(what: string, owner: string): void {
    this.seen.push(`${what} of ${owner} ran for ${request.getStore() ?? 'nobody'}`);
  }

  /** Asserts that as much code ran as expected, each in the context of its own call. */
  check(count: number): void {
    assert.deepEqual(
      this.seen.filter((line) => !/^.* of (\w+) ran for \1$/.test(line)),
      [],
    );
    assert.equal(this.seen.length, count);
  }
}

type Caller = { execute(work: (context: CallContext) => unknown, options?: object): Promise<unknown> };

/** Makes a call for each of three requests. Errors are expected. */
function callForEach(calls: Caller, work: (owner: string, context: CallContext) => unknown): Promise<unknown> {
  const owners = ['alice', 'bob', 'carol'];
  return Promise.allSettled(
    owners.map((owner) => request.run(owner, () => calls.execute((context) => work(owner, context), { key: owner }))),
  );
}

describe('the async context of a call', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('reaches every attempt and every predicate of a retry', async () => {
    const sightings = new Sightings();
    const retryIf = (error: unknown) => (sightings.note('retryIf', String(error)), true);
    const retryAfter = (error: unknown) => (sightings.note('retryAfter', String(error)), undefined);
    const calls = retry({ attempts: 3, delay: 10, retryIf, retryAfter });
    const done = callForEach(calls, (owner) => {
      sightings.note('attempt', owner);
      throw owner;
    });
    await pass(40);
    await done;
    sightings.check(3 * (3 + 3 + 2));
  });

  for (const [name, limiter] of [
    ['bulkhead', () => bulkhead({ limit: 1, queueSize: 10 })],
    ['adaptive bulkhead', () => adaptiveBulkhead({ initial: 1, max: 1, queueSize: 10 })],
    ['rate limit', () => rateLimit({ limit: 1, per: 20, maxWait: 1_000 })],
  ] as const) {
    it(`reaches work that has waited in a ${name}`, async () => {
      const sightings = new Sightings();
      const done = callForEach(limiter(), async (owner) => {
        sightings.note('work', owner);
        await Promise.resolve();
        sightings.note('rest', owner);
      });
      await pass(60);
      await done;
      sightings.check(6);
    });
  }

  it('reaches predicates after a wait', async () => {
    const sightings = new Sightings();
    const note = (part: string, outcome: Outcome): 'failure' => {
      sightings.note(part, String('error' in outcome && outcome.error));
      return 'failure';
    };
    const limit = adaptiveBulkhead({
      initial: 1,
      max: 1,
      queueSize: 10,
      classify: (outcome) => note('limit', outcome),
    });
    const breaker = new CircuitBreaker({ classify: (outcome) => note('breaker', outcome) });
    const shed = shedLoad({ classify: (outcome) => note('shedLoad', outcome) });
    await callForEach(pipeline([shed, breaker, limit]), (owner) => Promise.reject(owner as unknown as Error));
    sightings.check(9);
  });

  it('reaches the copies of a hedge', async () => {
    const sightings = new Sightings();
    const done = callForEach(hedge({ delay: 10, idempotent: true }), (owner) => {
      sightings.note('copy', owner);
      return new Promise((resolve) => setTimeout(resolve, 20));
    });
    await pass(40);
    await done;
    sightings.check(6);
  });

  for (const [name, limited] of [
    ['timeout', () => timeout(10)],
    ['breaker', () => new CircuitBreaker({ timeout: 10, failureThreshold: 100 })],
    [
      'total timeout',
      () =>
        pipeline([timeout(10), retry(), new CircuitBreaker({ timeout: 5 }), bulkhead({ limit: 10 })], {
          checked: false,
        }),
    ],
  ] as const) {
    it(`reaches the abort listeners of work that a ${name} ends`, async () => {
      const sightings = new Sightings();
      const done = callForEach(limited(), (owner, { signal }) => {
        signal.addEventListener('abort', () => sightings.note('listener', owner));
        return new Promise(() => undefined);
      });
      await pass(20);
      await done;
      sightings.check(3);
    });
  }

  it("reaches the abort listeners of work that another request's signal ends", () => {
    const sightings = new Sightings();
    const shutdown = new AbortController();
    for (const owner of ['alice', 'bob']) {
      const listen = ({ signal }: CallContext) => {
        signal.addEventListener('abort', () => sightings.note('listener', owner));
        return new Promise(() => undefined);
      };
      request.run(owner, () => {
        new CircuitBreaker().execute(listen, { signal: shutdown.signal }).catch(() => undefined);
        timeout(1_000)
          .execute(listen, { signal: shutdown.signal })
          .catch(() => undefined);
      });
    }
    request.run('admin', () => shutdown.abort());
    sightings.check(4);
  });

  it('reaches event listeners when a call times out or aborts', async () => {
    const sightings = new Sightings();
    const breaker = new CircuitBreaker({ timeout: 10, failureThreshold: 100 });
    const shutdown = new AbortController();
    const owners = ['alice', 'bob', 'carol'];
    breaker.on('timeout', () => sightings.note('timeout', owners.shift() ?? ''));
    breaker.on('ignore', () => sightings.note('ignore', 'dave'));
    const done = callForEach(breaker, () => new Promise(() => undefined));
    const never = () => new Promise(() => undefined);
    const aborted = rejection(request.run('dave', () => breaker.execute(never, { signal: shutdown.signal })));
    request.run('admin', () => shutdown.abort());
    await pass(20);
    await Promise.all([done, aborted]);
    sightings.check(4);
  });

  it('is not that of another request for a listener that came later', async () => {
    const breaker = new CircuitBreaker({ timeout: 10, failureThreshold: 100 });
    const stores: unknown[] = [];
    const done = callForEach(breaker, () => new Promise(() => undefined));
    breaker.on('timeout', () => stores.push(request.getStore()));
    await pass(20);
    await done;
    assert.deepEqual(stores, [undefined, undefined, undefined]);
  });

  it('reaches the strategies of a fallback', async () => {
    const sightings = new Sightings();
    const answer = {
      name: 'default',
      when: (error: unknown) => (sightings.note('when', String(error)), true),
      execute: (error: unknown) => sightings.note('execute', String(error)),
    };
    const limit = bulkhead({ limit: 1, queueSize: 10 });
    await callForEach(pipeline([fallback([answer]), limit]), (owner) => Promise.reject(owner as unknown as Error));
    sightings.check(6);
  });

  it('of the first caller reaches a call that several share', async () => {
    const sightings = new Sightings();
    const shared = cache({ freshFor: 1_000, key: () => 'rates' });
    await callForEach(shared, () => sightings.note('work', 'alice'));
    sightings.check(1);
  });

  it('of no call reaches the operations of a queue', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1, resetTimeout: 10 });
    const stores: unknown[] = [];
    const replayed = deferred();
    const later = queued({
      queue: memoryQueue(),
      breaker,
      retryDelay: 0,
      topic: 'orders',
      payload: () => null,
      operation: () => replayed.resolve(stores.push(request.getStore())),
    });
    const calls = pipeline([fallback([later]), breaker]);
    await request.run('alice', () => calls.execute(() => Promise.reject(new Error('down')), { key: 'order' }));
    mock.timers.tick(10);
    const probe = () => breaker.execute(() => 1);
    await request.run('bob', () => Promise.all([probe(), probe()]).catch(() => probe()));
    await replayed.promise;
    assert.deepEqual(stores, [undefined]);
    await later.close();
  });
});
