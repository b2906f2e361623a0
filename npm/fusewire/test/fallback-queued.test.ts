import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { fallback, fallbackErrorsOf, isBreakerOptionsError, memoryQueue, pipeline, queued, retry } from 'fusewire';
import type { CircuitBreaker, Queue, QueuedOptions, ReplayContext } from 'fusewire';
import { deferred, open, quickBreaker, rejection, runScript, thrown, turn } from './support.ts';
import type { ManualClock } from './support.ts';

const down = new Error('down');
const fails = () => Promise.reject(down);

/** Orders that are put off: each call is one, with its number as key and payload. */
function orders(options: Partial<QueuedOptions<number>> = {}) {
  const queue = memoryQueue<number>();
  const done: number[] = [];
  const later = queued<number>({
    queue,
    idempotencyKey: ({ key }) => key as string,
    payload: ({ args: [number] }) => number as number,
    operation: (number) => done.push(number),
    retryDelay: 0,
    ...options,
  });
  const policy = fallback([later]);
  const putOff = (number: number, work: () => unknown = fails) =>
    policy.executeWithSource(work, { key: `order ${number}`, args: [number] });
  return { queue, done, later, policy, putOff };
}

/** Has an open circuit close. */
async function close(breaker: CircuitBreaker, clock: ManualClock): Promise<void> {
  clock.advance(1_000);
  for (let probe = 0; probe < 2; probe++) await breaker.execute(() => 1);
  assert.equal(breaker.state, 'CLOSED');
}

describe('what is put off', () => {
  it('is answered with a receipt, and done when it is told to be', async () => {
    const { queue, done, later, putOff } = orders();
    const answer = await putOff(1);
    assert.equal(answer.source, 'fallback:queue');
    assert.deepEqual(answer.value, { id: '1', key: 'order 1', duplicate: false });
    assert.deepEqual((await putOff(1)).value, { id: '1', key: 'order 1', duplicate: true });
    assert.deepEqual([done, (await queue.size()).waiting], [[], 1]);
    assert.deepEqual(await later.replay(), { completed: 1, failed: 0, buried: 0, stopped: false });
    assert.deepEqual([done, (await queue.size()).waiting], [[1], 0]);
    assert.deepEqual(await later.replay(), { completed: 0, failed: 0, buried: 0, stopped: false });
    assert.deepEqual(later.getStats(), {
      name: 'queue',
      totalQueued: 1,
      totalDuplicates: 1,
      totalCompleted: 1,
      totalFailed: 0,
      totalBuried: 0,
    });
  });

  it('is told its key, its attempt and a signal', async () => {
    const seen: [number, ReplayContext][] = [];
    const { later, putOff } = orders({ operation: (number, context) => void seen.push([number, context]) });
    await putOff(7);
    await later.replay();
    const [number, { key, attempt, signal }] = seen[0] as [number, ReplayContext];
    assert.deepEqual(
      { number, key, attempt, aborted: signal.aborted },
      { number: 7, key: 'order 7', attempt: 1, aborted: false },
    );
  });

  it('is not what cannot be: the caller gets the error of the call', async () => {
    const full = memoryQueue<number>({ maxSize: 1 });
    const { putOff } = orders({ queue: full });
    await putOff(1);
    assert.equal(await rejection(putOff(2)), down);
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
      assert.equal(await rejection(orders(wrong).putOff(1)), down);
      assert.equal(fallbackErrorsOf(down).length, 1);
    }
  });

  it('is done in order, one after the other', async () => {
    const trace: string[] = [];
    const { later, putOff } = orders({
      async operation(number) {
        trace.push(`begin ${number}`);
        await turn();
        trace.push(`end ${number}`);
      },
    });
    for (const number of [1, 2, 3]) await putOff(number);
    await later.replay();
    assert.deepEqual(
      trace,
      [1, 2, 3].flatMap((number) => [`begin ${number}`, `end ${number}`]),
    );
  });

  it('is done by as many at a time as it may be, begun in order', async () => {
    const works = Array.from({ length: 5 }, () => deferred());
    const begun: number[] = [];
    const { later, putOff } = orders({
      concurrency: 2,
      operation(number) {
        begun.push(number);
        return works[number]?.promise;
      },
    });
    for (const number of works.keys()) await putOff(number);
    const replay = later.replay();
    await turn();
    assert.deepEqual(begun, [0, 1]);
    works[1]?.resolve(1);
    await turn();
    assert.deepEqual(begun, [0, 1, 2]);
    for (const work of works) work.resolve(1);
    assert.equal((await replay).completed, 5);
    assert.deepEqual(begun, [0, 1, 2, 3, 4]);
  });

  it('is tried again where it stands, and in the end becomes a dead letter with its last error', async () => {
    const trace: string[] = [];
    const { queue, later, putOff } = orders({
      maxAttempts: 3,
      operation(number, { attempt }) {
        trace.push(`${number}.${attempt}`);
        if (number === 1) throw new RangeError(`attempt ${attempt}`);
      },
    });
    for (const number of [1, 2]) await putOff(number);
    assert.deepEqual(await later.replay(), { completed: 1, failed: 3, buried: 1, stopped: false });
    assert.deepEqual(trace, ['1.1', '1.2', '1.3', '2.1']);
    const [letter] = await queue.deadLetters();
    assert.deepEqual(letter, { id: '1', key: 'order 1', payload: 1, attempts: 3, lastError: 'RangeError: attempt 3' });
    assert.deepEqual((await putOff(1)).value, { id: '1', key: 'order 1', duplicate: true });
    await queue.revive('1');
    trace.length = 0;
    await later.replay();
    assert.deepEqual(trace, ['1.1', '1.2', '1.3']);
    assert.equal(later.getStats().totalBuried, 2);
  });

  it('fails whatever way the operation does', async () => {
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
      const { queue, later, putOff } = orders({ maxAttempts: 1, operation });
      await putOff(1);
      assert.equal((await later.replay()).buried, 1);
      assert.equal((await queue.size()).dead, 1);
    }
  });

  it('is given up where its process ended each time it was tried', async () => {
    const { queue, later, putOff } = orders({ maxAttempts: 2, operation: () => assert.fail('must not run') });
    mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
    try {
      await putOff(1);
      for (let crash = 0; crash < 2; crash++) {
        await queue.claim(1_000);
        mock.timers.tick(1_000);
      }
      assert.deepEqual(await later.replay(), { completed: 0, failed: 0, buried: 1, stopped: false });
      assert.match(String((await queue.deadLetters())[0]?.lastError), /ended without a word/);
    } finally {
      mock.timers.reset();
    }
  });

  it('does not count as tried where a policy held it back', async () => {
    const { breaker } = quickBreaker('wasm');
    const attempts: number[] = [];
    let isOpen = true;
    const { queue, later, putOff } = orders({
      maxAttempts: 1,
      operation: (_number, { attempt }) => (isOpen ? breaker.execute(fails) : attempts.push(attempt)),
    });
    await open(breaker);
    for (const number of [1, 2]) await putOff(number);
    for (let replay = 0; replay < 3; replay++) {
      assert.deepEqual(await later.replay(), { completed: 0, failed: 0, buried: 0, stopped: true });
    }
    assert.deepEqual(await queue.size(), { waiting: 2, leased: 0, dead: 0 });
    isOpen = false;
    assert.equal((await later.replay()).completed, 2);
    assert.deepEqual(attempts, [1, 1]);
  });
});

