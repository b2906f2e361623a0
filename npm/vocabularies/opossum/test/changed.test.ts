// Members that users replace while a breaker runs. Each program runs with opossum too, and must have the same result.

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it, mock } from 'node:test';
import { CircuitBreaker } from '@fusewire/opossum';
import type { Options } from '@fusewire/opossum';
import { alike, fail, succeed } from './alike.ts';
import { advance, sleep, useFakeTime } from './fake-time.ts';

useFakeTime();

type Changeable = CircuitBreaker<unknown[], unknown>;

/** Returns what becomes of a call within the next milliseconds. */
async function within(milliseconds: number, call: Promise<unknown>): Promise<unknown> {
  let outcome: unknown = 'pending';
  call.then(
    (value) => (outcome = value),
    (error: Error & { code?: string }) => (outcome = error.code ?? error.message),
  );
  await advance(milliseconds);
  return outcome;
}

function stateOf({ closed, opened, halfOpen }: Changeable): string {
  return closed ? 'closed' : opened ? 'open' : halfOpen ? 'half-open' : 'none';
}

/** Returns a cache that records how it is used. */
function recordingTransport() {
  const used: string[] = [];
  const stored = new Map<string, unknown>();
  const transport = {
    get: (key: string) => (used.push('get'), stored.get(key)),
    set: (key: string, value: unknown) => void (used.push('set'), stored.set(key, value)),
    flush: () => void (used.push('flush'), stored.clear()),
  };
  return { used, transport };
}

describe('a changed CircuitBreaker', () => {
  for (const timeout of [20, 0, false, 40] as const) {
    alike(`takes ${timeout} as its timeout from the next call on`, async (Breaker) => {
      const breaker = new Breaker(() => sleep(30).then(() => 'done'), { timeout: 10, errorThresholdPercentage: 100 });
      const before = within(10, breaker.fire());
      breaker.options.timeout = timeout;
      const after = within(35, breaker.fire());
      return [await before, await after];
    });
  }

  alike('takes a timeout that was off at first', async (Breaker) => {
    const breaker = new Breaker(() => sleep(30), { timeout: false });
    breaker.options.timeout = 10;
    return within(10, breaker.fire());
  });

  alike('takes another resetTimeout from the next open time on', async (Breaker) => {
    const breaker = new Breaker(fail, { resetTimeout: 20 });
    const durations: unknown[] = [];
    breaker.on('halfOpen', (resetTimeout) => durations.push(resetTimeout));
    breaker.open();
    breaker.options.resetTimeout = 50;
    await advance(19);
    durations.push(stateOf(breaker));
    await advance(1);
    durations.push(stateOf(breaker));
    await breaker.fire().catch(() => undefined);
    await advance(49);
    durations.push(stateOf(breaker));
    await advance(1);
    durations.push(stateOf(breaker));
    return durations;
  });

  alike('runs another action from the next call on', async (Breaker) => {
    const breaker = new Breaker(() => sleep(10).then(() => 'first'));
    const before = breaker.fire();
    breaker.action = mock.fn(async () => 'second');
    const after = breaker.fire();
    breaker.disable();
    const disabled = breaker.fire();
    await advance(10);
    return [await before, await after, await disabled];
  });

  alike('has a function as its action also for a value', async (Breaker) => {
    const breaker = new Breaker('value');
    return [typeof breaker.action, await breaker.action()];
  });

  for (const [what, options, change] of [
    ['an errorFilter', {}, { errorFilter: () => true }],
    ['an errorThresholdPercentage', {}, { errorThresholdPercentage: 100 }],
  ] as const) {
    alike(`takes ${what} from the next failure on`, async (Breaker) => {
      const breaker = new Breaker(fail, options);
      Object.assign(breaker.options, change);
      await breaker.fire().catch(() => undefined);
      return [stateOf(breaker), breaker.stats.failures];
    });
  }

  alike('takes another cacheTransport from the next call on', async (Breaker) => {
    const [first, second] = [recordingTransport(), recordingTransport()];
    const breaker = new Breaker(succeed, { cache: true, cacheTransport: first.transport });
    await breaker.fire();
    breaker.options.cacheTransport = second.transport;
    await breaker.fire();
    breaker.clearCache();
    return [first.used, second.used, breaker.stats.cacheHits];
  });

  alike('has its caches among its options', async (Breaker) => {
    const breaker = new Breaker(succeed, { cache: true, coalesce: true, cacheGetKey: () => 'key' });
    await breaker.fire();
    const { cacheTransport, coalesceCache } = breaker.options;
    return [await cacheTransport?.get('key'), await coalesceCache?.get('key')];
  });

  alike('shares through another coalesceCache from the next call on', async (Breaker) => {
    let runs = 0;
    const action = async () => ++runs;
    const [first, second] = [new Breaker(action, { coalesce: true }), new Breaker(action, { coalesce: true })];
    await first.fire();
    second.options.coalesceCache = first.options.coalesceCache;
    return second.fire();
  });

  alike('stops caching and sharing once both are off', async (Breaker) => {
    let runs = 0;
    const breaker = new Breaker(async () => ++runs, { cache: true, coalesce: true });
    await breaker.fire();
    Object.assign(breaker.options, { cache: false, coalesce: false });
    return breaker.fire();
  });

  alike('takes cacheTTL, cacheGetKey and coalesceTTL from the next call on', async (Breaker) => {
    const breaker = new Breaker(async (key: string) => key, { cache: true, coalesce: true });
    Object.assign(breaker.options, { cacheTTL: 10, coalesceTTL: 10, cacheGetKey: () => 'one' });
    const results = [await breaker.fire('a'), await breaker.fire('b')];
    await advance(10);
    return [...results, await breaker.fire('c')];
  });

  alike('aborts another abortController', async (Breaker) => {
    const [first, second] = [new AbortController(), new AbortController()];
    const breaker = new Breaker(() => sleep(50), { timeout: 10, abortController: first });
    breaker.options.abortController = second;
    await within(10, breaker.fire());
    return [first.signal.aborted, second.signal.aborted];
  });

  alike('takes slots of another semaphore', async (Breaker) => {
    const breaker = new Breaker(() => sleep(10), { capacity: 1 });
    breaker.semaphore = new Breaker(succeed, { capacity: 2 }).semaphore;
    const calls = [breaker.fire(), breaker.fire()];
    const free = breaker.semaphore.count;
    await advance(10);
    await Promise.all(calls);
    return [free, breaker.semaphore.count];
  });

  it('frees the slot of the semaphore that it was taken from', async () => {
    const breaker = new CircuitBreaker(() => sleep(10), { capacity: 1 });
    const { semaphore } = breaker;
    const call = breaker.fire();
    breaker.semaphore = new CircuitBreaker(succeed, { capacity: 5 }).semaphore;
    await advance(10);
    await call;
    assert.deepEqual([semaphore.count, breaker.semaphore.count], [1, 5]);
  });

  it('validates a changed option, and then keeps the old value', async () => {
    const { options } = new CircuitBreaker(succeed, { name: 'stock', timeout: 5 });
    assert.throws(() => (options.timeout = Number.NaN), {
      code: 'ERR_OPTIONS',
      message:
        'Circuit breaker stock: timeout must be a number of milliseconds from 0 to 2147483647, or false, got NaN',
    });
    assert.throws(() => (options.errorFilter = 5 as never), { code: 'ERR_OPTIONS' });
    assert.throws(() => (options.cache = 'yes' as never), { code: 'ERR_OPTIONS' });
    assert.equal(options.timeout, 5);
    options.timeout = '50' as never;
    assert.equal(options.timeout, 50);
    options.timeout = undefined as never;
    options['usePrometheus'] = true;
    assert.deepEqual([options.timeout, options['usePrometheus']], [10_000, true]);
    options.cache = true;
    assert.throws(() => (options.cacheTransport = {} as never), /options.cacheTransport should be an object with/);
  });

  it('copies its options, so that each breaker has its own', () => {
    const input: Options = { timeout: 5 };
    const [first, second] = [new CircuitBreaker(succeed, input), new CircuitBreaker(succeed, input)];
    first.options.timeout = 6;
    assert.deepEqual([input.timeout, first.options.timeout, second.options.timeout], [5, 6, 5]);
    assert.throws(() => Object.assign(first, { options: {} }), TypeError);
  });
});

