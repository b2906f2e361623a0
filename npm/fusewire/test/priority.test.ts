import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import {
  adaptiveBulkhead,
  bulkhead,
  CircuitBreaker,
  fallback,
  BulkheadFullError,
  isRejection,
  pipeline,
  timeout,
} from 'fusewire';
import { deferred, rejection, turn } from './support.ts';
import type { Deferred } from './support.ts';

const limiters = {
  'bulkhead()': (queueSize: number) => bulkhead({ name: 'orders', limit: 1, queueSize, maxWait: 5_000 }),
  'adaptiveBulkhead()': (queueSize: number) => adaptiveBulkhead({ name: 'orders', initial: 1, max: 1, queueSize }),
};

type Priority = 0 | 1 | 2 | 3 | 4 | undefined;

/** Calls of one limiter, whose names say when they start and how they end. */
class Calls {
  readonly started: string[] = [];
  readonly ended: string[] = [];
  readonly #works: Deferred<unknown>[] = [];
  readonly #calls: { execute(work: () => unknown, options: object): Promise<unknown> };

  constructor(calls: { execute(work: () => unknown, options: object): Promise<unknown> }) {
    this.#calls = calls;
  }

  start(name: string, priority: Priority, signal?: AbortSignal): void {
    const work = deferred();
    const run = () => {
      this.started.push(name);
      this.#works.push(work);
      return work.promise;
    };
    this.#calls.execute(run, { priority, signal }).then(
      () => this.ended.push(name),
      (error: unknown) => {
        const reason = error instanceof BulkheadFullError ? error.reason : String(error);
        this.ended.push(`${name}: ${reason}`);
      },
    );
  }

  /** Ends the work that has run for longest. */
  async finish(): Promise<void> {
    this.#works.shift()?.resolve(1);
    await turn();
  }
}

for (const [name, make] of Object.entries(limiters)) {
  describe(`a full queue of ${name}`, () => {
    beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
    afterEach(() => mock.timers.reset());

    it('admits a call of higher priority in place of the newest waiting call of the lowest priority', async () => {
      const limiter = make(3);
      const calls = new Calls(limiter);
      calls.start('running', 0);
      for (const [waiting, priority] of Object.entries({ a: 2, b: 0, c: 0 } as const)) calls.start(waiting, priority);
      calls.start('high', 4);
      calls.start('none is lower', 0);
      calls.start('default', undefined);
      calls.start('none is lower either', 2);
      await turn();
      assert.deepEqual(calls.ended.toSorted(), [
        'b: displaced',
        'c: displaced',
        'none is lower either: full',
        'none is lower: full',
      ]);
      const { totalCalls, totalAdmitted, totalRejected, totalDisplaced, waiting } = limiter.getStats();
      assert.deepEqual(
        { totalCalls, totalAdmitted, totalRejected, totalDisplaced, waiting },
        { totalCalls: 8, totalAdmitted: 1, totalRejected: 2, totalDisplaced: 2, waiting: 3 },
      );
      for (let call = 0; call < 4; call++) await calls.finish();
      assert.deepEqual(calls.started, ['running', 'high', 'a', 'default']);
      const { running, waiting: left, ...rest } = limiter.getStats();
      assert.deepEqual([running, left, rest.totalAdmitted], [0, 0, 4]);
    });

    it('leaves nothing of a displaced call behind', async () => {
      const limiter = make(1);
      const controller = new AbortController();
      const calls = new Calls(limiter);
      calls.start('running', 0);
      calls.start('low', 0, controller.signal);
      calls.start('high', 4);
      await turn();
      assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
      controller.abort('too late');
      mock.timers.tick(4_000);
      for (let call = 0; call < 3; call++) await calls.finish();
      mock.timers.tick(4_000);
      assert.deepEqual(calls.ended, ['low: displaced', 'running', 'high']);
      const { totalAborted, totalQueueTimeouts, totalDisplaced } = limiter.getStats();
      assert.deepEqual([totalAborted, totalQueueTimeouts, totalDisplaced], [0, 0, 1]);
    });

    it('does not let a lower priority wait for ever', async () => {
      const calls = new Calls(make(3));
      calls.start('running', 4);
      calls.start('low 1', 0);
      calls.start('low 2', 0);
      for (let high = 1; high <= 40; high++) {
        calls.start(`high ${high}`, 4);
        await calls.finish();
      }
      assert.deepEqual([calls.started.indexOf('low 1'), calls.started.indexOf('low 2')], [17, 34]);
      assert.deepEqual(
        calls.ended.filter((end) => end.includes(':')),
        [],
      );
    });
  });
}

it('the error of a displaced call is a rejection with a message and a reason of its own', async () => {
  const limiter = bulkhead({ name: 'orders', limit: 1, queueSize: 1 });
  const work = deferred();
  const running = limiter.execute(() => work.promise);
  const low = rejection(limiter.execute(() => assert.fail('must not run'), { priority: 1 }));
  const high = limiter.execute(() => 'high', { priority: 3 });
  const error = await low;
  assert.ok(error instanceof BulkheadFullError && isRejection(error) && error instanceof Error);
  assert.match(
    error.message,
    /^Policy orders: a call of higher priority took the place in the queue \(\d+ running, \d+ waiting\)$/,
  );
  assert.deepEqual([error.code, error.policy, error.reason], ['ERR_BULKHEAD_FULL', 'orders', 'displaced']);
  assert.equal(error.stack?.includes('\n'), false);
  work.resolve(1);
  assert.deepEqual([await running, await high], [1, 'high']);
});

it('a breaker and a timeout ignore that a call was displaced, and a fallback answers it', async () => {
  const breaker = new CircuitBreaker({ failureThreshold: 1 });
  const total = timeout(60_000);
  const limiter = bulkhead({ limit: 1, queueSize: 1 });
  const answer = fallback([{ name: 'reason', execute: (_error, { reason }) => reason }]);
  const calls = pipeline([answer, total, breaker, limiter]);
  const work = deferred();
  const running = calls.execute(() => work.promise);
  const low = calls.tryExecute(() => assert.fail('must not run'), { priority: 1 });
  const high = calls.execute(() => 'high', { priority: 3 });
  assert.deepEqual(await low, { status: 'success', value: 'full', source: 'fallback:reason' });
  work.resolve(1);
  assert.deepEqual([await running, await high], [1, 'high']);
  const { totalIgnored, totalFailures, inFlight, totalSuccesses } = breaker.getStats();
  assert.deepEqual(
    { totalIgnored, totalFailures, inFlight, totalSuccesses },
    {
      totalIgnored: 1,
      totalFailures: 0,
      inFlight: 0,
      totalSuccesses: 2,
    },
  );
  assert.equal(total.getStats().totalTimeouts, 0);
});
