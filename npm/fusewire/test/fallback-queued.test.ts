import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { CircuitBreaker, fallback, pipeline, retry } from 'fusewire';
import { fallbackErrorsOf } from 'fusewire/errors';
import { memoryQueue, queued, QueueFullError } from 'fusewire/queue';
import type { OperationContext } from 'fusewire/queue';
import { overriding } from '../../../tests/queues/overriding.ts';
import { deferred, open, quickBreaker, rejection, runScript } from './support.ts';
import { close, next, orders, settle } from './support-queued.ts';
import { down, fails } from './support-fallback.ts';

describe('queued()', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('answers with a receipt, and runs the operation', async () => {
    const { queue, done, strategy, enqueue } = orders();
    strategy.pause();
    const answer = await enqueue(1);
    assert.equal(answer.source, 'fallback:queue');
    assert.deepEqual(answer.value, { id: '1', key: 'order 1', topic: 'orders', status: 'new' });
    assert.deepEqual((await enqueue(1)).value, { id: '1', key: 'order 1', topic: 'orders', status: 'waiting' });
    assert.deepEqual([done, (await queue.size()).waiting], [[], 1]);
    strategy.resume();
    await settle();
    assert.deepEqual([done, (await queue.size()).waiting], [[1], 0]);
    assert.deepEqual(strategy.getStats(), {
      name: 'queue',
      topic: 'orders',
      state: 'running',
      running: 0,
      totalQueued: 1,
      totalDuplicates: 1,
      totalRevived: 0,
      totalNotQueued: 0,
      totalDone: 1,
      totalFailed: 0,
      totalReleased: 0,
      totalBuried: 0,
      totalLeasesLost: 0,
      totalExpired: 0,
      totalFaults: 0,
    });
    await strategy.close();
  });

  it('runs what an earlier process left, without any call', async () => {
    const queue = memoryQueue<number>();
    await queue.enqueue({ key: 'left', payload: 7, topic: 'orders' });
    const { done, strategy } = orders({ queue });
    await settle();
    assert.deepEqual(done, [7]);
    await strategy.close();
  });

  it('runs what another process left under a lease, once that has expired', async () => {
    const queue = memoryQueue<number>();
    await queue.enqueue({ key: 'left', payload: 7, topic: 'orders' });
    const dying = queue.consume({ topic: 'orders', leaseTime: 1_000 }, () => new Promise(() => undefined));
    await settle();
    // A process that is killed settles nothing, and sends no heartbeat.
    mock.timers.setTime(Date.now() + 1_000);
    const { done, strategy } = orders({ queue });
    await settle();
    assert.deepEqual(done, [7]);
    const closing = Promise.all([strategy.close(), dying.close({ timeout: 0 })]);
    mock.timers.tick(1);
    await closing;
  });

  it('passes key, topic, attempt and signal to the operation', async () => {
    const seen: [number, OperationContext][] = [];
    const { strategy, enqueue } = orders({ operation: (number, context) => void seen.push([number, context]) });
    await enqueue(7);
    await settle();
    const [number, { key, topic, attempt, signal }] = seen[0] as [number, OperationContext];
    assert.deepEqual(
      { number, key, topic, attempt, aborted: signal.aborted },
      { number: 7, key: 'order 7', topic: 'orders', attempt: 1, aborted: false },
    );
    await strategy.close();
  });

  it('never runs the operations of another topic, also for the same key', async () => {
    const queue = memoryQueue<number>();
    const mails = orders({ queue, topic: 'mails' });
    const charges = orders({ queue, topic: 'charges' });
    await mails.enqueue(1);
    await charges.enqueue(1);
    await settle();
    assert.deepEqual([mails.done, charges.done], [[1], [1]]);
    await Promise.all([mails.strategy.close(), charges.strategy.close()]);
  });

  it('rejects with the error of the call where the message cannot be queued', async () => {
    const full = memoryQueue<number>({ maxSize: 1 });
    await full.enqueue({ key: 'other', payload: 1 });
    for (const wrong of [
      { queue: full },
      { key: () => undefined as never },
      { key: ({ args }: { args: readonly unknown[] }) => String(args[5]) },
      { key: () => '' },
      { key: () => Promise.reject(new Error('no key')) },
      { payload: () => undefined as never },
      {
        payload: () => {
          throw new Error('no payload');
        },
      },
    ]) {
      const { enqueue, strategy } = orders(wrong);
      const notQueued = next(strategy, 'notQueued');
      assert.equal(await rejection(enqueue(1)), down);
      assert.equal(fallbackErrorsOf(down).length, 1);
      assert.equal((await notQueued).error, fallbackErrorsOf(down)[0]?.error);
      assert.equal((await notQueued).error instanceof QueueFullError, 'queue' in wrong);
      assert.equal(strategy.getStats().totalNotQueued, 1);
      await strategy.close();
    }
  });

  it('never makes one shared key of calls without a key', async () => {
    const { queue, policy, strategy } = orders();
    assert.equal(await rejection(policy.execute(fails, { args: [1] })), down);
    assert.match(String(fallbackErrorsOf(down)[0]?.error), /must have the option key/);
    const stringified = orders({ key: ({ key }) => String(key) });
    assert.equal(await rejection(stringified.policy.execute(fails, { args: [1] })), down);
    assert.match(String(fallbackErrorsOf(down)[0]?.error), /must identify the operation/);
    assert.equal((await queue.size()).waiting, 0);
    await Promise.all([strategy.close(), stringified.strategy.close()]);
  });

  it('rejects with the error of the call after enqueueTimeout, and keeps the reason', async () => {
    const { inner, queue, stored } = slowQueue();
    const { enqueue, strategy } = orders({ queue, enqueueTimeout: 500, retryDelay: 60_000 });
    const queuedEvent = next(strategy, 'queued');
    const call = rejection(enqueue(1));
    await settle();
    mock.timers.tick(500);
    assert.equal(await call, down);
    assert.match(String(fallbackErrorsOf(down)[0]?.error), /no receipt after 500 ms; the message may be stored/);
    stored.resolve(undefined);
    assert.equal((await queuedEvent).answered, false);
    assert.equal((await inner.size()).waiting, 1);
    await strategy.close();
  });

  it('rejects with the reason of a caller that aborts while its call is put off, and says that it runs nevertheless', async () => {
    const { queue, stored } = slowQueue();
    const { policy, strategy, done } = orders({ queue });
    const controller = new AbortController();
    const queuedEvent = next(strategy, 'queued');
    const call = rejection(policy.execute(fails, { key: 'order 1', args: [1], signal: controller.signal }));
    await settle();
    const reason = new Error('the caller lost patience');
    controller.abort(reason);
    assert.equal(await call, reason);
    stored.resolve(undefined);
    assert.equal((await queuedEvent).answered, false);
    await settle();
    assert.deepEqual(done, [1]);
    await strategy.close();
  });

  it('does not answer its own operation with a receipt', async () => {
    for (const passesSignal of [true, false]) {
      const attempts: number[] = [];
      const { queue, strategy, policy, enqueue } = orders({
        operation: (number, { key, attempt, signal }) => {
          attempts.push(attempt);
          const work = () => (attempt < 3 ? fails() : 'done');
          const calls = pipeline([policy, retry({ attempts: 2, delay: 0 })], { checked: false });
          return calls.execute(work, { key, args: [number], ...(passesSignal && { signal }) });
        },
      });
      await enqueue(1);
      for (let step = 0; step < 20; step++) {
        await settle();
        mock.timers.tick(10);
      }
      assert.deepEqual(attempts, [1, 2, 3]);
      assert.deepEqual(await queue.size(), { waiting: 0, running: 0, dead: 0, oldestAge: null });
      await strategy.close();
    }
  });

  it('answers another call of the key with a receipt while the operation runs', async () => {
    const work = deferred();
    const { strategy, enqueue } = orders({ operation: () => work.promise });
    await enqueue(1);
    await settle();
    assert.equal(((await enqueue(1)).value as { status: string }).status, 'running');
    work.resolve(1);
    await strategy.close();
  });

  it('waits for retryDelay before the operation, because the call has just failed', async () => {
    const { done, strategy, enqueue } = orders({ retryDelay: 1_000, pollInterval: 60_000 });
    await enqueue(1);
    await settle();
    mock.timers.tick(999);
    await settle();
    assert.deepEqual(done, []);
    mock.timers.tick(1);
    await settle();
    assert.deepEqual(done, [1]);
    await strategy.close();
  });
});

