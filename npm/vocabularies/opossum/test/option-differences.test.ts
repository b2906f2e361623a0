// The differences of options that the README lists: each test runs one program with both classes.

import assert from 'node:assert/strict';
import type { Options } from '@fusewire/opossum';
import { differs, fails, outcomeOf, stateOf } from './differs.ts';
import { advance, sleep, useFakeTime } from './fake-time.ts';

useFakeTime();

differs('numbers as text', [true, true, 1], [false, false, 2], async (Breaker) => {
  const options = { capacity: '0', volumeThreshold: '5', cache: true, cacheTTL: '10' } as unknown as Options;
  let runs = 0;
  await advance(50);
  const cached = new Breaker(async () => ++runs, { ...options, capacity: 5 });
  await cached.fire();
  await advance(10);
  await cached.fire();
  const failing = new Breaker(fails, { ...options, capacity: 5 });
  await outcomeOf(() => failing.fire());
  return [new Breaker(fails, options).semaphore.test(), failing.opened, runs];
});

differs('a capacity that is not whole', 'no limit', 'rejected', async (Breaker) => {
  try {
    const { semaphore } = new Breaker(fails, { capacity: 1.5 });
    return semaphore.count === Number.MAX_SAFE_INTEGER ? 'no limit' : 'limit';
  } catch {
    return 'rejected';
  }
});

differs('runs with a cacheSize of 0', 1, 2, async (Breaker) => {
  let runs = 0;
  const breaker = new Breaker(async () => ++runs, { cache: true, cacheSize: 0 });
  await breaker.fire();
  await breaker.fire();
  return runs;
});

differs('a timeout that is changed while a call runs', 'after falsems', 'after 10ms', async (Breaker) => {
  const breaker = new Breaker(() => sleep(50), { timeout: 10 });
  const call = breaker.fire().catch((error: Error) => error.message.slice('Timed out '.length));
  breaker.options.timeout = false;
  await advance(10);
  return (await call) as string;
});

differs('an option that is set to an invalid value later', ['soon', undefined], [30_000, 10_000], async (Breaker) => {
  const { options } = new Breaker(fails);
  try {
    options.resetTimeout = 'soon' as never;
  } catch (error) {
    assert.match((error as Error).message, /resetTimeout must be a number of milliseconds/);
  }
  options.timeout = undefined as never;
  return [options.resetTimeout, options.timeout] as unknown[];
});

differs('a volumeThreshold that is set later', 'open', 'closed', async (Breaker) => {
  const breaker = new Breaker(fails);
  breaker.options.volumeThreshold = 5;
  await outcomeOf(() => breaker.fire());
  return stateOf(breaker);
});

differs('latencies while percentiles are disabled', 1, 0, async (Breaker) => {
  const breaker = new Breaker(async () => 'value', { rollingPercentilesEnabled: false });
  await breaker.fire();
  return breaker.status.window[0]?.latencyTimes.length ?? -1;
});

differs('snapshots that are enabled later', 0, 1, async (Breaker) => {
  let snapshots = 0;
  const { status } = new Breaker(fails, { enableSnapshots: false });
  status.on('snapshot', () => snapshots++);
  status.enableSnapshots = true;
  await advance(1_000);
  return snapshots;
});

differs('number of buckets of a window that starts with saved stats', 10, 5, async (Breaker) => {
  const breaker = new Breaker(fails, { rollingCountBuckets: 5, status: { fires: 1 } });
  return breaker.status.window.length;
});

differs('enabled: false with a state without `enabled`', true, false, async (Breaker) => {
  return new Breaker(fails, { enabled: false, state: { closed: true } }).enabled;
});

differs('the object with the options', 30_000, undefined, async (Breaker) => {
  const options: Options = {};
  new Breaker(fails, options).shutdown();
  return options.resetTimeout;
});

differs('an invalid option', 'no error', 'OptionsError', async (Breaker) => {
  try {
    new Breaker(fails, { timeout: Number.NaN }).shutdown();
    return 'no error';
  } catch (error) {
    return (error as { code?: string }).code === 'ERR_OPTIONS' ? 'OptionsError' : 'another error';
  }
});

differs('a resetTimeout above the longest delay of a timer', 'half-open', 'rejected', async (Breaker) => {
  try {
    const breaker = new Breaker(fails, { resetTimeout: 2 ** 31 });
    breaker.open();
    await advance(1);
    return stateOf(breaker);
  } catch {
    return 'rejected';
  }
});

differs('an open or half-open state without `closed`', ['closed', 'closed'], ['open', 'half-open'], async (Breaker) =>
  [{ open: true }, { halfOpen: true }].map((state) => stateOf(new Breaker(fails, { state }))),
);
