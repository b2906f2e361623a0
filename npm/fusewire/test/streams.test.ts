import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { it } from 'node:test';
import { BreakerDisposedError, CallTimeoutError, CircuitBreaker, CircuitOpenError } from 'fusewire';
import type { StreamSource } from 'fusewire';
import { manualClock } from '../../testing/src/manual-clock.ts';
import { deferred, onEachBackend, open, quickBreaker, record, rejection, turn } from './support.ts';
import { counts, numbers, only, readAll } from './support-streams.ts';

/** Source that records how it is read and closed. */
class Source implements AsyncIterableIterator<number> {
  asked = 0;
  closed = 0;
  next: () => Promise<IteratorResult<number>>;

  constructor(next: (asked: number) => Promise<IteratorResult<number>> | IteratorResult<number>) {
    this.next = async () => next(++this.asked);
  }

  async return(): Promise<IteratorResult<number>> {
    this.closed++;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

const item = (value: number) => ({ done: false, value }) as const;
const END = { done: true, value: undefined } as const;
const never = () => new Promise<never>(() => undefined);

onEachBackend('executeStream()', (backend) => {
  it('counts a success when the stream has ended, and a call in flight until then', async () => {
    const { breaker } = quickBreaker(backend);
    const stream = await breaker.executeStream(() => numbers(2));
    assert.deepEqual(await stream.next(), item(1));
    assert.equal(breaker.getStats().inFlight, 1);
    assert.deepEqual(await stream.next(), item(2));
    assert.equal(breaker.getStats().totalSuccesses, 0);
    assert.deepEqual(await stream.next(), END);
    assert.deepEqual(counts(breaker), only('totalSuccesses'));
    assert.deepEqual(await stream.next(), END);
  });

  it('can be iterated without await', async () => {
    const { breaker } = quickBreaker(backend);
    assert.deepEqual(await readAll(breaker.executeStream(async () => numbers(3))), [1, 2, 3]);
    assert.deepEqual(await readAll(breaker.executeStream(() => numbers(0))), []);
    assert.equal(counts(breaker).totalSuccesses, 2);
  });

  it('counts a failure before the consumer sees the error of a stream that breaks', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 1 });
    const seen: unknown[] = [];
    const error = await rejection(
      (async () => {
        for await (const each of breaker.executeStream(() => numbers(2, new Error('broke off')))) seen.push(each);
      })().finally(() => seen.push(breaker.state)),
    );
    assert.equal((error as Error).message, 'broke off');
    assert.deepEqual(seen, [1, 2, 'OPEN']);
  });

  it('rejects with the error of a stream that fails before its first item', async () => {
    const { breaker } = quickBreaker(backend);
    const failure = new Error('down');
    assert.equal(await rejection(breaker.executeStream(() => numbers(0, failure))), failure);
    assert.equal(await rejection(breaker.executeStream(() => Promise.reject(failure))), failure);
    assert.equal(counts(breaker).totalFailures, 2);
    const { breaker: other } = quickBreaker(backend);
    const throwing = (): StreamSource => {
      throw failure;
    };
    assert.equal(await rejection(other.executeStream(throwing)), failure);
    assert.deepEqual(counts(other), only('totalFailures'));
  });

  it('ends with the error once, and then with no further item', async () => {
    const { breaker } = quickBreaker(backend);
    const stream = await breaker.executeStream(() => numbers(1, new Error('broke off')));
    await stream.next();
    await assert.rejects(stream.next(), /broke off/);
    assert.deepEqual(await stream.next(), END);
  });

  it('classifies the error, and asks isFailure about no value', async () => {
    const asked: unknown[] = [];
    const { breaker } = quickBreaker(backend, {
      isFailure: (value: unknown) => asked.push(value) > 0,
      classify: (outcome) => ('error' in outcome ? 'ignore' : undefined),
    });
    await readAll(breaker.executeStream(() => numbers(2)));
    await rejection(readAll(breaker.executeStream(() => numbers(1, new Error('mine')))));
    assert.deepEqual(counts(breaker), { totalSuccesses: 1, totalFailures: 0, totalIgnored: 1 });
    assert.deepEqual(asked, []);
  });

  it('rejects without calling the work while the circuit is open or the breaker is disposed', async () => {
    const { breaker } = quickBreaker(backend);
    await open(breaker);
    const called: unknown[] = [];
    const work = () => (called.push(1), numbers(1));
    assert.ok((await rejection(breaker.executeStream(work))) instanceof CircuitOpenError);
    await assert.rejects(readAll(breaker.executeStream(work)), CircuitOpenError);
    breaker.dispose();
    assert.ok((await rejection(breaker.executeStream(work))) instanceof BreakerDisposedError);
    assert.deepEqual(called, []);
  });

  it('goes on while the breaker is disposed of', async () => {
    const { breaker } = quickBreaker(backend);
    const stream = await breaker.executeStream(() => numbers(2));
    breaker.dispose();
    assert.deepEqual(await readAll(stream), [1, 2]);
  });

