import assert from 'node:assert/strict';
import process from 'node:process';
import { describe, it } from 'node:test';
import { CircuitBreaker } from '@fusewire/opossum';
import { advance, settled, sleep, useFakeTime } from './fake-time.ts';

useFakeTime();

const EVENTS = [
  ...['fire', 'cacheHit', 'cacheMiss', 'coalesceCacheHit', 'coalesceCacheMiss', 'reject', 'timeout', 'success'],
  ...['semaphoreLocked', 'healthCheckFailed', 'failure', 'fallback', 'open', 'halfOpen', 'close', 'shutdown'],
] as const;

function record(breaker: CircuitBreaker<never[], unknown>): unknown[][] {
  const emitted: unknown[][] = [];
  for (const event of EVENTS) breaker.on(event, (...args: unknown[]) => emitted.push([event, ...args]));
  return emitted;
}

describe('the events of a CircuitBreaker', () => {
  it('emits each event with its arguments', async () => {
    const error = new Error('failed');
    const breaker = new CircuitBreaker(
      async (what: string) => {
        await sleep(what === 'hangs' ? 100 : 5);
        if (what === 'fails') throw error;
        return what;
      },
      {
        timeout: 20,
        resetTimeout: 30,
        capacity: 1,
        cache: true,
        coalesce: true,
        coalesceResetOn: ['error', 'timeout'],
        errorThresholdPercentage: 75,
      },
    );
    breaker.fallback((what) => `instead of ${what}`);
    const emitted = record(breaker as never);
    const calls = [breaker.fire('works'), breaker.fire('works'), breaker.fire('fails')];
    await advance(5);
    calls.push(breaker.fire('works'), breaker.fire('hangs'));
    await advance(20);
    await Promise.all(calls);
    breaker.open();
    await breaker.fire('fails');
    await advance(30);
    breaker.close();
    breaker.shutdown();
    const errors = { locked: ourError('ESEMLOCKED'), timeout: ourError('ETIMEDOUT'), open: ourError('EOPENBREAKER') };
    assert.deepEqual(emitted.map(plain), [
      ['fire', ['works']],
      ['cacheMiss'],
      ['coalesceCacheMiss'],
      ['fire', ['works']],
      ['cacheMiss'],
      ['coalesceCacheHit'],
      ['fire', ['fails']],
      ['cacheMiss'],
      ['coalesceCacheMiss'],
      ['semaphoreLocked', errors.locked, 0],
      ['failure', errors.locked, 0, ['fails']],
      ['fallback', 'instead of fails', errors.locked],
      ['success', 'works', 5],
      ['fire', ['works']],
      ['cacheHit'],
      ['fire', ['hangs']],
      ['cacheMiss'],
      ['coalesceCacheMiss'],
      ['timeout', errors.timeout, 20, ['hangs']],
      ['failure', errors.timeout, 20, ['hangs']],
      ['fallback', 'instead of hangs', errors.timeout],
      ['open'],
      ['fire', ['fails']],
      ['cacheMiss'],
      ['coalesceCacheMiss'],
      ['reject', errors.open],
      ['fallback', 'instead of fails', errors.open],
      ['halfOpen', 30],
      ['close'],
      ['shutdown'],
    ]);
  });

  function ourError(code: string): string {
    return `error ${code}`;
  }

  function plain(event: unknown[]): unknown[] {
    return event.map((part) => (part instanceof Error ? ourError((part as Error & { code: string }).code) : part));
  }

  it('emits failure before open, and success after close', async () => {
    const breaker = new CircuitBreaker(async (fails: boolean) => {
      if (fails) throw new Error('failed');
    });
    const emitted = record(breaker as never);
    await breaker.fire(true).catch(() => undefined);
    await advance(30_000);
    await breaker.fire(false);
    assert.deepEqual(
      emitted.map(([event]) => event),
      ['fire', 'failure', 'open', 'halfOpen', 'fire', 'close', 'success'],
    );
  });

  it('lists every counted event in eventNames()', () => {
    const breaker = new CircuitBreaker(async () => 1);
    const counted = EVENTS.filter((event) => !['halfOpen', 'healthCheckFailed', 'shutdown'].includes(event));
    assert.deepEqual(breaker.eventNames().map(String).sort(), [...counted].sort());
  });

  it('counts by listeners that do not disturb others', async () => {
    const breaker = new CircuitBreaker(async () => 1);
    const once = new Promise((resolve) => breaker.once('success', resolve));
    await breaker.fire();
    assert.equal(await once, 1);
    const off = () => assert.fail();
    breaker
      .on('fire', off)
      .off('fire', off)
      .prependListener('fire', ([...args]) => assert.deepEqual(args, []));
    await breaker.fire();
    assert.equal(breaker.stats.fires, 2);
  });

  it('isolates a call from a listener that throws, and emits a process warning', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', onWarning);
    const breaker = new CircuitBreaker(
      async (fails: boolean) => {
        if (fails) throw new Error('failed');
        return 'value';
      },
      { name: 'stock' },
    );
    for (const event of ['fire', 'success', 'failure', 'open'] as const) {
      breaker.on(event, () => {
        throw new Error(`at ${event}`);
      });
    }
    assert.equal(await breaker.fire(false), 'value');
    assert.equal(breaker.stats.successes, 1);
    breaker.close();
    await assert.rejects(breaker.fire(true), { message: 'failed' });
    await breaker.fire(true).catch(() => undefined);
    await settled();
    process.off('warning', onWarning);
    assert.equal(breaker.opened, true);
    assert.equal(warnings[0], "Circuit breaker stock: a listener of 'fire' failed: Error: at fire");
    assert.equal(
      warnings.some((warning) => warning.includes("'open'")),
      true,
    );
  });

  it('runs a health check at once and at its interval, and opens when the check rejects', async () => {
    const breaker = new CircuitBreaker(async () => 1, { resetTimeout: 30 });
    const emitted = record(breaker as never);
    let ill = false;
    let checks = 0;
    const error = new Error('ill');
    breaker.healthCheck(async function (this: unknown) {
      assert.equal(this, breaker);
      checks++;
      if (ill) throw error;
    }, 20);
    await advance(45);
    assert.deepEqual([checks, emitted, breaker.closed], [3, [], true]);
    ill = true;
    await advance(15);
    assert.deepEqual(emitted, [['healthCheckFailed', error], ['open']]);
    breaker.shutdown();
    await advance(100);
    assert.equal(checks, 4);
  });

  it('opens when a health check throws', async () => {
    const breaker = new CircuitBreaker(async () => 1);
    breaker.healthCheck(() => {
      throw new Error('ill');
    });
    await settled();
    assert.equal(breaker.opened, true);
  });

  it('runs a health check at an interval that is a text', async () => {
    const breaker = new CircuitBreaker(async () => 1);
    let checks = 0;
    breaker.healthCheck(async () => void checks++, '20' as never);
    await advance(45);
    breaker.shutdown();
    assert.equal(checks, 3);
  });

  it('throws for an invalid health check', () => {
    const breaker = new CircuitBreaker(async () => 1);
    assert.throws(() => breaker.healthCheck(5 as never), {
      name: 'TypeError',
      message: 'Health check function must be a function',
    });
    for (const interval of ['x', ' ', -1, Infinity]) {
      assert.throws(() => breaker.healthCheck(async () => {}, interval as never), {
        name: 'TypeError',
        message: 'Health check interval must be a number',
      });
    }
  });
});
