import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { queueOver } from 'fusewire/kit';
import type { LeaseStore, Settlement, StoreWorker, WorkerHooks } from 'fusewire/kit';
import type { ConsumeOptions, Consumer, ConsumerEvents, OperationContext } from 'fusewire/queue';
import { MemoryQueueStore } from '../src/queue/memory-queue.ts';
import { runScript } from './support.ts';
import { settle } from './support-queued.ts';

const QUICK = { pollInterval: 100, retryDelay: 0, leaseTime: 3_000 };

/** Creates a queue with messages, over a store of which some methods may fail. */
async function queueOf(keys: readonly string[], failing: Partial<Record<keyof LeaseStore, () => unknown>> = {}) {
  const store = new MemoryQueueStore();
  const seen = new Proxy(store, {
    get(target, name: keyof LeaseStore) {
      const method = (target as LeaseStore)[name] as ((...args: unknown[]) => unknown) | undefined;
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        await failing[name]?.();
        return method.apply(target, args);
      };
    },
  }) as unknown as LeaseStore;
  const queue = queueOver<string>(seen);
  for (const key of keys) await queue.enqueue({ key, payload: key });
  const consume = (options: ConsumeOptions, handler: (key: string, context: OperationContext) => unknown) => {
    const consumer = queue.consume({ ...QUICK, ...options }, handler);
    consumer.on('buried', () => undefined);
    return consumer;
  };
  return { queue, store, consume };
}

function record(consumer: Consumer, ...names: (keyof ConsumerEvents)[]): string[] {
  const seen: string[] = [];
  for (const name of names) {
    consumer.on(name, (event) =>
      seen.push(`${name} ${'key' in event ? event.key : 'count' in event ? event.count : event.action}`),
    );
  }
  return seen;
}

async function pass(milliseconds: number, step = 50): Promise<void> {
  await settle();
  for (let passed = 0; passed < milliseconds; passed += step) {
    mock.timers.tick(step);
    await settle();
  }
}