  it('holds the probe of a half-open circuit until the stream has ended', async () => {
    const { breaker, clock } = quickBreaker(backend, { successThreshold: 1 });
    await open(breaker);
    clock.advance(1_000);
    const stream = await breaker.executeStream(() => numbers(1));
    assert.equal(breaker.state, 'HALF_OPEN');
    await assert.rejects(
      breaker.execute(() => 1),
      CircuitOpenError,
    );
    await readAll(stream);
    assert.equal(breaker.state, 'CLOSED');
  });

  it('counts neither way if the consumer stops early, and closes the source once', async () => {
    const { breaker } = quickBreaker(backend);
    const source = new Source(item);
    let signal: AbortSignal | undefined;
    const work = (call: { readonly signal: AbortSignal }) => ((signal = call.signal), source);
    for await (const each of breaker.executeStream(work)) if (each === 2) break;
    assert.deepEqual([source.asked, source.closed], [2, 1]);
    assert.deepEqual(counts(breaker), only('totalIgnored'));
    assert.equal((signal?.reason as Error).name, 'AbortError');
  });

  it('counts a consumer that stops after slowCallDuration as slow', async () => {
    const { breaker, clock } = quickBreaker(backend, { slowCallDuration: 100, slowCallRateThreshold: 1 });
    for await (const each of breaker.executeStream(() => numbers(2))) {
      assert.equal(each, 1);
      clock.advance(100);
      break;
    }
    assert.equal(breaker.getStats().slowCallCount, 1);
  });

  it('passes on the error of a source that fails to close, but not that of its own abort', async () => {
    const { breaker } = quickBreaker(backend);
    const failing = await breaker.executeStream(async function* () {
      try {
        yield 1;
      } finally {
        await Promise.reject(new Error('cannot close'));
      }
    });
    await assert.rejects(failing.return!(), /cannot close/);
    const heeding = await breaker.executeStream(async function* ({ signal }) {
      try {
        yield 1;
      } finally {
        await turn();
        signal.throwIfAborted();
      }
    });
    assert.deepEqual(await heeding.return!('mine'), { done: true, value: 'mine' });
    assert.equal(counts(breaker).totalIgnored, 2);
  });

  it('is ended by the signal of the caller before, while and after items are awaited', async () => {
    const { breaker } = quickBreaker(backend);
    const before = AbortSignal.abort('before');
    assert.equal(await rejection(breaker.executeStream(() => numbers(1), { signal: before })), 'before');

    const controller = new AbortController();
    const source = new Source((asked) => (asked === 1 ? item(1) : never()));
    const { signal } = controller;
    const stream = await breaker.executeStream(() => source, { signal });
    await stream.next();
    const pending = [stream.next(), stream.next()];
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    controller.abort('while');
    assert.equal(await rejection(pending[0]!), 'while');
    assert.deepEqual(await pending[1], END);
    assert.deepEqual([source.closed, getEventListeners(signal, 'abort').length], [1, 0]);

    const between = new AbortController();
    const other = new Source(item);
    const idle = await breaker.executeStream(() => other, { signal: between.signal });
    between.abort('between');
    assert.equal(await rejection(idle.next()), 'between');
    assert.deepEqual(await idle.next(), END);

    const after = new AbortController();
    assert.deepEqual(await readAll(breaker.executeStream(() => numbers(1), { signal: after.signal })), [1]);
    assert.equal(getEventListeners(after.signal, 'abort').length, 0);
    after.abort();
    const { totalSuccesses, totalIgnored } = counts(breaker);
    assert.deepEqual([totalSuccesses, totalIgnored], [1, 2]);
  });

  it('closes a source that is opened after the caller has aborted', async () => {
    const { breaker } = quickBreaker(backend);
    const source = new Source(item);
    const opening = deferred<Source>();
    const controller = new AbortController();
    const stream = breaker.executeStream(() => opening.promise, { signal: controller.signal });
    controller.abort('left');
    assert.equal(await rejection(stream), 'left');
    opening.resolve(source);
    await turn();
    assert.deepEqual([source.asked, source.closed], [0, 1]);
  });

  it('asks for no item before the consumer does, except for the first, and for one at a time', async () => {
    const { breaker } = quickBreaker(backend);
    let running = 0;
    const source = new Source(async (asked) => {
      assert.equal(++running, 1);
      await turn();
      running--;
      return asked > 4 ? END : item(asked);
    });
    const stream = await breaker.executeStream(() => source);
    await turn();
    assert.equal(source.asked, 1);
    assert.deepEqual(await Promise.all([stream.next(), stream.next(), stream.next()]), [item(1), item(2), item(3)]);
    assert.equal(source.asked, 3);
    assert.deepEqual(await readAll(stream), [4]);
    assert.equal(source.closed, 0);
  });

  it('ends the requests that are pending when the consumer stops', async () => {
    const { breaker } = quickBreaker(backend);
    const source = new Source((asked) => (asked === 1 ? item(1) : never()));
    const stream = await breaker.executeStream(() => source);
    const [first, second] = [stream.next(), stream.next()];
    assert.deepEqual(await first, item(1));
    assert.deepEqual(await stream.return!(), END);
    assert.deepEqual(await second, END);
    assert.equal(source.closed, 1);
  });