describe('a replay with a breaker', () => {
  it('begins when its circuit closes', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const { done, later, putOff } = orders({ breaker });
    await open(breaker);
    for (const number of [1, 2, 3]) await putOff(number);
    await turn();
    assert.deepEqual(done, []);
    await close(breaker, clock);
    await turn();
    assert.deepEqual(done, [1, 2, 3]);
    assert.equal(breaker.getStats().totalSuccesses, 5);
    assert.equal(later.getStats().totalCompleted, 3);
  });

  it('stops when it opens again, and goes on when it closes', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const done: number[] = [];
    let isDown = true;
    const { queue, later, putOff } = orders({
      breaker,
      operation(number) {
        if (isDown && number >= 2) throw down;
        done.push(number);
      },
    });
    await open(breaker);
    for (const number of [1, 2, 3]) await putOff(number);
    await close(breaker, clock);
    for (let index = 0; index < 5; index++) await turn();
    assert.equal(breaker.state, 'OPEN');
    assert.deepEqual(done, [1]);
    assert.deepEqual(await queue.size(), { waiting: 2, leased: 0, dead: 0 });
    isDown = false;
    await close(breaker, clock);
    await turn();
    assert.deepEqual(done, [1, 2, 3]);
    assert.equal(later.getStats().totalFailed, 2);
  });

  it('lets what runs end when the circuit opens, and begins nothing', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const works = [deferred(), deferred()] as const;
    const { queue, later, putOff } = orders({ breaker, operation: (number) => works[number]?.promise });
    await open(breaker);
    for (const number of works.keys()) await putOff(number);
    await close(breaker, clock);
    await turn();
    await open(breaker);
    works[0].resolve(1);
    for (let index = 0; index < 3; index++) await turn();
    assert.deepEqual(await queue.size(), { waiting: 1, leased: 0, dead: 0 });
    assert.equal(later.getStats().totalCompleted, 1);
  });

  it('takes in what is put off while the circuit is closed, after a rest', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
    try {
      const { breaker } = quickBreaker('wasm');
      const { done, putOff } = orders({ breaker, retryDelay: 1_000 });
      await putOff(1);
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

  it('is not moved by a circuit in shadow', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const work = deferred();
    const { later, putOff } = orders({ breaker, operation: () => work.promise });
    breaker.shadow();
    for (const number of [1, 2]) await putOff(number);
    for (let call = 0; call < 3; call++) await rejection(breaker.execute(fails));
    clock.advance(1_000);
    work.resolve(1);
    for (let index = 0; index < 3; index++) await turn();
    assert.equal(later.getStats().totalCompleted, 2);
  });

  it('is no more once the breaker was disposed, and loses nothing', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const { queue, later, putOff } = orders({ breaker, maxAttempts: 1 });
    await open(breaker);
    clock.advance(10);
    await putOff(1);
    breaker.dispose();
    await putOff(2);
    assert.deepEqual(await later.replay(), { completed: 0, failed: 0, buried: 0, stopped: true });
    assert.deepEqual(await queue.size(), { waiting: 2, leased: 0, dead: 0 });
  });

  it('has the fallback answer in a pipeline around that breaker', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const { done, policy } = orders({ breaker });
    const calls = pipeline([policy, breaker]);
    await open(breaker);
    const { source } = await calls.executeWithSource(() => 'unseen', { key: 'order 1', args: [1] });
    assert.equal(source, 'fallback:queue');
    await close(breaker, clock);
    await turn();
    assert.deepEqual(done, [1]);
    assert.deepEqual(await calls.executeWithSource(() => 'seen', { key: 'order 2', args: [2] }), {
      value: 'seen',
      source: 'call',
    });
  });
});

