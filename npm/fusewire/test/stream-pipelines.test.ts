import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  adaptiveBulkhead,
  BulkheadFullError,
  bulkhead,
  cache,
  CallTimeoutError,
  CircuitBreaker,
  fallback,
  hedge,
} from 'fusewire';
import { pipeline, retry, timeout } from 'fusewire';
import type { Outcome } from 'fusewire';
import { manualClock } from '../../testing/src/manual-clock.ts';
import { deferred, rejection, turn } from './support.ts';
import { numbers, readAll } from './support-streams.ts';

/** Returns work that fails so often before its first item, or after it, and then counts to two. */
function flaky(
  failures: number,
  { afterFirst = false } = {},
): { readonly work: () => AsyncIterable<number>; calls: number } {
  const source = {
    calls: 0,
    work: () =>
      ++source.calls > failures ? numbers(2) : numbers(afterFirst ? 1 : 0, new Error(`down ${source.calls}`)),
  };
  return source;
}

describe('executeStream() of a pipeline', () => {
  it('retries until the first item, and not after it', async () => {
    const chat = pipeline({ name: 'chat', retry: { attempts: 3, delay: 1 }, breaker: {} });
    const before = flaky(2);
    assert.deepEqual(await readAll(chat.executeStream(before.work)), [1, 2]);
    assert.equal(before.calls, 3);
    const after = flaky(2, { afterFirst: true });
    await assert.rejects(readAll(chat.executeStream(after.work)), /down 1/);
    assert.equal(after.calls, 1);
    const { totalFailures, totalSuccesses, inFlight } = chat.breaker!.getStats();
    assert.deepEqual([totalFailures, totalSuccesses, inFlight], [3, 1, 0]);
  });

  it('retries after an unknown outcome only a stream that is idempotent by its call or its pipeline', async () => {
    const parts = { retry: { attempts: 2, delay: 0 }, breaker: { name: 'chat' } } as const;
    const callsOf = async (idempotent: boolean | undefined, options?: { readonly idempotent: boolean }) => {
      let calls = 0;
      const work = () => {
        calls++;
        return numbers(0, Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
      };
      await rejection(readAll(pipeline({ ...parts, idempotent }).executeStream(work, options)));
      return calls;
    };
    assert.equal(await callsOf(undefined), 1);
    assert.equal(await callsOf(true), 2);
    assert.equal(await callsOf(undefined, { idempotent: true }), 2);
    assert.equal(await callsOf(true, { idempotent: false }), 1);
  });

  it('counts a stream that breaks after its first item as a failed call of the retry', async () => {
    const retries = retry({ attempts: 3, delay: 1 });
    await assert.rejects(readAll(retries.executeStream(flaky(1, { afterFirst: true }).work)), /down 1/);
    const { totalFailures, totalRetries, totalExhausted, inFlight } = retries.getStats();
    assert.deepEqual([totalFailures, totalRetries, totalExhausted, inFlight], [1, 0, 0, 0]);
  });

  it('answers by a fallback before the first item, with a stream or an array, and not after it', async () => {
    const chat = fallback([() => ['sorry']]);
    assert.deepEqual(await readAll(chat.executeStream(flaky(1).work)), ['sorry']);
    assert.deepEqual(await chat.executeStream(flaky(1).work), ['sorry']);
    await assert.rejects(readAll(chat.executeStream(flaky(1, { afterFirst: true }).work)), /down 1/);
    const other = fallback(() => numbers(1));
    assert.deepEqual(await readAll(other.executeStream(flaky(1).work)), [1]);
    const { answers, totalFailures } = chat.getStats();
    assert.deepEqual([answers['fallback:1'], totalFailures], [2, 1]);
  });

  it('closes the answer of a fallback if the consumer stops early', async () => {
    const closed: string[] = [];
    const chat = fallback(async function* () {
      try {
        yield 1;
        yield 2;
      } finally {
        closed.push('answer');
      }
    });
    for await (const each of chat.executeStream(flaky(1).work)) if (each === 1) break;
    assert.deepEqual(closed, ['answer']);
  });

  it('holds a slot until the source has closed', async () => {
    const slots = bulkhead(1);
    const closing = deferred<void>();
    const stream = await slots.executeStream(async function* () {
      try {
        yield 1;
        yield 2;
      } finally {
        await closing.promise;
      }
    });
    assert.ok((await rejection(slots.executeStream(() => numbers(1)))) instanceof BulkheadFullError);
    const left = stream.return!();
    await turn();
    assert.deepEqual([slots.getStats().running, slots.getStats().overrunning], [1, 1]);
    closing.resolve();
    await left;
    assert.deepEqual([slots.getStats().running, slots.getStats().overrunning], [0, 0]);
  });

  it('is no sample of the response time for an adaptive bulkhead', async () => {
    const clock = manualClock();
    const slots = adaptiveBulkhead({ initial: 4, minimumCalls: 10, window: 100, clock });
    for (let round = 0; round < 30; round++) {
      const streams = await Promise.all([1, 2, 3, 4].map(() => slots.executeStream(() => numbers(1))));
      await clock.advanceAsync(10);
      await Promise.all(streams.map(readAll));
    }
    const { limit, running, totalAdmitted } = slots.getStats();
    assert.deepEqual([limit, running, totalAdmitted], [4, 0, 120]);
  });

  it('lets a stream pass through a hedge and a cache, without a key', async () => {
    const hedged = hedge({ idempotent: true, delay: 1 });
    const cached = cache({ freshFor: 1_000 });
    const source = flaky(0);
    for (const policy of [hedged, cached, hedged, cached]) {
      assert.deepEqual(await readAll(policy.executeStream(source.work)), [1, 2]);
    }
    assert.equal(source.calls, 4);
    assert.deepEqual([hedged.getStats().totalCalls, cached.getStats().totalMisses], [0, 0]);
  });

  it('limits the whole stream by a timeout around the breaker, and the first item by one inside it', async () => {
    const clock = manualClock();
    const breaker = new CircuitBreaker({ name: 'chat', clock, timeout: 400 });
    const inner = timeout({ timeout: 200, clock });
    const outer = timeout({ timeout: 1_000, clock, name: 'total' });
    const chat = pipeline([outer, breaker, inner]);
    const slow = rejection(chat.executeStream(() => new Promise<never>(() => undefined)));
    await clock.advanceAsync(200);
    assert.match(((await slow) as Error).message, /Policy timeout timeout after 200ms/);
    const stream = await chat.executeStream(() => numbers(9));
    await clock.advanceAsync(999);
    assert.equal((await stream.next()).value, 1);
    await clock.advanceAsync(1);
    const error = await rejection(stream.next());
    assert.ok(error instanceof CallTimeoutError);
    assert.equal(error.policy, 'total');
    assert.equal(breaker.getStats().totalTimeouts, 2);
    assert.equal(clock.timers, 0);
  });

  it('replaces the timeouts inside the breaker by firstItem, on the clock of the breaker', async () => {
    const clock = manualClock();
    const chat = pipeline({ name: 'chat', clock, breaker: { timeout: 400 }, attemptTimeout: 200 });
    const never = () => new Promise<never>(() => undefined);
    const error = rejection(chat.executeStream(never, { firstItem: 600 }));
    await clock.advanceAsync(599);
    assert.equal(chat.breaker!.getStats().inFlight, 1);
    await clock.advanceAsync(1);
    assert.equal(((await error) as Error).message, 'Policy chat timeout after 600ms without the first item');
    assert.equal(chat.breaker!.getStats().totalTimeouts, 1);
  });

  it('limits the whole stream by a timeout alone', async () => {
    const clock = manualClock();
    const limit = timeout({ timeout: 100, clock });
    const stream = await limit.executeStream(() => numbers(9));
    await clock.advanceAsync(100);
    assert.ok((await rejection(stream.next())) instanceof CallTimeoutError);
  });

  it('retries a first item that is late', async () => {
    const clock = manualClock();
    const again = (outcome: Outcome) => ('error' in outcome ? { retry: true } : undefined);
    const chat = pipeline({ name: 'chat', clock, retry: { attempts: 2, delay: 10, classify: again }, breaker: {} });
    let calls = 0;
    const work = () => (++calls === 1 ? new Promise<never>(() => undefined) : numbers(2));
    const read = readAll(chat.executeStream(work, { firstItem: 50 }));
    await clock.advanceAsync(50);
    await clock.advanceAsync(10);
    assert.deepEqual(await read, [1, 2]);
    assert.equal(clock.timers, 0);
  });

  it('ends by the signal of the caller in every layer, and closes the source', async () => {
    const chat = pipeline({ name: 'chat', timeout: 5_000, retry: 3, breaker: {}, bulkhead: 1, fallback: () => [] });
    const closed: unknown[] = [];
    const controller = new AbortController();
    const stream = (await chat.executeStream(
      async function* () {
        try {
          yield 1;
          yield 2;
        } finally {
          closed.push('source');
        }
      },
      { signal: controller.signal },
    )) as AsyncIterableIterator<number>;
    controller.abort('left');
    assert.equal(await rejection(stream.next()), 'left');
    assert.deepEqual(closed, ['source']);
    const { totalIgnored, inFlight } = chat.breaker!.getStats();
    assert.deepEqual([totalIgnored, inFlight], [1, 0]);
  });

  it('refuses options that are not valid', async () => {
    for (const [options, message] of [
      [{ priority: 9 }, /priority must be a whole number from 0 to 4/],
      [{ firstItem: Number.NaN }, /firstItem must be a number of milliseconds/],
    ] as const) {
      const error = await rejection(pipeline({ breaker: {} }).executeStream(() => numbers(1), options as object));
      assert.ok(error instanceof TypeError);
      assert.match(error.message, message);
    }
  });
});