  it('refuses work and options that are not valid, and work without a stream, and counts neither way', async () => {
    const { breaker } = quickBreaker(backend);
    const execute = (work: unknown, options?: object) => rejection(breaker.executeStream(work as never, options));
    for (const [work, options, message] of [
      [numbers(1), undefined, /executeStream takes a function that returns a stream, got object/],
      [() => numbers(1), { firstItem: 0 }, /firstItem must be a number of milliseconds from 1 to 2147483647/],
      [() => numbers(1), { betweenItems: '5' }, /betweenItems must be a number of milliseconds from 1 to/],
      [() => numbers(1), { signal: 1 }, /signal must be an AbortSignal/],
      [() => numbers(1), 5, /the options of a call must be an object/],
      [() => [1, 2], undefined, /must return an async iterable or a ReadableStream/],
      [() => new Response('body'), undefined, /such as the body of a Response/],
      [() => null, undefined, /must return an async iterable/],
    ] as const) {
      const error = await execute(work, options as object | undefined);
      assert.ok(error instanceof TypeError);
      assert.match(error.message, message);
    }
    assert.equal(counts(breaker).totalFailures, 0);
  });

  it('protects nothing while the breaker is disabled', async () => {
    const { breaker } = quickBreaker(backend, { enabled: false });
    const limits = { firstItem: 1, betweenItems: 1 };
    const late = async function* () {
      await new Promise((resolve) => setTimeout(resolve, 10));
      yield 1;
    };
    assert.deepEqual(await readAll(breaker.executeStream(late, limits)), [1]);
    assert.equal(breaker.getStats().totalRequests, 0);
  });
});

onEachBackend('The time limits of executeStream()', (backend) => {
  function limited(options: object = {}) {
    const clock = manualClock();
    const breaker = new CircuitBreaker({ name: 'chat', backend, clock, timeout: 1_000, ...options });
    return { breaker, clock };
  }

  it('apply the timeout of the breaker to the first item, and not to the rest', async () => {
    const { breaker, clock } = limited();
    const slow = rejection(breaker.executeStream(() => new Source(never)));
    await clock.advanceAsync(1_000);
    assert.equal(((await slow) as Error).message, 'Circuit breaker chat timeout after 1000ms');
    const stream = await breaker.executeStream(() => numbers(2));
    await clock.advanceAsync(5_000);
    assert.deepEqual(await readAll(stream), [1, 2]);
    assert.equal(clock.timers, 0);
    assert.deepEqual([breaker.getStats().totalTimeouts, breaker.getStats().totalSuccesses], [1, 1]);
  });

  it('apply firstItem in place of the timeout, and betweenItems only while an item is awaited', async () => {
    const { breaker, clock } = limited();
    const events = record(breaker, 'timeout');
    const gate = deferred<IteratorResult<number>>();
    const source = new Source((asked) => (asked === 1 ? gate.promise : asked === 2 ? item(2) : never()));
    let signal: AbortSignal | undefined;
    const opening = breaker.executeStream((call) => ((signal = call.signal), source), {
      firstItem: 3_000,
      betweenItems: 200,
    });
    await clock.advanceAsync(2_999);
    gate.resolve(item(1));
    const stream = await opening;
    await clock.advanceAsync(10_000);
    assert.deepEqual([await stream.next(), await stream.next()], [item(1), item(2)]);
    assert.equal(clock.timers, 0);
    await clock.advanceAsync(10_000);
    const third = rejection(stream.next());
    await clock.advanceAsync(199);
    assert.deepEqual(events, []);
    await clock.advanceAsync(1);
    const error = (await third) as CallTimeoutError;
    assert.ok(error instanceof CallTimeoutError);
    assert.equal(error.message, 'Circuit breaker chat timeout after 200ms without the next item');
    assert.deepEqual([events, source.closed, signal?.reason], [['timeout'], 1, error]);
    assert.equal(breaker.getStats().totalTimeouts, 1);
    assert.equal(clock.timers, 0);
  });

  it('end a stream whose first item does not come', async () => {
    const { breaker, clock } = limited();
    const error = rejection(breaker.executeStream(never, { firstItem: 50 }));
    await clock.advanceAsync(50);
    assert.equal(((await error) as Error).message, 'Circuit breaker chat timeout after 50ms without the first item');
    assert.equal(breaker.getStats().totalTimeouts, 1);
    assert.equal(breaker.getStats().inFlight, 0);
  });

  it('are judged by the name of the reason if the signal of the caller ends the stream', async () => {
    const { breaker, clock } = limited();
    const controller = new AbortController();
    const stream = await breaker.executeStream(() => numbers(9), { signal: controller.signal });
    clock.advance(500);
    controller.abort(new DOMException('too late', 'TimeoutError'));
    assert.equal(((await rejection(stream.next())) as Error).name, 'TimeoutError');
    assert.equal(breaker.getStats().totalTimeouts, 1);
  });
});
