// Breakers that start with what `toJSON` of another one returned. Each program runs with both classes.

import { describe } from 'node:test';
import type { CircuitBreaker } from '@fusewire/opossum';
import { alike, fail, succeed } from './alike.ts';
import type { BreakerClass } from './alike.ts';
import { useFakeTime } from './fake-time.ts';

useFakeTime();

type Saved = ReturnType<CircuitBreaker['toJSON']>;

/** Returns what a program that ends would read back in its next run. */
async function save(Breaker: BreakerClass, action: () => Promise<string>): Promise<Saved> {
  const breaker = new Breaker(action, { name: 'stock' });
  await breaker.fire().catch(() => undefined);
  const saved = JSON.parse(JSON.stringify(breaker)) as Saved;
  breaker.shutdown();
  return saved;
}

describe('CircuitBreaker, like that of opossum', () => {
  alike('starts with a saved state and saved stats', async (Breaker) => {
    const { state, status } = await save(Breaker, fail);
    const breaker = new Breaker(succeed, { state, status });
    const error: unknown = await breaker.fire().catch((caught: unknown) => caught);
    const { fires, failures, rejects, latencyTimes } = breaker.stats;
    breaker.shutdown();
    return [String(error), fires, failures, rejects, latencyTimes];
  });

  alike('counts calls on top of saved stats', async (Breaker) => {
    const { status } = await save(Breaker, succeed);
    const breaker = new Breaker(fail, { status, errorThresholdPercentage: 50 });
    const opened: boolean[] = [];
    for (let call = 0; call < 2; call++) {
      await breaker.fire().catch(() => undefined);
      opened.push(breaker.opened);
    }
    breaker.shutdown();
    return [opened, breaker.stats.fires, breaker.stats.successes];
  });

  alike('starts with some of the counters', (Breaker) => {
    const { fires, failures, latencyMean } = new Breaker(succeed, { status: { fires: 3 } as never }).stats;
    return [fires, failures, latencyMean];
  });
});