describe('queued() with a breaker', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('runs operations when the circuit closes: one at first, and twice as many with each success', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const works = Array.from({ length: 12 }, () => deferred());
    const started: number[] = [];
    const { strategy, enqueue } = orders({
      breaker,
      concurrency: 4,
      operation(number) {
        started.push(number);
        return works[number]?.promise;
      },
    });
    await open(breaker);
    for (const number of works.keys()) await enqueue(number);
    await settle();
    assert.deepEqual(started, []);
    await close(breaker, clock);
    const counts: number[] = [];
    for (const finished of [[], [0], [1, 2], [3, 4, 5, 6]]) {
      for (const number of finished) works[number]?.resolve(1);
      await settle();
      counts.push(started.length);
    }
    assert.deepEqual(counts, [1, 3, 7, 11]);
    for (const work of works) work.resolve(1);
    await strategy.close();
  });

  it('starts no operation after the circuit has opened, and goes on when it closes', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const works = [deferred(), deferred()] as const;
    const { queue, strategy, enqueue } = orders({ breaker, operation: (number) => works[number]?.promise });
    for (const number of works.keys()) await enqueue(number);
    await settle();
    await open(breaker);
    works[0].resolve(1);
    await settle();
    const { waiting, running } = await queue.size();
    assert.deepEqual({ waiting, running }, { waiting: 1, running: 0 });
    assert.deepEqual([strategy.getStats().totalDone, strategy.getStats().state], [1, 'paused']);
    await close(breaker, clock);
    works[1].resolve(1);
    await settle();
    assert.equal(strategy.getStats().totalDone, 2);
    await strategy.close();
  });

  it('closes the circuit by its operations where there are no live calls', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const { done, strategy, enqueue } = orders({ breaker, pollInterval: 100 });
    await open(breaker);
    for (const number of [1, 2, 3]) await enqueue(number);
    clock.advance(1_000);
    for (let step = 0; step < 5; step++) {
      await settle();
      mock.timers.tick(100);
    }
    await settle();
    assert.deepEqual([done, breaker.state], [[1, 2, 3], 'CLOSED']);
    await strategy.close();
  });

  it('puts back an operation that another breaker rejects, and runs the others', async () => {
    const { breaker } = quickBreaker('wasm');
    const inner = quickBreaker('wasm');
    await open(inner.breaker);
    const { queue, done, strategy, enqueue } = orders({
      breaker,
      maxAttempts: 1,
      operation: (number) => (number === 1 ? inner.breaker.execute(() => 1) : done.push(number)),
    });
    for (const number of [1, 2, 3]) await enqueue(number);
    await settle();
    assert.deepEqual(done, [2, 3]);
    const { waiting, dead } = await queue.size();
    assert.deepEqual({ waiting, dead }, { waiting: 1, dead: 0 });
    assert.equal(strategy.getStats().totalReleased, 1);
    await strategy.close();
  });

  it('opens no circuit for live calls by failures of operations', async () => {
    const { breaker } = quickBreaker('wasm', { failureThreshold: 3, failureRateThreshold: 0.2, minimumCalls: 5 });
    const { queue, strategy, enqueue } = orders({ breaker, operation: fails, maxAttempts: 10 });
    strategy.on('buried', () => undefined);
    await enqueue(1);
    for (let call = 0; call < 40; call++) {
      await breaker.execute(() => 'healthy');
      await settle();
    }
    assert.equal((await queue.size()).dead, 1);
    const { totalSuccesses, totalFailures, totalIgnored, stateChanges } = breaker.getStats();
    assert.deepEqual(
      { totalSuccesses, totalFailures, totalIgnored, stateChanges },
      { totalSuccesses: 40, totalFailures: 0, totalIgnored: 10, stateChanges: 0 },
    );
    await strategy.close();
  });

  it('starts nothing once the breaker is disposed, and loses no message', async () => {
    const { breaker } = quickBreaker('wasm');
    const { queue, strategy, enqueue } = orders({ breaker, maxAttempts: 1 });
    await settle();
    breaker.dispose();
    await enqueue(1);
    await settle();
    const { waiting, dead } = await queue.size();
    assert.deepEqual([waiting, dead, strategy.getStats().state], [1, 0, 'paused']);
    await strategy.close();
  });

  it('ignores transitions in shadow mode', async () => {
    const { breaker } = quickBreaker('wasm');
    const { done, strategy, enqueue } = orders({ breaker });
    breaker.shadow();
    for (let call = 0; call < 3; call++) await rejection(breaker.execute(fails));
    await enqueue(1);
    await settle();
    assert.deepEqual(done, [1]);
    await strategy.close();
  });

  it('goes by the classify of its breaker', async () => {
    const breaker = new CircuitBreaker({ classify: () => 'ignore' });
    const { queue, strategy, enqueue } = orders({ breaker, operation: fails });
    strategy.on('buried', () => undefined);
    await enqueue(1);
    await settle();
    assert.equal((await queue.size()).dead, 1);
    await strategy.close();
  });
});

