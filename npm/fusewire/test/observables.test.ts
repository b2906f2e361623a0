/** Observables as the result of the work: rejected by default, run with the option `observables`. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import {
  adaptiveBulkhead,
  bulkhead,
  CircuitBreaker,
  fallback,
  hedge,
  CallTimeoutError,
  isRejection,
  pipeline,
  rateLimit,
  retry,
  shedLoad,
  timeout,
} from 'fusewire';
import type { PolicyCallOptions } from 'fusewire';
import { degraded } from './support-fallback.ts';
import { concat, defer, EMPTY, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { rejection, thrown, turn } from './support.ts';

interface Runner {
  execute(work: () => unknown, options?: PolicyCallOptions): Promise<unknown>;
}

const FIRST = { observables: 'first-value' } as const;

/** Everything with the option, each made with the same options. */
const RUNNERS: { readonly [name: string]: (options?: { readonly observables?: 'first-value' }) => Runner } = {
  breaker: (options) => new CircuitBreaker({ ...options }),
  'breaker without timeout': (options) => new CircuitBreaker({ timeout: false, responseTimes: false, ...options }),
  timeout: (options) => timeout({ timeout: 1_000, ...options }),
  retry: (options) => retry({ attempts: 1, ...options }),
  bulkhead: (options) => bulkhead({ limit: 1, ...options }),
  adaptiveBulkhead: (options) => adaptiveBulkhead({ ...options }),
  hedge: (options) => hedge({ delay: 10_000, ...options, idempotent: true }),
  rateLimit: (options) => rateLimit({ limit: 100, per: 1_000, ...options }),
  shedLoad: (options) => shedLoad({ ...options }),
  fallback: (options) => fallback({ strategies: [degraded(0)], when: () => false, ...options }),
  pipeline: (options) => pipeline({ breaker: {}, ...options }),
  'pipeline of a list': (options) => pipeline([timeout(1_000)], { ...options }),
};

/** Observable that records its subscriptions. */
function recorded<Value>(source: Observable<Value>): { readonly source: Observable<Value>; active(): number } {
  let active = 0;
  const observed = new Observable<Value>((subscriber) => {
    active++;
    const subscription = source.subscribe(subscriber);
    return () => {
      active--;
      subscription.unsubscribe();
    };
  });
  return { source: observed, active: () => active };
}

for (const [name, create] of Object.entries(RUNNERS)) {
  describe(`an Observable returned to a ${name}`, () => {
    it('is rejected without a subscription by default', async () => {
      let subscribed = 0;
      const error = await rejection(create().execute(() => defer(() => of(++subscribed))));
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /returned an Observable\b.*firstValueFrom.*observables: 'first-value'/);
      assert.match(error.stack ?? '', /observables\.test/);
      assert.equal(isRejection(error), false);
      assert.equal(subscribed, 0);
    });

    it('settles the call with its first value, its error or its end', async () => {
      const runner = create(FIRST);
      const down = new Error('down');
      assert.equal(await runner.execute(() => of(1, 2)), 1);
      assert.equal(await runner.execute(() => EMPTY), undefined);
      assert.equal(await rejection(runner.execute(() => throwError(() => down))), down);
      assert.equal(
        await rejection(
          runner.execute(() =>
            defer(() => {
              throw down;
            }),
          ),
        ),
        down,
      );
    });

    it('is unsubscribed after its first value', async () => {
      const subject = new Subject<string>();
      const { source, active } = recorded(subject);
      const call = create(FIRST).execute(() => source);
      assert.equal(active(), 1);
      subject.next('first');
      assert.equal(active(), 0);
      assert.equal(await call, 'first');
      const endless = recorded(concat(of(1), NEVER));
      assert.equal(await create(FIRST).execute(() => endless.source), 1);
      assert.equal(endless.active(), 0);
    });

    it('is unsubscribed when the caller aborts', async () => {
      const controller = new AbortController();
      const { source, active } = recorded(NEVER);
      const call = create(FIRST).execute(() => source, { signal: controller.signal });
      assert.equal(active(), 1);
      controller.abort();
      assert.equal(await rejection(call), controller.signal.reason);
      assert.equal(active(), 0);
    });

    it('is run as well if a promise resolves with it', async () => {
      assert.equal(await create(FIRST).execute(async () => of('later')), 'later');
    });

    it('leaves other results as they are', async () => {
      const results = [1, undefined, null, [1], { subscribe: () => undefined }, { pipe: () => undefined }];
      for (const options of [undefined, FIRST]) {
        for (const result of results) assert.equal(await create(options).execute(() => result), result);
        assert.equal(await create(options).execute(() => Promise.resolve(2)), 2);
        const thenable = { then: (done: (value: number) => void) => done(3), subscribe() {}, pipe() {} };
        assert.equal(await create(options).execute(() => thenable), 3);
      }
    });
  });
}

