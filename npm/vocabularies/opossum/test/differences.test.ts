// The differences that the README lists, but for those of options: each test runs one program with both classes.

import assert from 'node:assert/strict';
import type { Options } from '@fusewire/opossum';
import { differs, fails, ignoringErrors, outcomeOf, stateOf } from './differs.ts';
import { advance, settled, sleep, useFakeTime } from './fake-time.ts';

useFakeTime();

differs('a late success while half-open', 'closed', 'half-open', async (Breaker) => {
  const breaker = new Breaker(() => sleep(60), { resetTimeout: 20 });
  const call = breaker.fire();
  breaker.open();
  await advance(60);
  await call;
  return stateOf(breaker);
});

differs('a late failure while half-open', 'open', 'half-open', async (Breaker) => {
  const breaker = new Breaker(() => sleep(30).then(fails), { resetTimeout: 20 });
  const call = outcomeOf(() => breaker.fire());
  breaker.open();
  await advance(30);
  await call;
  return stateOf(breaker);
});

differs('a late failure after closing', 'open', 'closed', async (Breaker) => {
  const breaker = new Breaker(() => sleep(30).then(fails));
  const call = outcomeOf(() => breaker.fire());
  breaker.open();
  breaker.close();
  await advance(30);
  await call;
  return stateOf(breaker);
});

differs('a probe that never ends, without a timeout', 'half-open', 'open', async (Breaker) => {
  const breaker = new Breaker(() => new Promise(() => {}), { resetTimeout: 20, timeout: false });
  breaker.open();
  await advance(20);
  void breaker.fire();
  await advance(30_000);
  return stateOf(breaker);
});

differs('a probe that fails while warming up', ['half-open', false], ['open', false], async (Breaker) => {
  const breaker = new Breaker(fails, { resetTimeout: 20, allowWarmUp: true });
  breaker.open();
  await advance(20);
  await outcomeOf(() => breaker.fire());
  return [stateOf(breaker), breaker.pendingClose];
});

differs('a failure listener that throws', 'nothing', 'failed', async (Breaker) =>
  ignoringErrors(() => {
    const breaker = new Breaker(fails);
    breaker.on('failure', () => {
      throw new Error('listener');
    });
    return outcomeOf(() => breaker.fire());
  }),
);

differs('a success listener that throws', ['listener', 1], ['value', 0], async (Breaker) =>
  ignoringErrors(async () => {
    const breaker = new Breaker(async () => 'value');
    breaker.on('success', () => {
      throw new Error('listener');
    });
    return [await outcomeOf(() => breaker.fire()), breaker.stats.failures];
  }),
);

differs('an error filter that throws', ['nothing', 0], ['failed', 1], async (Breaker) =>
  ignoringErrors(async () => {
    const errorFilter = (): never => {
      throw new Error('filter');
    };
    const breaker = new Breaker(fails, { errorFilter });
    return [await outcomeOf(() => breaker.fire()), breaker.stats.failures];
  }),
);

differs('an action that throws while disabled', 'threw failed', 'failed', async (Breaker) => {
  const breaker = new Breaker(
    () => {
      throw new Error('failed');
    },
    { enabled: false },
  );
  return outcomeOf(() => breaker.fire());
});

differs('runs with coalesceResetOn error of an action that throws', 1, 2, async (Breaker) => {
  let runs = 0;
  const options: Options = { coalesce: true, coalesceResetOn: ['error'], errorThresholdPercentage: 100 };
  const breaker = new Breaker(() => {
    runs++;
    throw new Error('failed');
  }, options);
  await outcomeOf(() => breaker.fire());
  await outcomeOf(() => breaker.fire());
  return runs;
});

differs('runs of a coalesced action within 10 s, without a timeout', 1, 2, async (Breaker) => {
  let runs = 0;
  const breaker = new Breaker(async () => ++runs, { coalesce: true, timeout: false });
  await breaker.fire();
  await advance(10_000);
  await breaker.fire();
  return runs;
});

differs('whether fire returns a promise for a plain value of a cacheTransport', false, true, async (Breaker) => {
  const cacheTransport = { get: () => 'plain', set: () => undefined, flush: () => undefined };
  const breaker = new Breaker(async () => 1, { cache: true, cacheTransport });
  return breaker.fire() instanceof Promise;
});

differs('lastTimerAt of a circuit that opened after 50 ms', 0, 50, async (Breaker) => {
  const created = Date.now();
  const breaker = new Breaker(fails);
  await advance(50);
  breaker.open();
  return breaker.toJSON().state.lastTimerAt - created;
});

differs('an open state that is restored after half of its time', 'open', 'half-open', async (Breaker) => {
  const state = { open: true, closed: false, lastTimerAt: Date.now() - 50 };
  const breaker = new Breaker(fails, { resetTimeout: 100, state });
  await advance(50);
  return stateOf(breaker);
});