it('a process exits while messages are queued', () => {
  const { stdout, status } = runScript(
    `import { CircuitBreaker, fallback } from 'fusewire';
    import { memoryQueue, queued, QueueFullError } from 'fusewire/queue';
    const breaker = new CircuitBreaker({ name: 'mpesa' });
    breaker.forceOpen();
    const strategy = queued({ queue: memoryQueue(), topic: 'a', breaker, payload: () => 1, key: () => 'key', operation: () => 1 });
    await fallback([strategy]).execute(() => breaker.execute(() => 1));
    console.log('done');`,
  );
  assert.deepEqual({ stdout, status }, { stdout: 'done', status: 0 });
});

it('queued() works with a queue of another package', async () => {
  const inner = memoryQueue<number>();
  const done = deferred();
  const strategy = queued<number>({
    queue: overriding(inner, {}),
    topic: 'orders',
    key: () => 'key',
    payload: () => 1,
    operation: done.resolve,
    retryDelay: 0,
  });
  await fallback([strategy]).execute(fails);
  assert.equal(await done.promise, 1);
  await strategy.close();
});

/** Returns a queue that stores messages once `stored` resolves. */
function slowQueue() {
  const inner = memoryQueue<number>();
  const stored = deferred();
  const queue = overriding(inner, {
    enqueue: async (message, options) => {
      await stored.promise;
      return inner.enqueue(message, options);
    },
  });
  return { inner, queue, stored };
}
