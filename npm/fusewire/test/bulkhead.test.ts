import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { bulkhead, CircuitBreaker, isBulkheadFullError, isCallTimeoutError, pipeline, retry, timeout } from 'fusewire';
import type { Bulkhead } from 'fusewire';
import { assertProblems, deferred, open, rejection, runScript, turn } from './support.ts';
import type { Deferred } from './support.ts';

describe('a bulkhead', () => {
  it('lets so many calls be under way and rejects the others', async () => {
    const places = bulkhead({ name: 'places', limit: 2 });
    const works = [deferred<number>(), deferred<number>()] as const;
    const calls = works.map(({ promise }) => places.execute(() => promise));
    const error = await rejection(places.execute(() => assert.fail('must not run')));
    assert.ok(isBulkheadFullError(error) && error instanceof Error);
    assert.equal(error.message, 'Policy places: no place is left');
    assert.equal(error.name, 'BulkheadFullError');
    assert.equal(error.stack?.includes('\n'), false);
    const { code, policy, reason } = error;
    assert.deepEqual({ code, policy, reason }, { code: 'EBULKHEADFULL', policy: 'places', reason: 'full' });
    assert.deepEqual(
      places.getStats(),
      stats({ name: 'places', limit: 2, running: 2, totalCalls: 3, totalAdmitted: 2, totalRejected: 1 }),
    );
    works.forEach(({ resolve }, index) => resolve(index));
    assert.deepEqual(await Promise.all(calls), [0, 1]);
    assert.equal(places.getStats().running, 0);
  });

  it('settles as the work does, and has its place back in any case', async () => {
    const places = bulkhead({ limit: 1 });
    const error = new Error('down');
    assert.equal(await places.execute(() => 1), 1);
    assert.equal(await rejection(places.execute(() => Promise.reject(error))), error);
    const throwing = () => {
      throw error;
    };
    assert.equal(await rejection(places.execute(throwing)), error);
    assert.equal(await places.execute(async () => 2), 2);
    assert.deepEqual(places.getStats(), stats({ limit: 1, totalCalls: 4, totalAdmitted: 4 }));
  });

  it('has others wait, in the order in which they came', async () => {
    const places = bulkhead({ limit: 1, queueSize: 3 });
    const room = new Room(places);
    room.enter('first');
    for (const name of ['second', 'third', 'fourth']) room.enter(name);
    assert.ok(isBulkheadFullError(await rejection(places.execute(() => 1))));
    assert.equal(places.getStats().waiting, 3);
    for (const name of ['first', 'second', 'third', 'fourth']) {
      assert.equal(room.running.at(-1), name);
      await room.leave(name);
    }
    assert.deepEqual(room.running, ['first', 'second', 'third', 'fourth']);
    assert.deepEqual(places.getStats(), stats({ limit: 1, totalCalls: 5, totalAdmitted: 4, totalRejected: 1 }));
  });

  it('has the higher priority go first', async () => {
    const places = bulkhead({ limit: 1, queueSize: 10 });
    const room = new Room(places);
    room.enter('first');
    for (const priority of [0, undefined, 4, 2, 1, 4, 3] as const) room.enter(`${priority} ${room.entered}`, priority);
    const order = ['first', '4 3', '4 6', '3 7', 'undefined 2', '2 4', '1 5', '0 1'];
    for (const name of order) await room.leave(name);
    assert.deepEqual(room.running, order);
  });

  it('runs work of the queue that calls the bulkhead itself', async () => {
    const places = bulkhead({ limit: 1, queueSize: 1 });
    const work = deferred();
    const first = places.execute(() => work.promise);
    const second = places.execute(() => places.execute(() => 'inner'));
    work.resolve(1);
    await first;
    const third = places.execute(() => 'third');
    third.catch(() => undefined);
    await turn();
    // The second holds the place that its inner call waits for, with the only place of the queue.
    assert.equal(places.getStats().running, 1);
    void second.catch(() => undefined);
    assert.ok(isBulkheadFullError(await rejection(places.execute(() => 1))));
  });

  it('lets go of a call that is aborted in the queue at once', async () => {
    const places = bulkhead({ limit: 1, queueSize: 2 });
    const room = new Room(places);
    room.enter('first');
    const controller = new AbortController();
    const calls = [1, 2].map(() => places.execute(() => assert.fail('must not run'), { signal: controller.signal }));
    assert.equal(places.getStats().waiting, 2);
    controller.abort('changed my mind');
    assert.equal(places.getStats().waiting, 0);
    for (const call of calls) assert.equal(await rejection(call), 'changed my mind');
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    room.enter('second');
    await room.leave('first');
    assert.deepEqual(room.running, ['first', 'second']);
    await room.leave('second');
    assert.deepEqual(places.getStats(), stats({ limit: 1, totalCalls: 4, totalAdmitted: 2, totalAborted: 2 }));
  });

  it('takes 100 000 out of a queue as fast from its middle as from its end', async () => {
    const places = bulkhead({ limit: 1, queueSize: 100_000 });
    const work = deferred<number>();
    const first = places.execute(() => work.promise);
    const controllers = Array.from({ length: 100_000 }, () => new AbortController());
    const calls = controllers.map(({ signal }) => places.execute(() => 1, { signal }));
    for (let index = 0; index < 99_999; index++) {
      const controller = controllers[(index * 7_919) % 99_999] as AbortController;
      calls[(index * 7_919) % 99_999]?.catch(() => undefined);
      controller.abort(index);
    }
    assert.equal(places.getStats().waiting, 1);
    work.resolve(0);
    assert.equal(await first, 0);
    assert.equal(await calls.at(-1), 1);
  });

  it('loses no place where calls are aborted in every way', async () => {
    const places = bulkhead({ limit: 3, queueSize: 5 });
    const calls: Promise<unknown>[] = [];
    const works: Deferred<unknown>[] = [];
    for (let step = 0; step < 3_000; step++) {
      const controller = new AbortController();
      const work = deferred();
      // Of a call that gets no place, nobody ever looks at the work.
      work.promise.catch(() => undefined);
      works.push(work);
      calls.push(places.execute(() => work.promise, { signal: controller.signal, priority: (step % 5) as 0 }));
      calls.at(-1)?.catch(() => undefined);
      if (step % 3 === 0) controller.abort(step);
      if (step % 4 === 0) works[(step * 31) % works.length]?.resolve(step);
      if (step % 5 === 0) works[(step * 17) % works.length]?.reject(step);
      if (step % 7 === 0) await turn();
      const { running, waiting, overrunning } = places.getStats();
      assert.ok(running <= 3 && waiting <= 5 && overrunning <= running);
    }
    works.forEach(({ resolve }) => resolve('end'));
    await Promise.allSettled(calls);
    await turn();
    const { running, waiting, overrunning, totalCalls, ...totals } = places.getStats();
    assert.deepEqual(
      { running, waiting, overrunning, totalCalls },
      { running: 0, waiting: 0, overrunning: 0, totalCalls: 3_000 },
    );
    assert.equal(totals.totalAdmitted + totals.totalRejected + totals.totalAborted + totals.totalQueueTimeouts, 3_000);
    assert.ok(totals.totalAborted > 0 && totals.totalRejected > 0);
  });
});

