import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { pipeline, retry } from 'fusewire';
import { memoryQueue } from 'fusewire/queue';
import type { Queue } from 'fusewire/queue';
import { answered, deferred, open, quickBreaker, rejection, runScript, turn } from './support.ts';
import { close, orders } from './support-queued.ts';
import { down, fails } from './support-fallback.ts';

describe('the replay of queued() with a breaker', () => {
  it('starts when the circuit closes', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const { done, strategy, enqueue } = orders({ breaker });
    await open(breaker);
    for (const number of [1, 2, 3]) await enqueue(number);
    await turn();
    assert.deepEqual(done, []);
    await close(breaker, clock);
    await turn();
    assert.deepEqual(done, [1, 2, 3]);
    assert.equal(breaker.getStats().totalSuccesses, 5);
    assert.equal(strategy.getStats().totalCompleted, 3);
  });

  it('stops when the circuit opens again, and continues when it closes', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const done: number[] = [];
    let isDown = true;
    const { queue, strategy, enqueue } = orders({
      breaker,
      async operation(number) {
        if (isDown && number >= 2) {
          // Live calls fail as well, and open the circuit.
          await open(breaker);
          throw down;
        }
        done.push(number);
      },
    });
    await open(breaker);
    for (const number of [1, 2, 3]) await enqueue(number);
    await close(breaker, clock);
    for (let index = 0; index < 5; index++) await turn();
    assert.equal(breaker.state, 'OPEN');
    assert.deepEqual(done, [1]);
    assert.deepEqual(await queue.size(), { waiting: 2, leased: 0, dead: 0 });
    isDown = false;
    await close(breaker, clock);
    await turn();
    assert.deepEqual(done, [1, 2, 3]);
    assert.equal(strategy.getStats().totalFailed, 1);
  });

  it('finishes running operations when the circuit opens, and starts no more', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const works = [deferred(), deferred()] as const;
    const { queue, strategy, enqueue } = orders({ breaker, operation: (number) => works[number]?.promise });
    await open(breaker);
    for (const number of works.keys()) await enqueue(number);
    await close(breaker, clock);
    await turn();
    await open(breaker);
    works[0].resolve(1);
    for (let index = 0; index < 3; index++) await turn();
    assert.deepEqual(await queue.size(), { waiting: 1, leased: 0, dead: 0 });
    assert.equal(strategy.getStats().totalCompleted, 1);
  });

  it('starts retryDelay after a message is queued while the circuit is closed', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
    try {
      const { breaker } = quickBreaker('wasm');
      const { done, enqueue } = orders({ breaker, retryDelay: 1_000 });
      await enqueue(1);
      mock.timers.tick(999);
      await turn();
      assert.deepEqual(done, []);
      mock.timers.tick(1);
      await turn();
      assert.deepEqual(done, [1]);
    } finally {
      mock.timers.reset();
    }
  });

  it('ignores transitions in shadow mode', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const work = deferred();
    const { strategy, enqueue } = orders({ breaker, operation: () => work.promise });
    breaker.shadow();
    for (const number of [1, 2]) await enqueue(number);
    for (let call = 0; call < 3; call++) await rejection(breaker.execute(fails));
    clock.advance(1_000);
    work.resolve(1);
    for (let index = 0; index < 3; index++) await turn();
    assert.equal(strategy.getStats().totalCompleted, 2);
  });

  it('stops for good once the breaker is disposed, and loses no message', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const { queue, strategy, enqueue } = orders({ breaker, maxAttempts: 1 });
    await open(breaker);
    clock.advance(10);
    await enqueue(1);
    breaker.dispose();
    await enqueue(2);
    assert.deepEqual(await strategy.replay(), { completed: 0, failed: 0, buried: 0, stopped: true });
    assert.deepEqual(await queue.size(), { waiting: 2, leased: 0, dead: 0 });
  });

  it('works in a pipeline around the same breaker', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const { done, policy } = orders({ breaker });
    const calls = pipeline([policy, breaker]);
    await open(breaker);
    const { source } = await answered(calls.tryExecute(() => 'unseen', { key: 'order 1', args: [1] }));
    assert.equal(source, 'fallback:queue');
    await close(breaker, clock);
    await turn();
    assert.deepEqual(done, [1]);
    assert.deepEqual(await calls.tryExecute(() => 'seen', { key: 'order 2', args: [2] }), {
      status: 'success',
      value: 'seen',
      source: 'call',
    });
  });
});

