import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import type { CircuitBreakerOptions } from 'fusewire';
import { close, orders } from './support-queued.ts';
import { down, fails } from './support-fallback.ts';
import { deferred, open, quickBreaker, turn } from './support.ts';

describe('a failure of a replayed operation', () => {
  it('opens no circuit for live calls, although a message fails every time', async () => {
    const { breaker } = quickBreaker('wasm', { failureThreshold: 3, failureRateThreshold: 0.2, minimumCalls: 5 });
    const { queue, strategy, enqueue } = orders({ breaker, operation: fails });
    await enqueue(1);
    const replay = strategy.replay();
    let rejected = 0;
    for (let call = 0; call < 40; call++) {
      await breaker.execute(() => 'healthy').catch(() => rejected++);
      await turn();
    }
    assert.equal(rejected, 0);
    assert.deepEqual(await replay, { completed: 0, failed: 10, buried: 1, stopped: false });
    assert.deepEqual(await queue.size(), { waiting: 0, leased: 0, dead: 1 });
    const { totalSuccesses, totalFailures, totalIgnored, inFlight, lastError, stateChanges } = breaker.getStats();
    assert.deepEqual(
      { totalSuccesses, totalFailures, totalIgnored, inFlight, lastError, stateChanges },
      { totalSuccesses: 40, totalFailures: 0, totalIgnored: 10, inFlight: 0, lastError: null, stateChanges: 0 },
    );
  });

  const kinds: Record<string, [CircuitBreakerOptions, () => unknown]> = {
    'an error with the time to wait': [{ classify: () => ({ openFor: 5_000 }) }, fails],
    'a result that isFailure names': [{ isFailure: (value) => value === 'bad' }, () => 'bad'],
    'an error of a breaker that measures no call': [{ timeout: false, responseTimes: false }, fails],
  };
  for (const [kind, [options, operation]] of Object.entries(kinds)) {
    it(`opens no circuit: ${kind}`, async () => {
      const { breaker } = quickBreaker('wasm', { failureThreshold: 1, ...options });
      const { strategy, enqueue } = orders({ breaker, operation });
      await enqueue(1);
      await strategy.replay();
      assert.equal(breaker.state, 'CLOSED');
      assert.equal(breaker.getStats().failureCount, 0);
    });
  }

  it('opens no circuit by its duration', async () => {
    const { breaker, clock } = quickBreaker('wasm', {
      slowCallDuration: 10,
      slowCallRateThreshold: 0.1,
      minimumCalls: 1,
    });
    const { strategy, enqueue } = orders({ breaker, operation: () => clock.advance(50) });
    await enqueue(1);
    assert.equal((await strategy.replay()).completed, 1);
    assert.equal(breaker.state, 'CLOSED');
    const { slowCallCount, totalSuccesses } = breaker.getStats();
    assert.deepEqual([slowCallCount, totalSuccesses], [0, 1]);
  });

  it('leaves a half-open circuit as it is, and a success closes it', async () => {
    const { breaker, clock } = quickBreaker('wasm', { successThreshold: 1 });
    let isDown = true;
    const { done, strategy, enqueue } = orders({
      breaker,
      maxAttempts: 1,
      operation(number) {
        if (isDown) throw down;
        done.push(number);
      },
    });
    await open(breaker);
    await enqueue(1);
    clock.advance(1_000);
    assert.equal((await strategy.replay()).buried, 1);
    assert.equal(breaker.state, 'HALF_OPEN');
    assert.equal(breaker.getStats().probesInFlight, 0);
    isDown = false;
    await enqueue(2);
    assert.equal((await strategy.replay()).completed, 1);
    assert.equal(breaker.state, 'CLOSED');
  });

  it('does not happen while the circuit is open: the replay stops, and no attempt counts', async () => {
    const { breaker, clock } = quickBreaker('wasm');
    const { queue, done, strategy, enqueue } = orders({ breaker, maxAttempts: 1 });
    await open(breaker);
    for (const number of [1, 2]) await enqueue(number);
    assert.deepEqual(await strategy.replay(), { completed: 0, failed: 0, buried: 0, stopped: true });
    assert.deepEqual(await queue.size(), { waiting: 2, leased: 0, dead: 0 });
    await close(breaker, clock);
    await turn();
    assert.deepEqual(done, [1, 2]);
  });
});

describe('the pause of a replay', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_700_000_000_000 }));
  afterEach(() => mock.timers.reset());

  /** Lets the time pass in steps, so that what one timer starts can set another. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      mock.timers.tick(1_000);
      for (let index = 0; index < 2; index++) await turn();
    }
  }

  /** Starts a replay of so many messages, and returns the seconds at which attempts began. */
  async function attempts(count: number, options: Parameters<typeof orders>[0] = {}) {
    const begin = Date.now();
    const seconds: number[] = [];
    const made = orders({
      retryDelay: 1_000,
      operation() {
        seconds.push((Date.now() - begin) / 1_000);
        throw down;
      },
      ...options,
    });
    for (let number = 0; number < count; number++) await made.enqueue(number);
    const replay = made.strategy.replay();
    await turn();
    return { ...made, seconds, replay };
  }

  it('doubles with each failure in a row, up to five minutes, so that an outage buries few messages', async () => {
    const { queue, seconds, strategy, replay } = await attempts(100);
    await pass(3_600);
    assert.deepEqual(seconds.slice(0, 12), [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1_111]);
    assert.equal((await queue.size()).dead, 2);
    await strategy.close();
    assert.equal((await replay).stopped, true);
  });

  it('is retryDelay again after a success of the dependency', async () => {
    const breaker = new CircuitBreaker();
    const { seconds, strategy, replay } = await attempts(1, { breaker });
    await pass(7);
    assert.deepEqual(seconds, [1, 2, 4]);
    for (let live = 0; live < 4; live++) {
      await breaker.execute(() => 'healthy');
      await pass(1);
    }
    assert.deepEqual(seconds, [1, 2, 4, 8, 9, 10, 11]);
    await strategy.close();
    await replay;
  });

  it('grows once for operations that fail together', async () => {
    let count = 0;
    const counts: number[] = [];
    const operation = async () => {
      count++;
      await turn();
      throw down;
    };
    const { strategy, replay } = await attempts(8, { concurrency: 4, operation });
    for (let second = 0; second < 4; second++) {
      await pass(1);
      counts.push(count);
    }
    // The first four fail after a second. The pauses are of one and two seconds.
    assert.deepEqual(counts, [4, 8, 8, 12]);
    await strategy.close();
    await replay;
  });

  it('is never shorter than a retryDelay of more than five minutes', async () => {
    const { seconds, strategy, replay } = await attempts(1, { retryDelay: 400_000 });
    await pass(900);
    assert.deepEqual(seconds, [0, 400, 800]);
    await strategy.close();
    await replay;
  });

  it('follows a timeout of the breaker, which opens no circuit', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1, timeout: 500 });
    const { strategy, replay, queue } = await attempts(1, { breaker, operation: () => deferred().promise });
    mock.timers.tick(1_000);
    await turn();
    mock.timers.tick(500);
    await turn();
    assert.equal(breaker.state, 'CLOSED');
    const { totalTimeouts, totalIgnored } = breaker.getStats();
    assert.deepEqual([totalTimeouts, totalIgnored], [0, 1]);
    await strategy.close();
    assert.deepEqual(await replay, { completed: 0, failed: 1, buried: 0, stopped: true });
    assert.deepEqual(await queue.size(), { waiting: 1, leased: 0, dead: 0 });
  });
});
