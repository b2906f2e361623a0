import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { bulkhead, cache, CircuitBreaker, hedge, pipeline, rateLimit, retry, retryBudget, timeout } from 'fusewire';
import { failWith, hang, manualClock, scripted, succeed, times } from '@fusewire/testing';

test('manualClock() moves the open time of a breaker', async () => {
  const clock = manualClock();
  const breaker = new CircuitBreaker({ clock, failureThreshold: 1, successThreshold: 1, resetTimeout: 5_000 });
  const dependency = scripted([failWith(), succeed('back')]);
  await assert.rejects(breaker.execute(dependency));
  clock.advance(4_999);
  assert.equal(breaker.state, 'OPEN');
  clock.advance(1);
  assert.equal(await breaker.execute(dependency), 'back');
  assert.equal(breaker.state, 'CLOSED');
});

test('manualClock() drives the call timeout of a breaker, and the time of a scripted dependency', async () => {
  const clock = manualClock();
  const breaker = new CircuitBreaker({ clock, timeout: 30_000 });
  const dependency = scripted([hang(), succeed('late', { after: 40_000 }), succeed('in time', { after: 20_000 })], {
    clock,
  });
  const hung = assert.rejects(breaker.execute(dependency), { name: 'CallTimeoutError' });
  const late = assert.rejects(breaker.execute(dependency), { name: 'CallTimeoutError' });
  const inTime = breaker.execute(dependency);
  clock.advance(20_000);
  assert.equal(await inTime, 'in time');
  assert.equal(breaker.getStats().totalTimeouts, 0);
  clock.advance(10_000);
  await Promise.all([hung, late]);
  assert.equal(breaker.getStats().totalTimeouts, 2);
  assert.equal(clock.timers, 0);
});

test('manualClock() drives the timeouts and the delays of a pipeline', async () => {
  const clock = manualClock();
  const down = times(2, failWith(new Error('down')));
  const dependency = scripted([...down, succeed('back'), hang()], { clock, afterwards: 'repeat' });
  const orders = pipeline({
    clock,
    timeout: 10_000,
    retry: { attempts: 3, delay: 1_000 },
    breaker: {},
    attemptTimeout: 2_000,
  });
  const call = orders.execute(dependency);
  await clock.advanceAsync(1_999);
  assert.equal(dependency.calls.length, 2);
  await clock.advanceAsync(1);
  assert.equal(await call, 'back');
  const hung = assert.rejects(orders.execute(dependency), { name: 'CallTimeoutError' });
  await clock.advanceAsync(10_000);
  await hung;
  assert.equal(clock.timers, 0);
});

test('manualClock() drives a retry that would wait past the timeout around it', async () => {
  const clock = manualClock();
  const orders = pipeline([timeout({ timeout: 5_000, clock }), retry({ delay: 6_000, clock })]);
  const call = orders.execute(() => Promise.reject(new Error('down')));
  await assert.rejects(call, { name: 'CallTimeoutError', message: /comes before the next attempt/ });
  assert.equal(clock.timers, 0);
});

test('manualClock() drives the waits of limits', async () => {
  const clock = manualClock();
  const limited = rateLimit({ limit: 1, per: 1_000, maxWait: 5_000, clock });
  const started: number[] = [];
  const calls = [1, 2, 3].map(() => limited.execute(() => started.push(clock())));
  await clock.advanceAsync(5_000);
  await Promise.all(calls);
  assert.deepEqual(started, [0, 1_000, 2_000]);

  const narrow = bulkhead({ limit: 1, queueSize: 1, maxWait: 500, clock });
  const running = narrow.execute(scripted([succeed('done', { after: 1_000 })], { clock }));
  const waiting = assert.rejects(
    narrow.execute(() => 1),
    { name: 'BulkheadFullError', reason: 'queue-timeout' },
  );
  await clock.advanceAsync(500);
  await waiting;
  await clock.advanceAsync(500);
  assert.equal(await running, 'done');
});

test('manualClock() drives hedges, budgets, adaptive limits and the ages of caches', async () => {
  const clock = manualClock();
  const slow = scripted([hang(), succeed('copy')], { clock });
  const hedged = hedge({ delay: 100, clock, idempotent: true }).execute(slow);
  clock.advance(99);
  assert.equal(slow.calls.length, 1);
  clock.advance(1);
  assert.equal(await hedged, 'copy');

  const budget = retryBudget({ minimumPerSecond: 1, window: 1_000, share: 0, clock });
  assert.equal(budget.getStats().balance, 1);

  const prices = cache({ freshFor: 1_000, clock });
  let calls = 0;
  const price = () => prices.execute(() => ++calls, { key: 'EUR' });
  assert.deepEqual([await price(), await price()], [1, 1]);
  clock.advance(1_000);
  assert.equal(await price(), 2);
});

test('manualClock() drives ready()', async () => {
  const clock = manualClock();
  const breaker = new CircuitBreaker({ clock, failureThreshold: 1, resetTimeout: 5_000 });
  await assert.rejects(breaker.execute(scripted([failWith()])));
  let isReady = false;
  const waiting = breaker.ready().then(() => (isReady = true));
  await clock.advanceAsync(4_999);
  assert.equal(isReady, false);
  await clock.advanceAsync(1);
  assert.equal(await waiting, true);
});

test('manualClock() falls back on the timers of the runtime where its own throw', async () => {
  const clock = Object.assign(() => 0, {
    setTimer: () => {
      throw new Error('no timers');
    },
  });
  const warned = once(process, 'warning');
  const hung = timeout({ timeout: 1, clock }).execute(() => new Promise(() => {}));
  await assert.rejects(hung, { name: 'CallTimeoutError' });
  const [warning] = (await warned) as [Error];
  assert.match(warning.message, /^Policy timeout: the clock failed: .*no timers/);
});

test('manualClock() runs timers in the order of their times, and lets promises settle in between', async () => {
  const clock = manualClock();
  const order: string[] = [];
  clock.setTimer(() => order.push(`second at ${clock()}`), 20);
  clock.setTimer(() => {
    order.push(`first at ${clock()}`);
    void Promise.resolve().then(() => clock.setTimer(() => order.push(`inner at ${clock()}`), 5));
  }, 10);
  const remove = clock.setTimer(() => order.push('removed'), 15);
  remove();
  assert.equal(await clock.advanceAsync(20), 20);
  assert.deepEqual(order, ['first at 10', 'inner at 15', 'second at 20']);
});

test('manualClock() starts at the given time, and returns the current one', () => {
  const clock = manualClock(100);
  assert.equal(clock.advance(0.5), 100.5);
  assert.equal(clock.now, 100.5);
  assert.equal(clock(), 100.5);
});

test('manualClock() rejects invalid times', async () => {
  const clock = manualClock();
  for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as never]) {
    assert.throws(() => clock.advance(bad), { name: 'RangeError', message: /advance takes a finite number .* got/ });
  }
  assert.throws(() => manualClock('s3cr3t' as never), /of milliseconds, got a value of type string$/);
  assert.throws(() => manualClock().advance('s3cr3t' as never), /from 0, got a value of type string$/);
  await assert.rejects(clock.advanceAsync(-1), /advanceAsync takes a finite number/);
  assert.throws(() => manualClock(Number.NaN), /start must be a finite number of milliseconds, got NaN/);
});
