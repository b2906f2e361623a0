import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { bulkhead, CircuitBreaker, BulkheadFullError, CallTimeoutError, pipeline, retry, timeout } from 'fusewire';
import type { Bulkhead } from 'fusewire';
import { assertProblems, deferred, open, rejection, runScript, turn } from './support.ts';
import type { Deferred } from './support.ts';

describe('bulkhead()', () => {
  it('admits `limit` calls at once and rejects the rest', async () => {
    const limiter = bulkhead({ name: 'orders', limit: 2 });
    const works = [deferred<number>(), deferred<number>()] as const;
    const calls = works.map(({ promise }) => limiter.execute(() => promise));
    const error = await rejection(limiter.execute(() => assert.fail('must not run')));
    assert.ok(error instanceof BulkheadFullError && error instanceof Error);
    assert.equal(error.message, 'Policy orders: no slot is free (2 running, 0 waiting)');
    assert.equal(error.name, 'BulkheadFullError');
    assert.equal(error.stack?.includes('\n'), false);
    const { code, policy, reason } = error;
    assert.deepEqual({ code, policy, reason }, { code: 'ERR_BULKHEAD_FULL', policy: 'orders', reason: 'full' });
    assert.deepEqual(
      limiter.getStats(),
      stats({ name: 'orders', limit: 2, running: 2, totalCalls: 3, totalAdmitted: 2, totalRejected: 1 }),
    );
    works.forEach(({ resolve }, index) => resolve(index));
    assert.deepEqual(await Promise.all(calls), [0, 1]);
    assert.equal(limiter.getStats().running, 0);
  });

  it('settles as the work does and frees the slot in every case', async () => {
    const limiter = bulkhead({ limit: 1 });
    const error = new Error('down');
    assert.equal(await limiter.execute(() => 1), 1);
    assert.equal(await rejection(limiter.execute(() => Promise.reject(error))), error);
    const throwing = () => {
      throw error;
    };
    assert.equal(await rejection(limiter.execute(throwing)), error);
    assert.equal(await limiter.execute(async () => 2), 2);
    assert.deepEqual(limiter.getStats(), stats({ limit: 1, totalCalls: 4, totalAdmitted: 4 }));
  });

  it('queues calls and runs them in order of arrival', async () => {
    const limiter = bulkhead({ limit: 1, queueSize: 3 });
    const calls = new NamedCalls(limiter);
    calls.start('first');
    for (const name of ['second', 'third', 'fourth']) calls.start(name);
    assert.ok((await rejection(limiter.execute(() => 1))) instanceof BulkheadFullError);
    assert.equal(limiter.getStats().waiting, 3);
    for (const name of ['first', 'second', 'third', 'fourth']) {
      assert.equal(calls.started.at(-1), name);
      await calls.finish(name);
    }
    assert.deepEqual(calls.started, ['first', 'second', 'third', 'fourth']);
    assert.deepEqual(limiter.getStats(), stats({ limit: 1, totalCalls: 5, totalAdmitted: 4, totalRejected: 1 }));
  });

  it('runs queued calls of a higher priority first', async () => {
    const limiter = bulkhead({ limit: 1, queueSize: 10 });
    const calls = new NamedCalls(limiter);
    calls.start('first');
    for (const priority of [0, undefined, 4, 2, 1, 4, 3] as const) calls.start(`${priority} ${calls.count}`, priority);
    const order = ['first', '4 3', '4 6', '3 7', 'undefined 2', '2 4', '1 5', '0 1'];
    for (const name of order) await calls.finish(name);
    assert.deepEqual(calls.started, order);
  });

  it('queues a call that queued work makes to the same bulkhead', async () => {
    const limiter = bulkhead({ limit: 1, queueSize: 1 });
    const work = deferred();
    const first = limiter.execute(() => work.promise);
    const second = limiter.execute(() => limiter.execute(() => 'inner'));
    work.resolve(1);
    await first;
    const third = limiter.execute(() => 'third');
    third.catch(() => undefined);
    await turn();
    // The second call holds the slot that its inner call waits for. The inner call fills the queue.
    assert.equal(limiter.getStats().running, 1);
    void second.catch(() => undefined);
    assert.ok((await rejection(limiter.execute(() => 1))) instanceof BulkheadFullError);
  });

  it('removes an aborted call from the queue at once', async () => {
    const limiter = bulkhead({ limit: 1, queueSize: 2 });
    const named = new NamedCalls(limiter);
    named.start('first');
    const controller = new AbortController();
    const calls = [1, 2].map(() => limiter.execute(() => assert.fail('must not run'), { signal: controller.signal }));
    assert.equal(limiter.getStats().waiting, 2);
    controller.abort('changed my mind');
    assert.equal(limiter.getStats().waiting, 0);
    for (const call of calls) assert.equal(await rejection(call), 'changed my mind');
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    named.start('second');
    await named.finish('first');
    assert.deepEqual(named.started, ['first', 'second']);
    await named.finish('second');
    assert.deepEqual(limiter.getStats(), stats({ limit: 1, totalCalls: 4, totalAdmitted: 2, totalAborted: 2 }));
  });

  it('removes 100 000 aborted calls from the middle of the queue', async () => {
    const limiter = bulkhead({ limit: 1, queueSize: 100_000 });
    const work = deferred<number>();
    const first = limiter.execute(() => work.promise);
    const controllers = Array.from({ length: 100_000 }, () => new AbortController());
    const calls = controllers.map(({ signal }) => limiter.execute(() => 1, { signal }));
    for (let index = 0; index < 99_999; index++) {
      const controller = controllers[(index * 7_919) % 99_999] as AbortController;
      calls[(index * 7_919) % 99_999]?.catch(() => undefined);
      controller.abort(index);
    }
    assert.equal(limiter.getStats().waiting, 1);
    work.resolve(0);
    assert.equal(await first, 0);
    assert.equal(await calls.at(-1), 1);
  });

  it('keeps its slots and counts right whenever calls are aborted', async () => {
    const limiter = bulkhead({ limit: 3, queueSize: 5 });
    const calls: Promise<unknown>[] = [];
    const works: Deferred<unknown>[] = [];
    for (let step = 0; step < 3_000; step++) {
      const controller = new AbortController();
      const work = deferred();
      // The work of a call that gets no slot is never awaited.
      work.promise.catch(() => undefined);
      works.push(work);
      calls.push(limiter.execute(() => work.promise, { signal: controller.signal, priority: (step % 5) as 0 }));
      calls.at(-1)?.catch(() => undefined);
      if (step % 3 === 0) controller.abort(step);
      if (step % 4 === 0) works[(step * 31) % works.length]?.resolve(step);
      if (step % 5 === 0) works[(step * 17) % works.length]?.reject(step);
      if (step % 7 === 0) await turn();
      const { running, waiting, overrunning } = limiter.getStats();
      assert.ok(running <= 3 && waiting <= 5 && overrunning <= running);
    }
    works.forEach(({ resolve }) => resolve('end'));
    await Promise.allSettled(calls);
    await turn();
    const { running, waiting, overrunning, totalCalls, ...totals } = limiter.getStats();
    assert.deepEqual(
      { running, waiting, overrunning, totalCalls },
      { running: 0, waiting: 0, overrunning: 0, totalCalls: 3_000 },
    );
    const { totalAdmitted, totalRejected, totalDisplaced, totalAborted, totalQueueTimeouts } = totals;
    assert.equal(totalAdmitted + totalRejected + totalDisplaced + totalAborted + totalQueueTimeouts, 3_000);
    assert.ok(totalAborted > 0 && totalRejected > 0 && totalDisplaced > 0);
  });
});