describe('a changed Status', () => {
  alike('has its options as properties', (Breaker) => {
    const rotateBucketController = new EventEmitter();
    const options = { enableSnapshots: false, rollingPercentilesEnabled: false, rotateBucketController };
    return [Breaker.newStatus({}), Breaker.newStatus(options)].map((status) => {
      status.shutdown();
      const controller = status.rotateBucketController;
      return [status.enableSnapshots, status.rollingPercentilesEnabled, controller === rotateBucketController];
    });
  });

  alike('omits the percentiles once they are disabled', async (Breaker) => {
    const breaker = new Breaker(succeed);
    await breaker.fire();
    breaker.status.rollingPercentilesEnabled = false;
    const { latencyMean, percentiles, latencyTimes } = breaker.stats;
    breaker.status.rollingPercentilesEnabled = true;
    return [latencyMean, percentiles[1], latencyTimes, breaker.stats.latencyMean];
  });

  alike('moves its window by hand', async (Breaker) => {
    const breaker = new Breaker(succeed, { rollingCountBuckets: 2, rotateBucketController: new EventEmitter() });
    await breaker.fire();
    const { rotateBucket } = breaker.status;
    rotateBucket();
    return breaker.status.window.map(({ fires }) => fires);
  });

  alike('follows another rotateBucketController once it is enabled again', async (Breaker) => {
    const [first, second] = [new EventEmitter(), new EventEmitter()];
    const breaker = new Breaker(succeed, { rotateBucketController: first });
    breaker.disable();
    breaker.status.rotateBucketController = second;
    breaker.enable();
    const following = [first.listenerCount('rotate'), second.listenerCount('rotate')];
    breaker.shutdown();
    return [following, second.listenerCount('rotate')];
  });

  it('emits snapshots once they are enabled', async () => {
    const status = CircuitBreaker.newStatus({
      enableSnapshots: false,
      rollingCountTimeout: 100,
      rollingCountBuckets: 1,
    });
    let snapshots = 0;
    status.on('snapshot', () => snapshots++);
    await advance(100);
    assert.equal(snapshots, 0);
    status.enableSnapshots = true;
    await advance(200);
    assert.equal(snapshots, 2);
    status.enableSnapshots = false;
    await advance(200);
    assert.equal(snapshots, 2);
  });
});

describe('a Semaphore', () => {
  alike('has a count that only its functions change', async (Breaker) => {
    const { semaphore } = new Breaker(succeed, { capacity: 2 });
    const { test, take, release } = semaphore;
    const seen = [test(), semaphore.count, typeof (await take()), semaphore.count, test()];
    release();
    let isReadOnly = false;
    try {
      Object.assign(semaphore, { count: 9 });
    } catch {
      isReadOnly = true;
    }
    return [...seen, semaphore.count, isReadOnly, Object.keys(semaphore).sort()];
  });

  alike('waits without limit for a slot if the limit is 0', async (Breaker) => {
    const { semaphore } = new Breaker(succeed, { capacity: 0 });
    return within(100, semaphore.take(0));
  });
});
