// Calls that are in flight when their breaker is shut down. Each program runs with both classes.

import assert from 'node:assert/strict';
import process from 'node:process';
import { afterEach, beforeEach, describe, mock } from 'node:test';
import type { CircuitBreaker, Options } from '@fusewire/opossum';
import { alike, fail, succeed } from './alike.ts';
import { advance, sleep, useFakeTime } from './fake-time.ts';

useFakeTime();

const HALF_OPEN: Options = { state: { enabled: true, closed: false, halfOpen: true } };

describe('CircuitBreaker, like that of opossum', () => {
  const warnings: string[] = [];

  beforeEach(() => mock.method(process, 'emitWarning', (warning: string) => void warnings.push(warning)));
  afterEach(() => {
    mock.restoreAll();
    assert.deepEqual(warnings.splice(0), []);
  });

  for (const [what, options] of [
    ['calls', {}],
    ['a probe', HALF_OPEN],
  ] as const) {
    for (const [ending, action] of [
      ['fail', fail],
      ['succeed', succeed],
      ['exceed the timeout', () => sleep(50)],
    ] as const) {
      alike(`lets ${what} in flight ${ending} after shutdown() without a warning`, async (Breaker) => {
        const breaker = new Breaker(() => sleep(10).then(action as () => unknown), { ...options, timeout: 30 });
        const calls = [breaker.fire(), breaker.fire()].map((call) => call.catch(String));
        breaker.shutdown();
        await advance(60);
        return Promise.all(calls);
      });
    }
  }

  alike('rejects with `Breaker is open` a call whose fire event shut the breaker down', async (Breaker) => {
    const breaker = new Breaker(succeed);
    breaker.on('fire', () => breaker.shutdown());
    return breaker.fire().catch(String);
  });

  for (const options of [{}, HALF_OPEN]) {
    alike(`runs an action that shuts the breaker down, ${'state' in options ? 'half-open' : 'closed'}`, (Breaker) => {
      const breaker: CircuitBreaker<[], unknown> = new Breaker(async () => breaker.shutdown() ?? 'value', {
        ...options,
        timeout: false,
      });
      return breaker.fire().catch(String);
    });
  }
});