describe('the replay of queued()', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('waits retryDelay after a failure, and twice as long after the next one', async () => {
    const attempts: number[] = [];
    const { strategy, enqueue } = orders({
      retryDelay: 500,
      operation(_number, { attempt }) {
        attempts.push(attempt);
        if (attempt < 3) throw down;
      },
    });
    await enqueue(1);
    const replay = strategy.replay();
    for (const [seen, delay] of [
      [[1], 500],
      [[1, 2], 1_000],
    ] as const) {
      await turn();
      mock.timers.tick(delay - 1);
      await turn();
      assert.deepEqual(attempts, seen);
      mock.timers.tick(1);
    }
    assert.deepEqual(await replay, { completed: 1, failed: 2, buried: 0, stopped: false });
  });

  it('extends the lease of a long operation', async () => {
    const work = deferred();
    const { queue, strategy, enqueue } = orders({ visibility: 1_000, operation: () => work.promise });
    await enqueue(1);
    const replay = strategy.replay();
    for (let step = 0; step < 10; step++) {
      await turn();
      mock.timers.tick(500);
    }
    assert.equal(await queue.claim(1_000), undefined);
    work.resolve(1);
    assert.equal((await replay).completed, 1);
  });

  it('aborts the signal of an operation that has lost its lease', async () => {
    const { queue, strategy, enqueue } = orders({
      visibility: 1_000,
      maxAttempts: 1,
      operation: (_number, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    await enqueue(1);
    const replay = strategy.replay();
    await turn();
    // A suspended process runs no timers.
    mock.timers.setTime(Date.now() + 1_400);
    const theirs = await queue.claim(60_000);
    assert.equal(theirs?.attempt, 2);
    mock.timers.tick(500);
    assert.deepEqual(await replay, { completed: 0, failed: 1, buried: 0, stopped: false });
    assert.equal(await queue.complete(theirs), true);
  });

  it('is shared by calls of replay() while it runs, and includes messages that are queued meanwhile', async () => {
    const work = deferred();
    const { done, strategy, enqueue } = orders({
      operation: async (number) => (await work.promise, done.push(number)),
    });
    await enqueue(1);
    const replay = strategy.replay();
    await turn();
    assert.equal(strategy.replay(), replay);
    await enqueue(2);
    work.resolve(1);
    assert.equal((await replay).completed, 2);
    assert.deepEqual(done, [1, 2]);
  });

  it('ends with close(), which waits for running operations', async () => {
    const work = deferred();
    const { queue, strategy, enqueue } = orders({ operation: () => work.promise });
    for (const number of [1, 2]) await enqueue(number);
    const replay = strategy.replay();
    await turn();
    let isClosed = false;
    const closing = strategy.close().then(() => (isClosed = true));
    await turn();
    assert.equal(isClosed, false);
    work.resolve(1);
    await closing;
    assert.deepEqual(await replay, { completed: 1, failed: 0, buried: 0, stopped: true });
    assert.deepEqual(await queue.size(), { waiting: 1, leased: 0, dead: 0 });
    assert.equal((await strategy.replay()).completed, 0);
  });

  it('ends at once with close() during a delay', async () => {
    const { strategy, enqueue } = orders({ retryDelay: 60_000, operation: fails });
    await enqueue(1);
    const replay = strategy.replay();
    await turn();
    await strategy.close();
    assert.equal((await replay).stopped, true);
  });

  it('wakes no other waiting call where close() is called twice', async () => {
    const { strategy, enqueue } = orders({ retryDelay: 60_000, operation: fails });
    await enqueue(1);
    const replay = strategy.replay();
    await turn();
    const others = [5_000, 6_000, 7_000].map((delay) =>
      retry({ attempts: 2, delay }).execute(({ attempt }) => (attempt === 1 ? fails() : delay)),
    );
    await turn();
    await Promise.all([strategy.close(), strategy.close()]);
    assert.equal((await replay).stopped, true);
    await turn();
    mock.timers.tick(7_000);
    await turn();
    assert.deepEqual(
      await Promise.race([Promise.all(others), turn().then(() => 'they still wait')]),
      [5_000, 6_000, 7_000],
    );
  });

  it('rejects where the queue rejects, and leaves the message in the queue', async () => {
    const broken = new Error('disk full');
    for (const method of ['claim', 'complete', 'fail', 'bury'] as const) {
      const inner = memoryQueue<number>();
      const queue: Queue<number> = new Proxy(inner, {
        get(target, name: keyof Queue) {
          if (name === method) return () => Promise.reject(broken);
          return target[name].bind(target);
        },
      });
      const { strategy, enqueue } = orders({
        queue,
        maxAttempts: method === 'bury' ? 1 : 2,
        operation: method === 'complete' ? () => 1 : fails,
      });
      await enqueue(1);
      assert.equal(await rejection(strategy.replay()), broken);
      await strategy.close();
      const { waiting, leased } = await inner.size();
      assert.equal(waiting + leased, 1);
    }
  });
});

it('an automatic replay reports a failure of the queue as a process warning', () => {
  const { stdout, stderr } = runScript(
    `import { CircuitBreaker, fallback } from 'fusewire';
    import { memoryQueue, queued } from 'fusewire/queue';
    process.on('warning', ({ message }) => console.log(message));
    const queue = memoryQueue();
    queue.claim = async () => { throw new Error('disk full'); };
    const breaker = new CircuitBreaker({ name: 'mpesa' });
    const strategy = queued({ name: 'orders', queue, breaker, payload: () => 1, idempotencyKey: () => 'key', operation: () => 1, retryDelay: 1 });
    await fallback([strategy]).execute(() => Promise.reject(new Error('down')));`,
    '--no-warnings',
  );
  assert.deepEqual({ stdout, stderr }, { stdout: 'Policy orders: the queue failed: Error: disk full', stderr: '' });
});