describe('a consumer', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  for (const method of ['claim', 'complete', 'putBack', 'bury'] as const) {
    it(`goes on after ${method} has failed`, async () => {
      let failures = 3;
      const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`);
      const { queue, consume } = await queueOf(keys, {
        [method]: () => {
          if (failures-- > 0) throw new Error('connection cut');
        },
      });
      const failed = new Set<string>();
      const consumer = consume({ concurrency: 4, maxAttempts: method === 'bury' ? 1 : 2 }, (key) => {
        if ((method === 'putBack' || method === 'bury') && key === 'key 3' && !failed.has(key)) {
          failed.add(key);
          throw new Error('once');
        }
      });
      const faults = record(consumer, 'fault');
      await pass(5_000);
      const { waiting, running, dead } = await queue.size();
      assert.deepEqual({ waiting, running, dead }, { waiting: 0, running: 0, dead: method === 'bury' ? 1 : 0 });
      assert.equal(faults.length, 3);
      await consumer.close();
    });
  }

  it('claims as many messages at a time as it has free slots', async () => {
    let claims = 0;
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    const { consume } = await queueOf(keys, { claim: () => claims++ });
    const consumer = consume({ concurrency: 50 }, () => undefined);
    await pass(100);
    assert.equal(consumer.getStats().totalDone, 100);
    assert.ok(claims <= 60, `${claims} claims`);
    await consumer.close();
  });

  it('starts the next operation while the store is told that one is done, and none after that has failed', async () => {
    const completions: { resolve: () => void; reject: (error: Error) => void }[] = [];
    const keys = Array.from({ length: 6 }, (_, index) => `key ${index}`);
    const { consume } = await queueOf(keys, {
      complete: () => new Promise<void>((resolve, reject) => completions.push({ resolve, reject })),
    });
    const started: string[] = [];
    let end = () => {};
    const consumer = consume({ concurrency: 1 }, (key) => {
      started.push(key);
      return new Promise<void>((resolve) => (end = resolve));
    });
    consumer.on('fault', () => undefined);
    await settle();
    end();
    await settle();
    assert.deepEqual([started, completions.length], [keys.slice(0, 2), 1]);
    assert.equal(consumer.getStats().running, 1);
    completions[0]?.reject(new Error('connection cut'));
    end();
    await settle();
    completions[1]?.resolve();
    await settle();
    // The first message is not settled, and holds the slot again.
    assert.deepEqual([started, consumer.getStats().totalDone], [keys.slice(0, 2), 1]);
    await pass(100);
    for (const { resolve } of completions) resolve();
    await pass(100);
    assert.equal(started.length, 3);
    const closing = consumer.close({ timeout: 0 });
    await pass(2_000);
    await closing;
  });

  it('holds a failed message back for a random part of a delay that doubles, in the store', async () => {
    mock.method(Math, 'random', () => 1);
    const { consume } = await queueOf(['key']);
    const delays: number[] = [];
    const consumer = consume({ retryDelay: 1_000, maxRetryDelay: 5_000, maxAttempts: 6 }, () => {
      throw new Error('down');
    });
    consumer.on('failed', ({ delay }) => delays.push(delay));
    await pass(30_000, 500);
    assert.deepEqual(delays, [1_000, 2_000, 4_000, 5_000, 5_000]);
    mock.restoreAll();
    await consumer.close();
  });

  it('does not bury a message faster where many processes share the queue', async () => {
    mock.method(Math, 'random', () => 1);
    const { store, consume } = await queueOf(['key']);
    const runs: number[] = [];
    const start = Date.now();
    const options = { retryDelay: 1_000, maxAttempts: 4 };
    const handler = () => {
      runs.push(Date.now() - start);
      throw new Error('down');
    };
    const others = Array.from({ length: 9 }, () => queueOver(store).consume({ ...QUICK, ...options }, handler));
    const consumers = [consume(options, handler), ...others];
    for (const consumer of consumers) consumer.on('buried', () => undefined);
    await pass(8_000);
    mock.restoreAll();
    assert.equal(runs.length, 4);
    assert.ok((runs.at(-1) as number) >= 7_000, String(runs));
    await Promise.all(consumers.map((consumer) => consumer.close()));
  });

  it('buries a message whose age exceeds maxAge after a failure', async () => {
    mock.method(Math, 'random', () => 1);
    const { queue, consume } = await queueOf(['key']);
    const consumer = consume({ retryDelay: 1_000, maxAge: 2_500 }, () => {
      throw new Error('down');
    });
    await pass(5_000);
    mock.restoreAll();
    assert.deepEqual([(await queue.size()).dead, consumer.getStats().totalFailed], [1, 2]);
    await consumer.close();
  });

  it('buries a message with a permanent error at once, and no other', async () => {
    const errors: Record<string, unknown> = {
      'a 404': Object.assign(new Error('no such order'), { status: 404 }),
      'a 429': Object.assign(new Error('too many'), { status: 429 }),
      'a 503': Object.assign(new Error('down'), { status: 503 }),
      'an abort': Object.assign(new Error('aborted'), { name: 'AbortError' }),
      ignored: new Error('ignored'),
    };
    const { queue, consume } = await queueOf(Object.keys(errors));
    const classify = ({ error }: { error?: unknown }) =>
      ['ignored', 'aborted'].includes((error as Error).message) ? ('ignore' as const) : undefined;
    const consumer = consume({ retryDelay: 60_000, classify: classify as never }, (key) => Promise.reject(errors[key]));
    await pass(100);
    assert.deepEqual(
      (await queue.deadLetters()).letters.map(({ key }) => key),
      ['a 404', 'ignored'],
    );
    await consumer.close();
  });

  it('takes a value that counts as a failure for a failed attempt', async () => {
    const { queue, consume } = await queueOf(['key']);
    const consumer = consume({ retryDelay: 60_000 }, () => new Response('', { status: 503 }));
    await pass(100);
    assert.equal((await queue.size()).waiting, 1);
    assert.equal(consumer.getStats().totalFailed, 1);
    await consumer.close();
  });

  it('does not slow others down for a poison message, but pauses where every operation fails', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`);
    const { queue, consume } = await queueOf(keys);
    const consumer = consume({ concurrency: 4, retryDelay: 60_000, maxRetryDelay: 60_000 }, (key) => {
      if (key === 'key 7') throw new Error('poison');
    });
    await settle();
    assert.deepEqual([consumer.getStats().totalDone, consumer.getStats().totalFailed], [39, 1]);
    await consumer.close();
    for (const key of keys) await queue.enqueue({ key, payload: key, topic: 'down' });
    const down = consume({ topic: 'down', retryDelay: 60_000 }, () => Promise.reject(new Error('down')));
    await settle();
    assert.deepEqual([down.getStats().totalFailed, down.getStats().state], [5, 'paused']);
    await pass(60_000, 1_000);
    // The first five again, at most, and one more.
    const { totalFailed, state } = down.getStats();
    assert.ok(totalFailed >= 6 && totalFailed <= 11, `${totalFailed} attempts`);
    assert.equal(state, 'paused');
    await down.close();
  });

  it('does not let a poison message that fails again and again hold up the others', async () => {
    const { consume } = await queueOf(['poison', 'one', 'two']);
    mock.method(Math, 'random', () => 0.9);
    const consumer = consume({ retryDelay: 60, maxRetryDelay: 60, maxAttempts: 1_000 }, (key) => {
      if (key !== 'poison') return;
      throw new Error(key);
    });
    await settle();
    assert.equal(consumer.getStats().totalDone, 2);
    await pass(3_000);
    mock.restoreAll();
    assert.ok(consumer.getStats().totalFailed > 15, `${consumer.getStats().totalFailed} attempts`);
    assert.equal(consumer.getStats().state, 'running');
    await consumer.close();
  });

  it('runs a message whose process died alone, so that a poison message takes no neighbours with it', async () => {
    const { queue, store } = await queueOf(['one', 'poison', 'two', 'three', 'four']);
    // Each process dies as soon as the poison runs: nothing that it holds is settled.
    let crashes = 0;
    for (; (await queue.size()).oldestAge !== null && crashes < 10; crashes++) {
      const alive = { is: true };
      const process = new Proxy(store, {
        get(target, name: keyof LeaseStore) {
          const method = (target as LeaseStore)[name] as ((...args: unknown[]) => unknown) | undefined;
          if (typeof method !== 'function') return method;
          return (...args: unknown[]) => (alive.is ? method.apply(target, args) : new Promise(() => undefined));
        },
      }) as unknown as LeaseStore;
      const consumer = queueOver<string>(process).consume({ ...QUICK, concurrency: 5, maxAttempts: 2 }, (key) => {
        if (key !== 'poison') return Promise.resolve().then(() => undefined);
        alive.is = false;
        return new Promise(() => undefined);
      });
      consumer.on('buried', () => undefined);
      await pass(3_100, 100);
    }
    assert.deepEqual(
      (await queue.deadLetters()).letters.map(({ key }) => key),
      ['poison'],
    );
    assert.ok(crashes <= 4, `${crashes} crashes`);
  });

  it('buries a row that is not JSON, and runs the others', async () => {
    const { queue, store, consume } = await queueOf(['one']);
    const broken = { topic: 'default', key: 'broken', payload: '{', delay: 0, priority: 4, revives: true, group: null };
    await store.insert([broken], { room: 1 });
    const consumer = consume({}, () => undefined);
    await settle();
    assert.equal(consumer.getStats().totalDone, 1);
    const [letter] = (await queue.deadLetters()).letters;
    assert.deepEqual([letter?.key, letter?.payload], ['broken', undefined]);
    assert.match(String(letter?.lastError), /not JSON/);
    await consumer.close();
  });

  it('extends the lease of a long operation at a third of its time, and keeps it over failed heartbeats', async () => {
    let extensions = 0;
    const { queue, consume } = await queueOf(['key'], {
      extend: () => {
        if (extensions++ === 0) throw new Error('connection cut');
      },
    });
    let signal: AbortSignal | undefined;
    let finish = (_: unknown): void => {};
    const consumer = consume({}, (_, context) => {
      signal = context.signal;
      return new Promise((resolve) => (finish = resolve));
    });
    await pass(950);
    assert.equal(extensions, 0);
    await pass(10_000);
    assert.ok(extensions >= 9 && extensions <= 12, `${extensions} extensions`);
    assert.deepEqual([signal?.aborted, (await queue.size()).running], [false, 1]);
    finish(1);
    await settle();
    assert.equal(consumer.getStats().totalDone, 1);
    await consumer.close();
  });

  it('aborts an operation before its lease is over where no heartbeat reaches the store', async () => {
    const { consume } = await queueOf(['key'], { extend: () => new Promise(() => undefined) });
    let signal: AbortSignal | undefined;
    const consumer = consume({ concurrency: 1 }, (_, context) => {
      signal ??= context.signal;
      return new Promise(() => undefined);
    });
    const lost = record(consumer, 'leaseLost');
    await pass(2_600);
    assert.equal(signal?.aborted, false);
    await pass(150);
    assert.equal(signal?.aborted, true);
    assert.deepEqual([lost, consumer.getStats().totalLeasesLost], [['leaseLost key'], 1]);
    const closing = consumer.close({ timeout: 0 });
    await pass(1_100);
    await closing;
  });

  it('keeps the lease of a process that was suspended, unless another one has taken the message', async () => {
    for (const isTaken of [false, true]) {
      const { store, consume } = await queueOf(['key']);
      let signal: AbortSignal | undefined;
      const consumer = consume({}, (_, context) => {
        signal = context.signal;
        return new Promise(() => undefined);
      });
      await settle();
      mock.timers.setTime(Date.now() + 10_000);
      if (isTaken) assert.equal((await store.claim('default', 1, 'theirs', 60_000)).length, 1);
      await pass(100);
      assert.equal(signal?.aborted, isTaken);
      const closing = consumer.close({ timeout: 0 });
      await pass(1_100);
      await closing;
    }
  });

  it('ends with close() although the store hangs and an operation does not end', async () => {
    const keys = ['one', 'two'];
    let hangs = false;
    const hang = () => (hangs ? new Promise(() => undefined) : undefined);
    const { consume } = await queueOf(keys, { claim: hang, putBack: hang, complete: hang, extend: hang, close: hang });
    const signals: AbortSignal[] = [];
    const consumer = consume({ concurrency: 2 }, (_, { signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    await settle();
    hangs = true;
    let isClosed = false;
    const closing = consumer.close({ timeout: 500 }).then(() => (isClosed = true));
    await pass(450);
    assert.deepEqual([isClosed, signals.map(({ aborted }) => aborted)], [false, [false, false]]);
    await pass(1_600);
    assert.deepEqual([isClosed, signals.map(({ aborted }) => aborted)], [true, [true, true]]);
    await closing;
  });

  it('starts no operation during a pause', async () => {
    const { queue, consume } = await queueOf([]);
    const consumer = consume({}, () => undefined);
    consumer.pause();
    await queue.enqueue({ key: 'key', payload: 'key' });
    await pass(500);
    assert.deepEqual([consumer.getStats().state, (await queue.size()).waiting], ['paused', 1]);
    consumer.resume();
    await settle();
    assert.equal(consumer.getStats().totalDone, 1);
    await consumer.close();
  });

  it('emits done, failed and buried, and counts them', async () => {
    const { consume } = await queueOf(['good', 'bad']);
    const consumer = consume({ maxAttempts: 2 }, (key) => (key === 'bad' ? Promise.reject(new Error(key)) : 1));
    const events = record(consumer, 'done', 'failed', 'buried', 'leaseLost', 'fault');
    await pass(200);
    assert.deepEqual(events, ['done good', 'failed bad', 'buried bad']);
    const { totalDone, totalFailed, totalBuried } = consumer.getStats();
    assert.deepEqual({ totalDone, totalFailed, totalBuried }, { totalDone: 1, totalFailed: 2, totalBuried: 1 });
    await consumer.close();
  });

  it('drives the worker of a store that has its own', async () => {
    const settlements: Settlement[] = [];
    const calls: string[] = [];
    let hooks: WorkerHooks | undefined;
    const worker: StoreWorker = {
      running: 0,
      limit: 3,
      pause: () => calls.push('pause'),
      resume: () => calls.push('resume'),
      wake: () => undefined,
      close: async (timeout) => void calls.push(`close ${timeout}`),
    };
    const store = new MemoryQueueStore();
    const queue = queueOver<string>(
      Object.assign(store, { work: (_: unknown, given: WorkerHooks) => ((hooks = given), worker) }),
    );
    const consumer = queue.consume({ concurrency: 3 }, (key) => (key === 'bad' ? Promise.reject(new Error(key)) : key));
    const message = { id: '1', topic: 'default', key: 'k', attempts: 1, abandoned: 0, lastError: null, age: 0 };
    for (const payload of ['"good"', '"bad"']) {
      const run = (hooks as WorkerHooks).run({ ...message, payload }, new AbortController().signal);
      settlements.push(await run);
    }
    assert.deepEqual(
      settlements.map(({ kind }) => kind),
      ['done', 'failed'],
    );
    consumer.pause();
    consumer.resume();
    await consumer.close({ timeout: 5 });
    assert.deepEqual(calls, ['pause', 'resume', 'close 5']);
  });
});

it('a consumer without listeners reports dead letters and faults of the store as process warnings', () => {
  const { stdout } = runScript(
    `import { memoryQueue } from 'fusewire/queue';
    process.on('warning', ({ message }) => console.log(message));
    const queue = memoryQueue();
    await queue.enqueue({ key: 'key', payload: 1 });
    const consumer = queue.consume({ maxAttempts: 1 }, () => { throw new Error('poison'); });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await consumer.close();`,
    '--no-warnings',
  );
  assert.equal(stdout, 'Queue, topic default: message 1 is a dead letter: Error: poison');
});