describe('an Observable', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('counts in a breaker as it ends, and not as a success', async () => {
    const failing = new CircuitBreaker({ failureThreshold: 4, ...FIRST });
    for (let call = 0; call < 4; call++) await rejection(failing.execute(() => throwError(() => new Error('500'))));
    assert.equal(failing.state, 'OPEN');
    const refusing = new CircuitBreaker({
      failureThreshold: 1,
      classify: () => 'failure',
      fallback: undefined,
    } as object);
    await rejection(refusing.execute(() => of(1)));
    const { state, totalRequests, totalSuccesses, totalFailures, totalIgnored } = refusing.getStats();
    assert.deepEqual(
      { state, totalRequests, totalSuccesses, totalFailures, totalIgnored },
      { state: 'CLOSED', totalRequests: 1, totalSuccesses: 0, totalFailures: 0, totalIgnored: 1 },
    );
  });

  it('is not retried if it is rejected', async () => {
    let attempts = 0;
    const policy = retry({ attempts: 3, delay: 0 });
    await rejection(
      policy.execute(() => {
        attempts++;
        return of(1);
      }),
    );
    assert.equal(attempts, 1);
  });

  it('is unsubscribed when the call times out, and frees its slot', async () => {
    const { source, active } = recorded(NEVER);
    const slots = bulkhead({ limit: 1 });
    const breaker = new CircuitBreaker({ timeout: 50 });
    const calls = pipeline([breaker, slots], FIRST);
    const call = calls.execute(() => source);
    assert.deepEqual([active(), slots.getStats().running], [1, 1]);
    mock.timers.tick(50);
    assert.ok((await rejection(call)) instanceof CallTimeoutError);
    await turn();
    assert.deepEqual([active(), slots.getStats().running, slots.getStats().overrunning], [0, 0, 0]);
  });

  it('ends a cooperative timeout', async () => {
    const { source, active } = recorded(NEVER);
    const call = timeout({ timeout: 50, strategy: 'cooperative', ...FIRST }).execute(() => source);
    mock.timers.tick(50);
    assert.ok((await rejection(call)) instanceof CallTimeoutError);
    assert.equal(active(), 0);
  });

  it('is subscribed again in each attempt', async () => {
    let subscriptions = 0;
    const source = defer(() => (++subscriptions < 3 ? throwError(() => new Error('down')) : of(subscriptions)));
    assert.equal(await retry({ attempts: 3, delay: 0, ...FIRST }).execute(() => source), 3);
  });

  it('is run by a pipeline if one of its layers has the option', async () => {
    const breaker = new CircuitBreaker({ ...FIRST });
    assert.equal(await pipeline([timeout(90_000), breaker]).execute(() => of(1)), 1);
    assert.equal(await pipeline({ retry: { ...FIRST }, breaker: {} }).execute(() => of(1)), 1);
    assert.equal(await pipeline([timeout(90_000), pipeline([breaker], FIRST)]).execute(() => of(1)), 1);
    const refusing = pipeline([breaker], { observables: 'reject' });
    assert.ok((await rejection(refusing.execute(() => of(1)))) instanceof TypeError);
  });

  it('is run by tryExecute and wrap', async () => {
    const breaker = new CircuitBreaker({ ...FIRST });
    assert.deepEqual(await breaker.tryExecute(() => of(1)), { status: 'success', value: 1, source: 'call' });
    assert.equal(await breaker.wrap((_, value: number) => of(value))(2), 2);
    const calls = pipeline([breaker]);
    assert.deepEqual(await calls.tryExecute(() => of(3)), { status: 'success', value: 3, source: 'call' });
    assert.deepEqual(await retry({ ...FIRST }).tryExecute(() => of(4)), {
      status: 'success',
      value: 4,
      source: 'call',
    });
  });

  it('that a fallback strategy returns is treated like that of the work', async () => {
    const strategies = [{ name: 'stored', execute: () => of('stored') }];
    const down = new Error('down');
    const work = () => Promise.reject(down);
    assert.equal(await rejection(fallback({ strategies }).execute(work)), down);
    assert.equal(await fallback({ strategies, ...FIRST }).execute(work), 'stored');
  });

  it('is recognised by its interface, whatever library made it', async () => {
    const subscribe = ({ next }: { next(value: string): void }) => {
      next('first');
      return { unsubscribe: () => undefined };
    };
    const interop = { '@@observable': () => ({ subscribe }) };
    const plain = { subscribe, pipe: () => undefined };
    for (const source of [interop, plain]) {
      assert.ok((await rejection(new CircuitBreaker().execute(() => source))) instanceof TypeError);
      assert.equal(await new CircuitBreaker({ ...FIRST }).execute(() => source), 'first');
    }
    const proxy = new Proxy({}, { get: () => assert.fail('trap') });
    assert.ok(await rejection(new CircuitBreaker().execute(() => proxy)));
  });

  it('is not subscribed after the call has ended', async () => {
    const controller = new AbortController();
    const { source, active } = recorded(NEVER);
    const call = new CircuitBreaker({ ...FIRST }).execute(
      () => {
        controller.abort();
        return source;
      },
      { signal: controller.signal },
    );
    assert.equal(await rejection(call), controller.signal.reason);
    assert.equal(active(), 0);
  });

  it('whose teardown throws does not disturb the call', async () => {
    const controller = new AbortController();
    const source = { subscribe: () => ({ unsubscribe: () => assert.fail('teardown') }), pipe: () => undefined };
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const call = new CircuitBreaker({ ...FIRST }).execute(() => source, { signal: controller.signal });
    controller.abort();
    assert.equal(await rejection(call), controller.signal.reason);
    assert.match((await warned).message, /an Observable failed to unsubscribe/);
  });

  it('as the work itself is named in the error', async () => {
    const error = (await rejection(new CircuitBreaker({ name: 'shop' }).execute(of(1) as never))) as Error;
    assert.equal(error.message, 'Circuit breaker shop: execute takes a function or a promise, got an Observable');
  });

  it('has an option that takes two words', () => {
    for (const create of [
      (observables: never) => new CircuitBreaker({ observables }),
      (observables: never) => retry({ observables }),
      (observables: never) => pipeline([timeout(1)], { observables }),
      (observables: never) => pipeline({ timeout: 1, observables }),
    ]) {
      assert.match(thrown(() => create('all' as never)).message, /observables must be 'reject' or 'first-value'/);
      assert.match(thrown(() => create(true as never)).message, /observables must be 'reject' or 'first-value'/);
    }
  });
});