describe('a replay', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  it('rests after a failure', async () => {
    const attempts: number[] = [];
    const { later, putOff } = orders({
      retryDelay: 500,
      operation(_number, { attempt }) {
        attempts.push(attempt);
        if (attempt < 3) throw down;
      },
    });
    await putOff(1);
    const replay = later.replay();
    for (const seen of [[1], [1, 2]]) {
      await turn();
      mock.timers.tick(499);
      await turn();
      assert.deepEqual(attempts, seen);
      mock.timers.tick(1);
    }
    assert.deepEqual(await replay, { completed: 1, failed: 2, buried: 0, stopped: false });
  });

  it('holds on to what takes long', async () => {
    const work = deferred();
    const { queue, later, putOff } = orders({ visibility: 1_000, operation: () => work.promise });
    await putOff(1);
    const replay = later.replay();
    for (let step = 0; step < 10; step++) {
      await turn();
      mock.timers.tick(500);
    }
    assert.equal(await queue.claim(1_000), undefined);
    work.resolve(1);
    assert.equal((await replay).completed, 1);
  });

  it('tells an operation whose message is no longer its own', async () => {
    const { queue, later, putOff } = orders({
      visibility: 1_000,
      maxAttempts: 1,
      operation: (_number, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    await putOff(1);
    const replay = later.replay();
    await turn();
    // A process that sleeps for long has no timers.
    mock.timers.setTime(Date.now() + 1_400);
    const theirs = await queue.claim(60_000);
    assert.equal(theirs?.attempt, 2);
    mock.timers.tick(500);
    assert.deepEqual(await replay, { completed: 0, failed: 1, buried: 0, stopped: false });
    assert.equal(await queue.complete(theirs), true);
  });

  it('that is asked for while one runs is the same, which looks again', async () => {
    const work = deferred();
    const { done, later, putOff } = orders({ operation: async (number) => (await work.promise, done.push(number)) });
    await putOff(1);
    const replay = later.replay();
    await turn();
    assert.equal(later.replay(), replay);
    await putOff(2);
    work.resolve(1);
    assert.equal((await replay).completed, 2);
    assert.deepEqual(done, [1, 2]);
  });

  it('ends with close, which waits for what runs', async () => {
    const work = deferred();
    const { queue, later, putOff } = orders({ operation: () => work.promise });
    for (const number of [1, 2]) await putOff(number);
    const replay = later.replay();
    await turn();
    let isClosed = false;
    const closing = later.close().then(() => (isClosed = true));
    await turn();
    assert.equal(isClosed, false);
    work.resolve(1);
    await closing;
    assert.deepEqual(await replay, { completed: 1, failed: 0, buried: 0, stopped: true });
    assert.deepEqual(await queue.size(), { waiting: 1, leased: 0, dead: 0 });
    assert.equal((await later.replay()).completed, 0);
  });

  it('that rests ends with close at once', async () => {
    const { later, putOff } = orders({ retryDelay: 60_000, operation: fails });
    await putOff(1);
    const replay = later.replay();
    await turn();
    await later.close();
    assert.equal((await replay).stopped, true);
  });

  it('that rests wakes nobody else where it is told to end twice at once', async () => {
    const { later, putOff } = orders({ retryDelay: 60_000, operation: fails });
    await putOff(1);
    const replay = later.replay();
    await turn();
    const others = [5_000, 6_000, 7_000].map((delay) =>
      retry({ attempts: 2, delay }).execute(({ attempt }) => (attempt === 1 ? fails() : delay)),
    );
    await turn();
    await Promise.all([later.close(), later.close()]);
    assert.equal((await replay).stopped, true);
    await turn();
    mock.timers.tick(7_000);
    await turn();
    assert.deepEqual(
      await Promise.race([Promise.all(others), turn().then(() => 'they sleep on')]),
      [5_000, 6_000, 7_000],
    );
  });

  it('rejects where the queue does, and leaves the message there', async () => {
    const broken = new Error('disk full');
    for (const method of ['claim', 'complete', 'fail', 'bury'] as const) {
      const inner = memoryQueue<number>();
      const queue: Queue<number> = new Proxy(inner, {
        get(target, name: keyof Queue) {
          if (name === method) return () => Promise.reject(broken);
          return target[name].bind(target);
        },
      });
      const { later, putOff } = orders({
        queue,
        maxAttempts: method === 'bury' ? 1 : 2,
        operation: method === 'complete' ? () => 1 : fails,
      });
      await putOff(1);
      assert.equal(await rejection(later.replay()), broken);
      await later.close();
      const { waiting, leased } = await inner.size();
      assert.equal(waiting + leased, 1);
    }
  });
});

it('a replay that nobody asked for tells of its queue by a warning', () => {
  const { stdout, stderr } = runScript(
    `import { CircuitBreaker, fallback, memoryQueue, queued } from 'fusewire';
    process.on('warning', ({ message }) => console.log(message));
    const queue = memoryQueue();
    queue.claim = async () => { throw new Error('disk full'); };
    const breaker = new CircuitBreaker({ name: 'mpesa' });
    const later = queued({ name: 'later', queue, breaker, payload: () => 1, idempotencyKey: () => 'key', operation: () => 1, retryDelay: 1 });
    await fallback([later]).execute(() => Promise.reject(new Error('down')));`,
    '--no-warnings',
  );
  assert.deepEqual({ stdout, stderr }, { stdout: 'Policy later: the queue failed: Error: disk full', stderr: '' });
});

it('a process ends by itself while things are put off', () => {
  const { stdout, status } = runScript(
    `import { CircuitBreaker, fallback, memoryQueue, queued } from 'fusewire';
    const breaker = new CircuitBreaker({ name: 'mpesa' });
    breaker.forceOpen();
    const later = queued({ queue: memoryQueue(), breaker, payload: () => 1, idempotencyKey: () => 'key', operation: () => 1 });
    await fallback([later]).execute(() => breaker.execute(() => 1));
    await later.replay();
    console.log('done');`,
  );
  assert.deepEqual({ stdout, status }, { stdout: 'done', status: 0 });
});

describe('wrong options of queued', () => {
  const right = {
    queue: memoryQueue(),
    payload: () => 1,
    idempotencyKey: () => 'key',
    operation: () => 1,
  };
  const COUNTS = [null, '1', Number.NaN, 0, 1.5, 1_001];
  const FUNCTIONS = [undefined, null, 1, 'text', {}];
  const cases: Record<string, unknown[]> = {
    queue: [undefined, null, 1, {}, { ...memoryQueue() }],
    payload: FUNCTIONS,
    idempotencyKey: FUNCTIONS,
    operation: FUNCTIONS,
    breaker: [null, 1, {}, pipeline],
    concurrency: COUNTS,
    maxAttempts: COUNTS,
    retryDelay: [null, '1', Number.NaN, -1, 2_147_483_648],
    visibility: [null, '1', Number.NaN, 99, 2_147_483_648],
    name: [null, 1, ''],
    priority: [null, '1', Infinity],
    canHandle: [null, true, {}],
    retries: [1],
  };
  for (const [option, values] of Object.entries(cases)) {
    it(`are refused: ${option}`, () => {
      for (const value of values) {
        const error = thrown(() => queued({ ...right, [option]: value } as never));
        assert.ok(isBreakerOptionsError(error));
        assert.deepEqual(
          error.problems.map((problem) => problem.option),
          [option],
        );
      }
    });
  }

  it('are told all at once', () => {
    const error = thrown(() => queued({ queue: 1, concurrency: 0 } as never));
    assert.ok(isBreakerOptionsError(error));
    assert.deepEqual(
      error.problems.map(({ option }) => option),
      ['queue', 'concurrency', 'payload', 'idempotencyKey', 'operation'],
    );
  });
});