describe('a slot', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  const depths: Record<string, (limiter: Bulkhead) => { execute: Bulkhead['execute'] }> = {
    'a timeout inside': (limiter) => pipeline([limiter, timeout(50)]),
    'a timeout around it': (limiter) => pipeline([timeout(50), limiter]),
    'a breaker inside': (limiter) => pipeline([limiter, new CircuitBreaker({ timeout: 50 })]),
    'timeouts everywhere': (limiter) => {
      const breaker = new CircuitBreaker({ timeout: 70 });
      return pipeline([timeout(80), retry({ attempts: 1 }), breaker, limiter, timeout(60), timeout(50)]);
    },
  };
  for (const [depth, make] of Object.entries(depths)) {
    it(`is held until the work has settled, although ${depth} has ended the call`, async () => {
      const limiter = bulkhead({ limit: 1, queueSize: 1 });
      const calls = make(limiter);
      const work = deferred();
      const call = calls.execute(() => work.promise);
      mock.timers.tick(50);
      assert.ok((await rejection(call)) instanceof CallTimeoutError);
      await turn();
      const { running, overrunning } = limiter.getStats();
      assert.deepEqual({ running, overrunning }, { running: 1, overrunning: 1 });
      let isRunning = false;
      const next = calls.execute(() => (isRunning = true));
      await turn();
      assert.equal(isRunning, false);
      work.reject(new Error('nobody waits for this'));
      assert.equal(await next, true);
      await turn();
      assert.equal(limiter.getStats().running, 0);
      assert.equal(limiter.getStats().overrunning, 0);
    });
  }

  it("is held until the work has settled after the caller's abort", async () => {
    const limiter = bulkhead({ limit: 1 });
    const controller = new AbortController();
    const work = deferred();
    const call = limiter.execute(() => work.promise, { signal: controller.signal });
    controller.abort('enough');
    assert.equal(await rejection(call), 'enough');
    assert.ok((await rejection(limiter.execute(() => 1))) instanceof BulkheadFullError);
    assert.equal(limiter.getStats().overrunning, 1);
    work.resolve(1);
    await turn();
    assert.equal(await limiter.execute(() => 1), 1);
  });

  it('is held in both of two nested bulkheads until the work has settled', async () => {
    const [outer, inner] = [bulkhead({ limit: 1 }), bulkhead({ limit: 1 })];
    const calls = pipeline([outer, inner, timeout(50)]);
    const work = deferred();
    const call = calls.execute(() => work.promise);
    mock.timers.tick(50);
    await rejection(call);
    for (const limiter of [outer, inner]) assert.equal(limiter.getStats().running, 1);
    work.resolve(1);
    await turn();
    for (const limiter of [outer, inner]) assert.equal(limiter.getStats().running, 0);
  });

  it('is waited for no longer than maxWait', async () => {
    const limiter = bulkhead({ name: 'orders', limit: 1, queueSize: 5, maxWait: 100 });
    const calls = new NamedCalls(limiter);
    calls.start('first');
    const waiting = limiter.execute(() => assert.fail('must not run'));
    mock.timers.tick(60);
    calls.start('second');
    mock.timers.tick(40);
    const error = await rejection(waiting);
    assert.ok(error instanceof BulkheadFullError);
    assert.equal(error.reason, 'queue-timeout');
    assert.equal(error.message, 'Policy orders: no slot became free in time (1 running, 2 waiting)');
    await calls.finish('first');
    mock.timers.tick(1_000);
    await calls.finish('second');
    assert.deepEqual(
      limiter.getStats(),
      stats({ name: 'orders', limit: 1, totalCalls: 3, totalAdmitted: 2, totalQueueTimeouts: 1 }),
    );
  });

  it('that is refused counts neither way in the breaker around it, and is not retried', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1 });
    const limiter = bulkhead({ limit: 1 });
    const calls = pipeline([retry({ delay: 0, retryIf: () => true }), breaker, limiter]);
    const work = deferred();
    const first = calls.execute(() => work.promise);
    for (let call = 0; call < 10; call++)
      assert.ok((await rejection(calls.execute(() => 1))) instanceof BulkheadFullError);
    const { totalIgnored, totalFailures, state } = breaker.getStats();
    assert.deepEqual({ totalIgnored, totalFailures, state }, { totalIgnored: 10, totalFailures: 0, state: 'CLOSED' });
    work.resolve(1);
    await first;
    await open(breaker);
    await rejection(calls.execute(() => 1));
    assert.equal(limiter.getStats().totalCalls, 11);
  });
});

