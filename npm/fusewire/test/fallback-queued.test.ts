import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { fallbackErrorsOf } from 'fusewire/errors';
import { memoryQueue } from 'fusewire/queue';
import type { ReplayContext } from 'fusewire/queue';
import { deferred, open, quickBreaker, rejection, runScript, turn } from './support.ts';
import { orders } from './support-queued.ts';
import { down, fails } from './support-fallback.ts';

describe('queued()', () => {
  it('answers with a receipt, and runs the operation at replay()', async () => {
    const { queue, done, strategy, enqueue } = orders();
    const answer = await enqueue(1);
    assert.equal(answer.source, 'fallback:queue');
    assert.deepEqual(answer.value, { id: '1', key: 'order 1', duplicate: false });
    assert.deepEqual((await enqueue(1)).value, { id: '1', key: 'order 1', duplicate: true });
    assert.deepEqual([done, (await queue.size()).waiting], [[], 1]);
    assert.deepEqual(await strategy.replay(), { completed: 1, failed: 0, buried: 0, stopped: false });
    assert.deepEqual([done, (await queue.size()).waiting], [[1], 0]);
    assert.deepEqual(await strategy.replay(), { completed: 0, failed: 0, buried: 0, stopped: false });
    assert.deepEqual(strategy.getStats(), {
      name: 'queue',
      totalQueued: 1,
      totalDuplicates: 1,
      totalCompleted: 1,
      totalFailed: 0,
      totalBuried: 0,
    });
  });

  it('passes key, attempt and signal to the operation', async () => {
    const seen: [number, ReplayContext][] = [];
    const { strategy, enqueue } = orders({ operation: (number, context) => void seen.push([number, context]) });
    await enqueue(7);
    await strategy.replay();
    const [number, { key, attempt, signal }] = seen[0] as [number, ReplayContext];
    assert.deepEqual(
      { number, key, attempt, aborted: signal.aborted },
      { number: 7, key: 'order 7', attempt: 1, aborted: false },
    );
  });

  it('rejects with the error of the call where the message cannot be queued', async () => {
    const full = memoryQueue<number>({ maxSize: 1 });
    const { enqueue } = orders({ queue: full });
    await enqueue(1);
    assert.equal(await rejection(enqueue(2)), down);
    assert.match(String(fallbackErrorsOf(down)[0]?.error), /it is full/);
    for (const wrong of [
      { idempotencyKey: () => undefined as never },
      { idempotencyKey: () => '' },
      { idempotencyKey: () => Promise.reject(new Error('no key')) },
      { payload: () => undefined as never },
      {
        payload: () => {
          throw new Error('no payload');
        },
      },
    ]) {
      assert.equal(await rejection(orders(wrong).enqueue(1)), down);
      assert.equal(fallbackErrorsOf(down).length, 1);
    }
  });

  it('runs operations one after the other, in order', async () => {
    const trace: string[] = [];
    const { strategy, enqueue } = orders({
      async operation(number) {
        trace.push(`begin ${number}`);
        await turn();
        trace.push(`end ${number}`);
      },
    });
    for (const number of [1, 2, 3]) await enqueue(number);
    await strategy.replay();
    assert.deepEqual(
      trace,
      [1, 2, 3].flatMap((number) => [`begin ${number}`, `end ${number}`]),
    );
  });

  it('runs `concurrency` operations at once, started in order', async () => {
    const works = Array.from({ length: 5 }, () => deferred());
    const started: number[] = [];
    const { strategy, enqueue } = orders({
      concurrency: 2,
      operation(number) {
        started.push(number);
        return works[number]?.promise;
      },
    });
    for (const number of works.keys()) await enqueue(number);
    const replay = strategy.replay();
    await turn();
    assert.deepEqual(started, [0, 1]);
    works[1]?.resolve(1);
    await turn();
    assert.deepEqual(started, [0, 1, 2]);
    for (const work of works) work.resolve(1);
    assert.equal((await replay).completed, 5);
    assert.deepEqual(started, [0, 1, 2, 3, 4]);
  });

  it('retries a message in place, and makes it a dead letter after maxAttempts', async () => {
    const trace: string[] = [];
    const { queue, strategy, enqueue } = orders({
      maxAttempts: 3,
      operation(number, { attempt }) {
        trace.push(`${number}.${attempt}`);
        if (number === 1) throw new RangeError(`attempt ${attempt}`);
      },
    });
    for (const number of [1, 2]) await enqueue(number);
    assert.deepEqual(await strategy.replay(), { completed: 1, failed: 3, buried: 1, stopped: false });
    assert.deepEqual(trace, ['1.1', '1.2', '1.3', '2.1']);
    const [letter] = await queue.deadLetters();
    assert.deepEqual(letter, { id: '1', key: 'order 1', payload: 1, attempts: 3, lastError: 'RangeError: attempt 3' });
    assert.deepEqual((await enqueue(1)).value, { id: '1', key: 'order 1', duplicate: true });
    await queue.revive('1');
    trace.length = 0;
    await strategy.replay();
    assert.deepEqual(trace, ['1.1', '1.2', '1.3']);
    assert.equal(strategy.getStats().totalBuried, 2);
  });

  it('counts every kind of failure of the operation', async () => {
    const ways: (() => unknown)[] = [
      () => {
        throw undefined;
      },
      () => Promise.reject(null),
      () => ({ then: (_: unknown, reject: (error: unknown) => void) => reject('thenable') }),
      () => ({
        get then() {
          throw new Error('getter');
        },
      }),
    ];
    for (const operation of ways) {
      const { queue, strategy, enqueue } = orders({ maxAttempts: 1, operation });
      await enqueue(1);
      assert.equal((await strategy.replay()).buried, 1);
      assert.equal((await queue.size()).dead, 1);
    }
  });

  it('makes a message a dead letter where the process ended during every attempt', async () => {
    const { queue, strategy, enqueue } = orders({ maxAttempts: 2, operation: () => assert.fail('must not run') });
    mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
    try {
      await enqueue(1);
      for (let crash = 0; crash < 2; crash++) {
        await queue.claim(1_000);
        mock.timers.tick(1_000);
      }
      assert.deepEqual(await strategy.replay(), { completed: 0, failed: 0, buried: 1, stopped: false });
      assert.match(String((await queue.deadLetters())[0]?.lastError), /no attempt reported an error/);
    } finally {
      mock.timers.reset();
    }
  });

  it('does not count an attempt that a policy rejected', async () => {
    const { breaker } = quickBreaker('wasm');
    const attempts: number[] = [];
    let isOpen = true;
    const { queue, strategy, enqueue } = orders({
      maxAttempts: 1,
      operation: (_number, { attempt }) => (isOpen ? breaker.execute(fails) : attempts.push(attempt)),
    });
    await open(breaker);
    for (const number of [1, 2]) await enqueue(number);
    for (let replay = 0; replay < 3; replay++) {
      assert.deepEqual(await strategy.replay(), { completed: 0, failed: 0, buried: 0, stopped: true });
    }
    assert.deepEqual(await queue.size(), { waiting: 2, leased: 0, dead: 0 });
    isOpen = false;
    assert.equal((await strategy.replay()).completed, 2);
    assert.deepEqual(attempts, [1, 1]);
  });
});

it('a process exits while messages are queued', () => {
  const { stdout, status } = runScript(
    `import { CircuitBreaker, fallback } from 'fusewire';
    import { memoryQueue, queued } from 'fusewire/queue';
    const breaker = new CircuitBreaker({ name: 'mpesa' });
    breaker.forceOpen();
    const strategy = queued({ queue: memoryQueue(), breaker, payload: () => 1, idempotencyKey: () => 'key', operation: () => 1 });
    await fallback([strategy]).execute(() => breaker.execute(() => 1));
    await strategy.replay();
    console.log('done');`,
  );
  assert.deepEqual({ stdout, status }, { stdout: 'done', status: 0 });
});