differs('opening after the shutdown', 'open', 'none', async (Breaker) => {
  const breaker = new Breaker(fails);
  breaker.shutdown();
  breaker.open();
  return stateOf(breaker);
});

differs('enabling after the shutdown', true, false, async (Breaker) => {
  const breaker = new Breaker(fails);
  breaker.shutdown();
  breaker.enable();
  return breaker.enabled;
});

differs('a fallback that is no function', 'accepted', 'rejected', async (Breaker) => {
  try {
    new Breaker(fails).fallback('x' as never);
    return 'accepted';
  } catch {
    return 'rejected';
  }
});

differs('a health check that throws', 'closed', 'open', async (Breaker) =>
  ignoringErrors(async () => {
    const breaker = new Breaker(fails);
    try {
      breaker.healthCheck(() => {
        throw new Error('ill');
      });
    } catch {
      // opossum throws the error to the caller.
    }
    await settled();
    return stateOf(breaker);
  }),
);

differs('health checks after the shutdown', true, false, async (Breaker) => {
  let checks = 0;
  const breaker = new Breaker(fails);
  breaker.healthCheck(async () => void checks++, 10);
  breaker.shutdown();
  await advance(20);
  return checks > 1;
});

differs('a cacheGetKey that throws', 'threw no key', 'no key', async (Breaker) => {
  const cacheGetKey = (): never => {
    throw new Error('no key');
  };
  const breaker = new Breaker(fails, { cache: true, cacheGetKey });
  return outcomeOf(() => breaker.fire());
});

differs<string | boolean>('isOurError(null)', 'threw', false, async (Breaker) => {
  try {
    return Breaker.isOurError(null);
  } catch {
    return 'threw';
  }
});

differs('newStatus() without options', 'threw', 'empty', async (Breaker) => {
  try {
    const status = Breaker.newStatus();
    status.shutdown();
    return status.stats.fires === 0 ? 'empty' : 'full';
  } catch {
    return 'threw';
  }
});

differs('whether a failure sorts the latencies', true, false, async (Breaker) => {
  const breaker = new Breaker(fails, { errorThresholdPercentage: 100 });
  for (let call = 0; call < 3; call++) await outcomeOf(() => breaker.fire());
  const { sort } = Array.prototype;
  let sorts = false;
  Array.prototype.sort = function (this: unknown[], ...args) {
    sorts ||= this.length === 4;
    return Reflect.apply(sort, this, args);
  };
  try {
    await outcomeOf(() => breaker.fire());
  } finally {
    Array.prototype.sort = sort;
  }
  return sorts;
});

differs('number of timers of an idle breaker', 2, 0, async (Breaker) => {
  const { setInterval, setTimeout } = globalThis;
  let timers = 0;
  const counting = (set: typeof setTimeout) =>
    ((...args: Parameters<typeof setTimeout>) => {
      timers++;
      return set(...args);
    }) as never;
  globalThis.setTimeout = counting(setTimeout);
  globalThis.setInterval = counting(setInterval as never);
  try {
    new Breaker(fails);
    return timers;
  } finally {
    Object.assign(globalThis, { setInterval, setTimeout });
  }
});

differs<unknown>(
  'an action that returns nothing',
  ["Cannot read properties of undefined (reading 'then')", "Cannot read properties of null (reading 'then')"],
  [undefined, null],
  async (Breaker) => [
    await outcomeOf(() => new Breaker(() => undefined).fire()),
    await outcomeOf(() => new Breaker(() => null).fire()),
  ],
);

differs<unknown>('a class that extends the breaker', ['open', 'close'], [], async (Breaker) => {
  const called: string[] = [];
  class Recording extends Breaker {
    override open(): void {
      called.push('open');
      super.open();
    }
    override close(): void {
      called.push('close');
      super.close();
    }
  }
  let isIll = true;
  const breaker = new Recording(async () => (isIll ? fails() : 'value'), { resetTimeout: 10 });
  await outcomeOf(() => breaker.fire());
  isIll = false;
  await advance(10);
  await outcomeOf(() => breaker.fire());
  assert.equal(breaker.closed, true);
  return called;
});

differs<unknown>('a listener that moves the circuit', ['close', 'open'], ['open', 'close'], async (Breaker) => {
  const emitted: string[] = [];
  const breaker = new Breaker(fails);
  breaker.on('open', () => breaker.close());
  breaker.on('open', () => emitted.push('open'));
  breaker.on('close', () => emitted.push('close'));
  breaker.open();
  return emitted;
});

differs('opening an object that inherits from a breaker', [true, false], [true, true], async (Breaker) => {
  const breaker = new Breaker(fails);
  const derived = Object.create(breaker) as typeof breaker;
  derived.open();
  return [derived.opened, breaker.opened];
});
