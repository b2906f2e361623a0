// Numbers among the options, as opossum takes them: zero, Infinity, and text such as that of environment variables. Each
// program runs with both classes, and must have the same result.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CircuitBreaker } from '@fusewire/opossum';
import type { Options } from '@fusewire/opossum';
import { alike, fail, succeed } from './alike.ts';
import { advance, sleep, useFakeTime } from './fake-time.ts';

useFakeTime();

/** Returns options of which every number is a text, as in `process.env`. */
function asText(options: object): Options {
  return Object.fromEntries(Object.entries(options).map(([option, value]) => [option, String(value)])) as Options;
}

describe('the options of a CircuitBreaker, like those of opossum', () => {
  for (const option of ['rollingCountTimeout', 'rollingCountBuckets', 'timeout', 'resetTimeout', 'cacheTTL'] as const) {
    alike(`keep a ${option} of 0`, (Breaker) => {
      const breaker = new Breaker(succeed, { [option]: 0 });
      breaker.shutdown();
      return [breaker.options[option], breaker.status.window.length];
    });
  }

  alike('mean the default window by 0', async (Breaker) => {
    const breaker = new Breaker(succeed, { rollingCountTimeout: 0, rollingCountBuckets: 0 });
    await breaker.fire();
    await advance(9_999);
    const before = breaker.stats.fires;
    await advance(1);
    return [before, breaker.stats.fires];
  });

  alike('end the warm-up at once with a window of 0', async (Breaker) => {
    const breaker = new Breaker(succeed, { allowWarmUp: true, rollingCountTimeout: 0 });
    const before = breaker.warmUp;
    await advance(1);
    return [before, breaker.warmUp];
  });

  for (const capacity of [undefined, Number.POSITIVE_INFINITY, 0, 3]) {
    alike(`take a capacity of ${capacity}`, (Breaker) => {
      const { options, semaphore } = new Breaker(succeed, { capacity });
      return [options.capacity, semaphore.count, semaphore.test()];
    });
  }

  alike('take a timeout as text', async (Breaker) => {
    const breaker = new Breaker(() => sleep(50), asText({ timeout: 20 }));
    const errors: unknown[] = [];
    const call = breaker.fire().catch((error: Error) => errors.push(error.message));
    await advance(20);
    await call;
    return [errors, breaker.opened];
  });

  it('take a resetTimeout as text', async () => {
    const breaker = new CircuitBreaker(fail, asText({ resetTimeout: 30 }));
    breaker.open();
    await advance(29);
    assert.equal(breaker.opened, true);
    await advance(1);
    assert.equal(breaker.halfOpen, true);
  });

  alike('take an errorThresholdPercentage and a window as text', async (Breaker) => {
    const options = { errorThresholdPercentage: 50, rollingCountTimeout: 100, rollingCountBuckets: 2 };
    const breaker = new Breaker<[boolean], string>((fails) => (fails ? fail() : succeed()), asText(options));
    const states: unknown[] = [];
    for (const fails of [false, true, true]) {
      await breaker.fire(fails).catch(() => undefined);
      states.push(breaker.opened);
    }
    const { length } = breaker.status.window;
    await advance(100);
    return [states, length, breaker.stats.fires];
  });

  alike('take the window of a status as text', (Breaker) => {
    const status = Breaker.newStatus(asText({ rollingCountTimeout: 100, rollingCountBuckets: 4 }) as never);
    status.shutdown();
    return status.window.length;
  });

  it('reject a text that is no number, without showing it', () => {
    for (const text of ['', ' ', 'secret', '5 s', 'true', '-1']) {
      assert.throws(
        () => new CircuitBreaker(succeed, { timeout: text as never }),
        (error: Error) =>
          /timeout must be a number of milliseconds/.test(error.message) && !/secret/.test(error.message),
        text,
      );
    }
  });

  it('reject a capacity and a volumeThreshold that are not whole', () => {
    for (const option of ['capacity', 'volumeThreshold']) {
      for (const value of [1.5, '1.5', -1, Number.NaN, 'many']) {
        assert.throws(() => new CircuitBreaker(succeed, { [option]: value }), {
          code: 'ERR_OPTIONS',
          message: new RegExp(`^Circuit breaker succeed: ${option} must be a whole number from 0, or Infinity, got `),
        });
      }
    }
  });

  it('never open the circuit with a volumeThreshold of Infinity', async () => {
    const breaker = new CircuitBreaker(fail, { volumeThreshold: Number.POSITIVE_INFINITY });
    await assert.rejects(breaker.fire(), /failed/);
    assert.equal(breaker.closed, true);
  });
});