describe('bulkhead() with wrong options', () => {
  for (const [options, problems] of [
    [{ limit: 0 }, ['limit']],
    [{ limit: 1.5 }, ['limit']],
    [{ queueSize: -1 }, ['queueSize']],
    [
      { limit: '1', queueSize: Number.NaN, maxWait: 0, name: '', size: 1 },
      ['limit', 'maxWait', 'name', 'queueSize', 'size'],
    ],
    [{ limit: () => 1 }, ['limit']],
    [null, ['options']],
  ] as const) {
    it(`throws for ${JSON.stringify(options)}`, () => assertProblems(() => bulkhead(options as never), problems));
  }
});

describe('a process with bulkheads', () => {
  it('frees the engine memory of bulkheads that are garbage collected', () => {
    const { stdout } = runScript(
      `
      import { bulkhead } from 'fusewire';
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      for (let round = 0; round < 20; round++) {
        for (let count = 0; count < 1_000; count++) bulkhead({ queueSize: 100 });
        await turn();
        gc();
        await turn();
      }
      console.log(process.memoryUsage().arrayBuffers < 20_000_000);
    `,
      '--expose-gc',
    );
    assert.equal(stdout, 'true');
  });
});

/** Makes calls by name, and records the order in which they got a slot. */
class NamedCalls {
  /** Names of the calls that got a slot, in order. */
  readonly started: string[] = [];
  count = 0;
  readonly #limiter: Bulkhead;
  readonly #works = new Map<string, Deferred<unknown>>();

  constructor(limiter: Bulkhead) {
    this.#limiter = limiter;
  }

  start(name: string, priority?: 0 | 1 | 2 | 3 | 4): void {
    this.count++;
    const work = deferred();
    this.#works.set(name, work);
    void this.#limiter.execute(
      () => {
        this.started.push(name);
        return work.promise;
      },
      { priority },
    );
  }

  async finish(name: string): Promise<void> {
    this.#works.get(name)?.resolve(name);
    await turn();
  }
}

function stats(different: Partial<ReturnType<Bulkhead['getStats']>>): ReturnType<Bulkhead['getStats']> {
  return {
    name: 'bulkhead',
    limit: 10,
    running: 0,
    waiting: 0,
    overrunning: 0,
    totalCalls: 0,
    totalAdmitted: 0,
    totalRejected: 0,
    totalDisplaced: 0,
    totalQueueTimeouts: 0,
    totalAborted: 0,
    totalAbandoned: 0,
    ...different,
  };
}