describe('a place', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  const depths: Record<string, (places: Bulkhead) => { execute: Bulkhead['execute'] }> = {
    'a timeout inside': (places) => pipeline([places, timeout(50)]),
    'a timeout around it': (places) => pipeline([timeout(50), places]),
    'a breaker inside': (places) => pipeline([places, new CircuitBreaker({ timeout: 50 })]),
    'timeouts everywhere': (places) => {
      const breaker = new CircuitBreaker({ timeout: 70 });
      return pipeline([timeout(80), retry({ attempts: 1 }), breaker, places, timeout(60), timeout(50)]);
    },
  };
  for (const [depth, make] of Object.entries(depths)) {
    it(`is held until the work has really ended, whatever ${depth} tells the caller`, async () => {
      const places = bulkhead({ limit: 1, queueSize: 1 });
      const calls = make(places);
      const work = deferred();
      const call = calls.execute(() => work.promise);
      mock.timers.tick(50);
      assert.ok(isCallTimeoutError(await rejection(call)));
      await turn();
      const { running, overrunning } = places.getStats();
      assert.deepEqual({ running, overrunning }, { running: 1, overrunning: 1 });
      let isRunning = false;
      const next = calls.execute(() => (isRunning = true));
      await turn();
      assert.equal(isRunning, false);
      work.reject(new Error('nobody waits for this'));
      assert.equal(await next, true);
      await turn();
      assert.equal(places.getStats().running, 0);
      assert.equal(places.getStats().overrunning, 0);
    });
  }

  it("is held until the work has really ended after the caller's abort", async () => {
    const places = bulkhead({ limit: 1 });
    const controller = new AbortController();
    const work = deferred();
    const call = places.execute(() => work.promise, { signal: controller.signal });
    controller.abort('enough');
    assert.equal(await rejection(call), 'enough');
    assert.ok(isBulkheadFullError(await rejection(places.execute(() => 1))));
    assert.equal(places.getStats().overrunning, 1);
    work.resolve(1);
    await turn();
    assert.equal(await places.execute(() => 1), 1);
  });

  it('of two bulkheads around one another is held in both', async () => {
    const [outer, inner] = [bulkhead({ limit: 1 }), bulkhead({ limit: 1 })];
    const calls = pipeline([outer, inner, timeout(50)]);
    const work = deferred();
    const call = calls.execute(() => work.promise);
    mock.timers.tick(50);
    await rejection(call);
    for (const places of [outer, inner]) assert.equal(places.getStats().running, 1);
    work.resolve(1);
    await turn();
    for (const places of [outer, inner]) assert.equal(places.getStats().running, 0);
  });

  it('is waited for no longer than the queue lets a call', async () => {
    const places = bulkhead({ name: 'places', limit: 1, queueSize: 5, queueTimeout: 100 });
    const room = new Room(places);
    room.enter('first');
    const waiting = places.execute(() => assert.fail('must not run'));
    mock.timers.tick(60);
    room.enter('second');
    mock.timers.tick(40);
    const error = await rejection(waiting);
    assert.ok(isBulkheadFullError(error));
    assert.equal(error.reason, 'queue-timeout');
    assert.equal(error.message, 'Policy places: no place became free in time');
    await room.leave('first');
    mock.timers.tick(1_000);
    await room.leave('second');
    assert.deepEqual(
      places.getStats(),
      stats({ name: 'places', limit: 1, totalCalls: 3, totalAdmitted: 2, totalQueueTimeouts: 1 }),
    );
  });

  it('that is not given counts neither way for the breaker around it, and is not asked for again', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1 });
    const places = bulkhead({ limit: 1 });
    const calls = pipeline([retry({ delay: 0, retryIf: () => true }), breaker, places]);
    const work = deferred();
    const first = calls.execute(() => work.promise);
    for (let call = 0; call < 10; call++) assert.ok(isBulkheadFullError(await rejection(calls.execute(() => 1))));
    const { totalIgnored, totalFailures, state } = breaker.getStats();
    assert.deepEqual({ totalIgnored, totalFailures, state }, { totalIgnored: 10, totalFailures: 0, state: 'CLOSED' });
    work.resolve(1);
    await first;
    await open(breaker);
    await rejection(calls.execute(() => 1));
    assert.equal(places.getStats().totalCalls, 11);
  });
});

