import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { alternative, bulkhead, CircuitBreaker, fallback, hedge, pipeline, rateLimit, retry, timeout } from 'fusewire';
import { deferred, pass, rejection } from './support.ts';

const down = new Error('down');
const failing = () => Promise.reject(down);

describe('events of policies', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
  afterEach(() => mock.timers.reset());

  it('a retry emits each attempt that follows, with its delay and the error before', async () => {
    const policy = retry({ name: 'again', attempts: 3, delay: { type: 'constant', delay: 10 } });
    const seen: unknown[] = [];
    policy.on('retry', (event) => seen.push(event));
    const call = rejection(policy.execute(failing));
    await pass(30);
    await call;
    assert.deepEqual(seen, [
      { policy: 'again', attempt: 2, delay: 10, error: down },
      { policy: 'again', attempt: 3, delay: 10, error: down },
    ]);
  });

  it('a retry makes no attempt after a listener has aborted the call', async () => {
    const policy = retry({ attempts: 3, delay: 0 });
    const controller = new AbortController();
    policy.on('retry', () => controller.abort(new Error('gone')));
    let attempts = 0;
    await rejection(policy.execute(() => (attempts++, failing()), { signal: controller.signal }));
    assert.equal(attempts, 1);
  });

  it('a hedge emits each copy', async () => {
    const policy = hedge({ delay: 5, maxHedges: 2, idempotent: true });
    const seen: number[] = [];
    policy.on('hedge', ({ copy }) => seen.push(copy));
    const answer = deferred();
    const call = policy.execute(() => answer.promise);
    await pass(20);
    answer.resolve(1);
    await call;
    assert.deepEqual(seen, [1, 2]);
  });

  it('a timeout emits the error of the call, in the async context of the call', async () => {
    const policy = timeout(10);
    const store = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    policy.on('timeout', ({ error }) => seen.push(error, store.getStore()));
    const call = store.run('own', () => rejection(policy.execute(() => new Promise(() => {}))));
    await pass(10);
    assert.deepEqual(seen, [await call, 'own']);
  });

  it('a bulkhead emits the calls that wait, and those it rejects', async () => {
    const policy = bulkhead({ limit: 1, queueSize: 1, maxWait: 50 });
    const seen: unknown[] = [];
    policy.on('enqueue', ({ waiting }) => seen.push(waiting));
    policy.on('reject', ({ error }) => seen.push(error));
    const answer = deferred();
    const first = policy.execute(() => answer.promise);
    const low = rejection(policy.execute(() => 1, { priority: 0 }));
    const high = rejection(policy.execute(() => 1, { priority: 4 }));
    const full = rejection(policy.execute(() => 1));
    await pass(50);
    answer.resolve(1);
    await first;
    assert.deepEqual(seen, [1, await low, 1, await full, await high]);
  });

  it('a rate limit emits the calls that wait, and those it rejects', async () => {
    const policy = rateLimit({ limit: 1, per: 100, maxWait: 100 });
    const seen: unknown[] = [];
    policy.on('enqueue', ({ waiting }) => seen.push(waiting));
    policy.on('reject', ({ error }) => seen.push(error));
    const calls = [policy.execute(() => 1), policy.execute(() => 1)];
    const rejected = await rejection(policy.execute(() => 1));
    await pass(100);
    await Promise.all(calls);
    assert.deepEqual(seen, [1, rejected]);
  });

  it('a fallback emits the strategy that answers, and the error', async () => {
    const policy = fallback([alternative('other', () => 'value')]);
    const seen: unknown[] = [];
    policy.on('fallback', (event) => seen.push(event));
    assert.equal(await policy.execute(failing), 'value');
    assert.deepEqual(seen, [{ policy: 'fallback', strategy: 'other', error: down }]);
  });

  it('a listener that throws or rejects fails no call, and is reported once', async (t) => {
    const warn = t.mock.method(process, 'emitWarning', () => undefined);
    const policy = fallback([alternative('other', () => 'value')]);
    policy.on('fallback', () => {
      throw new Error('listener');
    });
    policy.on('fallback', () => Promise.reject(new Error('later')));
    assert.equal(await policy.execute(failing), 'value');
    await pass(5);
    assert.equal(warn.mock.callCount(), 1);
    assert.match(
      String(warn.mock.calls[0]?.arguments[0]),
      /Policy fallback: a listener of 'fallback' failed: Error: listener/,
    );
  });

  it('rejects unknown events and listeners that are no functions', () => {
    assert.throws(() => retry().on('hedge' as never, () => {}), /Policy retry: there is no event "hedge"/);
    assert.throws(() => retry().once('retry', 1 as never), /Policy retry: a listener must be a function/);
    const orders = pipeline([retry()], { name: 'orders' });
    assert.throws(() => orders.on('nothing' as never, () => {}), /Pipeline orders: there is no event "nothing"/);
  });

  it('once() calls a listener for one event, and off() removes it', async () => {
    const policy = fallback([alternative('other', () => 'value')]);
    const seen: string[] = [];
    const listener = () => seen.push('removed');
    policy.once('fallback', () => seen.push('once'));
    policy.on('fallback', listener);
    policy.off('fallback', listener);
    await policy.execute(failing);
    await policy.execute(failing);
    assert.deepEqual(seen, ['once']);
  });
});

describe('events of a pipeline', () => {
  it('come from all of its layers, breakers included', async () => {
    const breaker = new CircuitBreaker({ name: 'orders', failureThreshold: 1 });
    const orders = pipeline([
      fallback([alternative('other', () => 'value')]),
      retry({ attempts: 2, delay: 0 }),
      breaker,
    ]);
    const seen: unknown[] = [];
    for (const event of ['retry', 'open', 'fallback', 'failure', 'reject'] as const) {
      orders.on(event, (payload) => seen.push([event, 'policy' in payload ? payload.policy : payload.breaker]));
    }
    await orders.execute(failing);
    assert.deepEqual(seen, [
      ['failure', 'orders'],
      ['open', 'orders'],
      ['retry', 'retry'],
      ['reject', 'orders'],
      ['fallback', 'fallback'],
    ]);
  });

  it('once() is one event of all layers, and off() ends each subscription', async () => {
    const policy = retry({ attempts: 3, delay: 0 });
    const orders = pipeline([policy]);
    const seen: string[] = [];
    const listener = () => seen.push('removed');
    orders.once('retry', () => seen.push('once'));
    orders.on('retry', listener);
    orders.off('retry', listener);
    const dropped = () => seen.push('dropped');
    orders.once('retry', dropped);
    orders.off('retry', dropped);
    await rejection(orders.execute(failing));
    assert.deepEqual(seen, ['once']);
  });
});
