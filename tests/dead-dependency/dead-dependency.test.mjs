// Counts the calls that reach a dead dependency before a breaker opens: with opossum, with fusewire, and with fusewire and
// `inFlight`, which makes the difference. Time is simulated, so the counts are the same on every machine.

import assert from 'node:assert/strict';
import { after, describe, it, mock } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import Opossum from 'opossum';

const CALLS = 1_000;
const TIMEOUT = 3_000;
const OPEN_TIME = 30_000;
const SLOW = 1_000;
const LIMIT = 10;

const OPTIONS = { timeout: TIMEOUT, resetTimeout: OPEN_TIME, failureRateThreshold: 0.5, minimumCalls: 10 };
const IN_FLIGHT = { slowCallRateThreshold: 0.5, slowCallDuration: SLOW, inFlight: { limit: LIMIT } };

/** Functions that create a breaker around work, and return how to call and how to end it. */
const libraries = {
  opossum(work) {
    const breaker = new Opossum(work, { timeout: TIMEOUT, resetTimeout: OPEN_TIME, errorThresholdPercentage: 50 });
    return { call: () => breaker.fire(), end: () => breaker.shutdown() };
  },
  fusewire: (work) => breakerAround(work, OPTIONS),
  'fusewire, inFlight': (work) => breakerAround(work, { ...OPTIONS, ...IN_FLIGHT }),
};

function breakerAround(work, options) {
  const breaker = new CircuitBreaker(options);
  return { call: () => breaker.execute(work), end: () => breaker.dispose() };
}

/** Functions that answer a call of the dead dependency. */
const failures = {
  'never answers': () => new Promise(() => undefined),
  'fails after 2 s': () => new Promise((_, reject) => setTimeout(reject, 2_000, new Error('down'))),
};

/** Interval of the calls in milliseconds, and number of successful calls before them. */
const arrivals = {
  'at once': { interval: 0, successes: 0 },
  'over 10 s': { interval: 10, successes: 0 },
  'over 10 s, after as many successes': { interval: 10, successes: CALLS },
};

/** Number of calls that each library admits. */
const expected = {
  'never answers': {
    'at once': [1_000, 1_000, LIMIT],
    // The first overdue calls time out and free their slots before the last ones are overdue, so a few more are admitted.
    'over 10 s': [599, 309, LIMIT + 3],
    'over 10 s, after as many successes': [1_000, 1_000, 193],
  },
  'fails after 2 s': {
    'at once': [1_000, 1_000, LIMIT],
    'over 10 s': [399, 209, LIMIT + 3],
    'over 10 s, after as many successes': [1_000, 1_000, 193],
  },
};

const rows = [];
after(() => console.table(rows));

for (const [failure, fail] of Object.entries(failures)) {
  describe(`a dependency that ${failure}`, () => {
    for (const [arrival, { interval, successes }] of Object.entries(arrivals)) {
      it(`gets the expected share of ${CALLS} calls that arrive ${arrival}`, async () => {
        const admitted = {};
        for (const [name, create] of Object.entries(libraries)) {
          admitted[name] = await countAdmitted(create, fail, interval, successes);
        }
        rows.push({ dependency: failure, calls: arrival, ...admitted });
        assert.deepEqual(Object.values(admitted), expected[failure][arrival]);
      });
    }
  });
}

/** Returns the number of calls that reach the dead dependency. */
async function countAdmitted(create, fail, interval, successes) {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  let isDead = false;
  let admitted = 0;
  const { call, end } = create(() => {
    if (!isDead) return Promise.resolve('ok');
    admitted++;
    return fail();
  });
  for (let index = 0; index < successes; index++) assert.equal(await call(), 'ok');
  isDead = true;
  for (let index = 0; index < CALLS; index++) {
    call().catch(() => undefined);
    mock.timers.tick(interval);
    await turnOfTheLoop();
  }
  end();
  mock.timers.reset();
  return admitted;
}

function turnOfTheLoop() {
  return new Promise(setImmediate);
}
