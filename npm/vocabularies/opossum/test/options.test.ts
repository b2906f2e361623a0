import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { CircuitBreaker } from '@fusewire/opossum';
import { OptionsError } from 'fusewire';
import { advance, sleep, useFakeTime } from './fake-time.ts';

useFakeTime();

async function action(): Promise<number> {
  return 1;
}

describe('the options of a CircuitBreaker', () => {
  it('has the defaults of opossum', () => {
    const { options } = new CircuitBreaker(action);
    const { timeout, resetTimeout, errorThresholdPercentage, rollingCountTimeout, rollingCountBuckets } = options;
    assert.deepEqual([timeout, resetTimeout, errorThresholdPercentage], [10_000, 30_000, 50]);
    assert.deepEqual([rollingCountTimeout, rollingCountBuckets, options.volumeThreshold], [10_000, 10, 0]);
    assert.deepEqual([options.rollingPercentilesEnabled, options.enableSnapshots, options.enabled], [true, true, true]);
    assert.deepEqual(
      [options.cache, options.cacheTTL, options.coalesce, options.allowWarmUp],
      [false, 0, false, false],
    );
    assert.deepEqual([options.coalesceTTL, options.coalesceResetOn], [10_000, []]);
    assert.equal(options.capacity, Number.MAX_SAFE_INTEGER);
  });

  it('uses the name of the action, or else a UUID', () => {
    const named = new CircuitBreaker(action);
    assert.deepEqual([named.name, named.group], ['action', 'action']);
    const configured = new CircuitBreaker(action, { name: 'stock', group: 'shop' });
    assert.deepEqual([configured.name, configured.group], ['stock', 'shop']);
    const [first, second] = [new CircuitBreaker('a'), new CircuitBreaker('a', { name: '', group: '' })];
    assert.match(first.name, /^[\da-f-]{36}$/);
    assert.notEqual(first.name, second.name);
    assert.equal(second.group, second.name);
  });

  it('keeps a value of 0', () => {
    const zero = {
      timeout: 0,
      resetTimeout: 0,
      errorThresholdPercentage: 0,
      volumeThreshold: 0,
      capacity: 0,
      cacheTTL: 0,
    };
    const { options } = new CircuitBreaker(action, zero);
    for (const [option, value] of Object.entries(zero)) assert.equal(options[option], value, option);
  });

  it('uses the default for null and undefined', () => {
    const { options } = new CircuitBreaker(action);
    for (const nothing of [null, undefined]) {
      const nullish = Object.fromEntries(Object.keys(options).map((option) => [option, nothing]));
      const read = new CircuitBreaker(action, nullish).options;
      for (const [option, value] of Object.entries(read)) {
        if (typeof value !== 'function') assert.deepEqual(value, options[option], option);
      }
    }
  });

  it('keeps unknown options, and does not change the object', () => {
    const input = Object.freeze({ timeout: 5, usePrometheus: true });
    const { options } = new CircuitBreaker(action, input);
    assert.deepEqual([options.timeout, options['usePrometheus']], [5, true]);
  });

  it('rejects all invalid options in one error', () => {
    const invalid = {
      timeout: 'secret',
      resetTimeout: Number.NaN,
      rollingCountTimeout: -1,
      rollingCountBuckets: 2.5,
      capacity: 1.5,
      errorThresholdPercentage: -5,
      volumeThreshold: 2.5,
      errorFilter: 404,
      cache: 'yes',
      cacheGetKey: 'id',
      coalesceResetOn: 'error',
      group: 5,
      status: 'x',
      state: 'open',
      rotateBucketController: {},
    };
    assert.throws(
      () => new CircuitBreaker(action, invalid as never),
      (error: Error & { problems: readonly { option: string }[] }) => {
        assert.deepEqual(error.problems.map(({ option }) => option).sort(), Object.keys(invalid).sort());
        assert.match(
          error.message,
          /^Circuit breaker action: timeout must be a number of milliseconds from 0 to 2147483647, or false, got a string/,
        );
        assert.doesNotMatch(error.message, /secret/);
        return error instanceof OptionsError;
      },
    );
    for (const options of [5, 'x', null, []])
      assert.throws(() => new CircuitBreaker(action, options as never), OptionsError);
    assert.throws(() => new CircuitBreaker(action, { resetTimeout: 2 ** 31 }), OptionsError);
    assert.throws(() => new CircuitBreaker(action, { name: 5 as never }), /name must be/);
  });

  it('rejects cacheTransport and abortController with the messages of opossum', () => {
    const message = 'options.cacheTransport should be an object with `get`, `set` and `flush` methods';
    const cacheTransport = { get() {}, set() {} } as never;
    assert.throws(() => new CircuitBreaker(action, { cache: true, cacheTransport }), { name: 'TypeError', message });
    new CircuitBreaker(action, { cacheTransport });
    assert.throws(() => new CircuitBreaker(action, { abortController: {} as never }), {
      name: 'TypeError',
      message: 'AbortController does not contain `abort()` method',
    });
  });

  it('prints that maxFailures is deprecated', () => {
    const error = mock.method(console, 'error', () => undefined);
    new CircuitBreaker(action, { maxFailures: 3 });
    error.mock.restore();
    assert.deepEqual(error.mock.calls[0]?.arguments, [
      'options.maxFailures is deprecated. Please use options.errorThresholdPercentage',
    ]);
  });

  it('aborts the abortController when the action times out', async () => {
    const abortController = new AbortController();
    const breaker = new CircuitBreaker((_signal: AbortSignal | undefined) => sleep(50), {
      timeout: 10,
      abortController,
    });
    assert.equal(breaker.getSignal(), abortController.signal);
    assert.equal(breaker.getAbortController(), abortController);
    const call = assert.rejects(breaker.fire(breaker.getSignal()), { code: 'ETIMEDOUT' });
    await advance(10);
    await call;
    assert.equal(abortController.signal.aborted, true);
    breaker.close();
    assert.equal(breaker.getAbortController(), abortController);
  });

  it('renews an aborted controller when the circuit becomes half-open or closed', async () => {
    const breaker = new CircuitBreaker(() => sleep(50), {
      timeout: 10,
      autoRenewAbortController: true,
      resetTimeout: 30,
    });
    const signals = [breaker.getSignal()];
    const fire = async () => {
      const call = breaker.fire().catch(() => undefined);
      await advance(10);
      await call;
    };
    await fire();
    assert.equal(breaker.getSignal(), signals[0]);
    await advance(30);
    signals.push(breaker.getSignal());
    await fire();
    breaker.close();
    signals.push(breaker.getSignal());
    breaker.open();
    breaker.close();
    breaker.renewAbortControllerIfNeeded();
    assert.equal(breaker.getSignal(), signals[2]);
    assert.deepEqual(
      signals.map((signal) => signal?.aborted),
      [true, true, false],
    );
    assert.equal(new Set(signals).size, 3);
    breaker.getAbortController()?.abort();
    breaker.renewAbortControllerIfNeeded();
    assert.equal(breaker.getSignal()?.aborted, false);
  });

  it('has no signal without the options for one', () => {
    const breaker = new CircuitBreaker(action);
    assert.deepEqual([breaker.getSignal(), breaker.getAbortController()], [undefined, undefined]);
  });
});