describe('the options of a bulkhead', () => {
  for (const [options, problems] of [
    [{ limit: 0 }, ['limit']],
    [{ limit: 1.5 }, ['limit']],
    [{ queueSize: -1 }, ['queueSize']],
    [
      { limit: '1', queueSize: Number.NaN, queueTimeout: 0, name: '', size: 1 },
      ['limit', 'name', 'queueSize', 'queueTimeout', 'size'],
    ],
    [{ limit: () => 1 }, ['limit']],
    [null, ['options']],
  ] as const) {
    it(`are refused: ${JSON.stringify(options)}`, () => assertProblems(() => bulkhead(options as never), problems));
  }
});

describe('a process with a bulkhead', () => {
  it('frees the part of the engine of a bulkhead that has been dropped', () => {
    const { stdout } = runScript(
      `
      import { bulkhead } from 'fusewire';
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      for (let round = 0; round < 20; round++) {
        for (let made = 0; made < 1_000; made++) bulkhead({ queueSize: 100 });
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

/** Calls by name, in the order in which they got a place. */
class Room {
  readonly running: string[] = [];
  entered = 0;
  readonly #places: Bulkhead;
  readonly #works = new Map<string, Deferred<unknown>>();

  constructor(places: Bulkhead) {
    this.#places = places;
  }

  enter(name: string, priority?: 0 | 1 | 2 | 3 | 4): void {
    this.entered++;
    const work = deferred();
    this.#works.set(name, work);
    void this.#places.execute(
      () => {
        this.running.push(name);
        return work.promise;
      },
      { priority },
    );
  }

  async leave(name: string): Promise<void> {
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
    totalQueueTimeouts: 0,
    totalAborted: 0,
    ...different,
  };
}
