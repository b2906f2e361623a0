import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { CircuitBreaker, Status } from '@fusewire/opossum';
import { OptionsError } from 'fusewire';
import { advance, useFakeTime } from './fake-time.ts';

useFakeTime();

const fires = (status: Status): number[] => status.window.map((bucket) => bucket.fires);

describe('Status', () => {
  it('starts with zeros', () => {
    const breaker = new CircuitBreaker(async () => 1);
    const zero = { '0': 0, '0.25': 0, '0.5': 0, '0.75': 0, '0.9': 0, '0.95': 0, '0.99': 0, '0.995': 0, '1': 0 };
    assert.deepEqual(breaker.stats, {
      failures: 0,
      fallbacks: 0,
      successes: 0,
      rejects: 0,
      fires: 0,
      timeouts: 0,
      cacheHits: 0,
      cacheMisses: 0,
      coalesceCacheHits: 0,
      coalesceCacheMisses: 0,
      semaphoreRejections: 0,
      percentiles: zero,
      latencyTimes: [],
      latencyMean: 0,
    });
    assert.equal(breaker.status instanceof Status && breaker.status instanceof EventEmitter, true);
    assert.equal(breaker.status.window.length, 10);
  });

  it('computes percentiles by the nearest rank', () => {
    const status = new Status();
    for (const latency of [5, 1, 9, 3, 7, 2, 8, 4, 6, 10]) status.increment('successes', latency);
    status.increment('failures');
    status.increment('timeouts', 100);
    status.increment('fires', 1_000);
    const { percentiles, latencyTimes, latencyMean } = status.stats;
    assert.deepEqual(latencyTimes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100]);
    assert.equal(latencyMean, 155 / 12);
    assert.deepEqual(Object.values(percentiles), [0, 100, 2, 5, 8, 10, 100, 100, 100]);
  });

  it('keeps no latency while percentiles are disabled', () => {
    const status = new Status({ rollingPercentilesEnabled: false });
    status.increment('successes', 5);
    const { percentiles, latencyTimes, latencyMean, successes } = status.stats;
    assert.deepEqual([latencyTimes, latencyMean, successes], [[], -1, 1]);
    assert.deepEqual(new Set(Object.values(percentiles)), new Set([-1]));
  });

  it('moves its window at multiples of the bucket length since its creation', async () => {
    const status = new Status({ rollingCountBuckets: 3, rollingCountTimeout: 300 });
    await advance(90);
    status.increment('fires');
    await advance(10);
    status.increment('fires');
    status.increment('fires');
    assert.deepEqual(fires(status), [2, 1, 0]);
    await advance(200);
    assert.deepEqual(fires(status), [0, 0, 2]);
    await advance(100);
    assert.deepEqual([fires(status), status.stats.fires], [[0, 0, 0], 0]);
    await advance(1_000);
    status.increment('fires');
    assert.deepEqual(fires(status), [1, 0, 0]);
    await advance(100);
    assert.deepEqual(fires(status), [0, 1, 0]);
  });

  it('emits a snapshot per bucket, even without counts', async () => {
    const breaker = new CircuitBreaker(async () => 1, { rollingCountBuckets: 2, rollingCountTimeout: 100 });
    const snapshots: number[] = [];
    await advance(500);
    breaker.status.on('snapshot', (stats) => snapshots.push(stats.fires));
    await breaker.fire();
    await advance(200);
    assert.deepEqual(snapshots, [1, 0, 0, 0]);
    breaker.status.removeAllListeners('snapshot');
    breaker.status.addListener('snapshot', (stats) => snapshots.push(stats.fires + 10));
    await advance(50);
    assert.deepEqual(snapshots.slice(4), [10]);
    breaker.shutdown();
    await advance(100);
    assert.equal(snapshots.length, 5);
  });

  it('emits no snapshot with enableSnapshots: false', async () => {
    const status = new Status({ rollingCountBuckets: 2, rollingCountTimeout: 100, enableSnapshots: false });
    status.on('snapshot', () => assert.fail());
    status.increment('fires');
    await advance(100);
    assert.equal(status.stats.fires, 0);
  });

  it('moves its window only on `rotate` with a rotateBucketController', async () => {
    const rotateBucketController = new EventEmitter();
    const options = { rollingCountBuckets: 2, rollingCountTimeout: 50, rotateBucketController };
    const breaker = new CircuitBreaker(async () => 1, options);
    await breaker.fire();
    await advance(200);
    assert.deepEqual(fires(breaker.status), [1, 0]);
    rotateBucketController.emit('rotate');
    assert.deepEqual(fires(breaker.status), [0, 1]);
    const listeners = () => rotateBucketController.listenerCount('rotate');
    breaker.disable();
    assert.equal(listeners(), 0);
    breaker.enable();
    breaker.enable();
    assert.equal(listeners(), 1);
    rotateBucketController.emit('rotate');
    assert.equal(breaker.stats.fires, 0);
    breaker.shutdown();
    assert.equal(listeners(), 0);
  });

  it('starts with the counts of the option `stats`', async () => {
    const before = new CircuitBreaker(async () => 1, { rollingCountBuckets: 2, rollingCountTimeout: 100 });
    await before.fire();
    const stats = before.toJSON().status;
    const status = CircuitBreaker.newStatus({ stats, rollingCountBuckets: 2, rollingCountTimeout: 100 });
    assert.deepEqual(status.stats, before.stats);
    stats.latencyTimes.push(5);
    assert.deepEqual(status.stats.latencyTimes, [0]);
    await advance(100);
    assert.equal(status.stats.fires, 0);
    assert.equal(CircuitBreaker.newStatus({ stats: { failures: 3 } }).stats.failures, 3);
    assert.equal(CircuitBreaker.newStatus().window.length, 10);
  });

  it('records in its window whether the circuit opened or closed', () => {
    const breaker = new CircuitBreaker(async () => 1);
    const isOpen = () => breaker.status.window[0]?.isCircuitBreakerOpen;
    assert.equal(isOpen(), undefined);
    breaker.open();
    assert.equal(isOpen(), true);
    breaker.close();
    assert.equal(isOpen(), false);
  });

  it('counts the calls of several breakers', async () => {
    const status = new Status();
    for (const name of ['a', 'b']) await new CircuitBreaker(async () => name, { status }).fire();
    assert.deepEqual([status.stats.fires, status.stats.successes], [2, 2]);
  });

  it('computes percentiles of more latencies than a function can have arguments', () => {
    const status = new Status();
    for (let call = 0; call < 300_000; call++) status.increment('successes', call);
    assert.equal(status.stats.percentiles[1], 299_999);
  });

  it('rejects all invalid options in one error', () => {
    const invalid = { rollingCountBuckets: 2.5, rollingCountTimeout: -1, enableSnapshots: 'no', stats: 5 };
    assert.throws(
      () => CircuitBreaker.newStatus(invalid as never),
      (error: Error & { problems: readonly { option: string }[] }) => {
        assert.deepEqual(error.problems.map(({ option }) => option).sort(), Object.keys(invalid).sort());
        return error instanceof OptionsError;
      },
    );
    assert.throws(() => new Status(5 as never), OptionsError);
  });

  it('reads 0 for a count that is no finite number', () => {
    const stats = { fires: 'x', failures: null, latencyTimes: [1, Number.NaN] } as never;
    const { fires: calls, failures, latencyTimes } = CircuitBreaker.newStatus({ stats }).stats;
    assert.deepEqual([calls, failures, latencyTimes], [0, 0, [0, 1]]);
  });
});
