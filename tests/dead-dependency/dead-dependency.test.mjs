// How many calls get through to a dependency that is dead before a breaker has learned so: the same program over opossum
// and over fusewire, in simulated time. What makes the difference is `inFlight`, so fusewire runs without it as well.

import assert from 'node:assert/strict';
import { after, describe, it, mock } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import Opossum from 'opossum';

const CALLS = 1_000;
const TIMEOUT = 3_000;
const OPEN_TIME = 30_000;
const SLOW = 1_000;
const LIMIT = 10;

const RULES = { timeout: TIMEOUT, resetTimeout: OPEN_TIME, failureRateThreshold: 0.5, minimumCalls: 10 };
const AWARE = { slowCallRateThreshold: 0.5, slowCallDuration: SLOW, inFlight: { limit: LIMIT } };

/** Each makes a breaker around a function: how to call it, and how to be done with it. */
const contenders = {
  opossum(work) {
    const breaker = new Opossum(work, { timeout: TIMEOUT, resetTimeout: OPEN_TIME, errorThresholdPercentage: 50 });
    return { call: () => breaker.fire(), end: () => breaker.shutdown() };
  },
  fusewire: (work) => breakerAround(work, RULES),
  'fusewire, inFlight': (work) => breakerAround(work, { ...RULES, ...AWARE }),
};

function breakerAround(work, options) {
  const breaker = new CircuitBreaker(options);
  return { call: () => breaker.execute(work), end: () => breaker.dispose() };
}

/** What becomes of a call once the dependency is dead. */
const deaths = {
  'never answers': () => new Promise(() => undefined),
  'fails after 2 s': () => new Promise((_, reject) => setTimeout(reject, 2_000, new Error('down'))),
};

/** How many milliseconds apart the calls come, and after how many that went well. */
const arrivals = {
  'at once': { every: 0, good: 0 },
  'over 10 s': { every: 10, good: 0 },
  'over 10 s, after as many good ones': { every: 10, good: CALLS },
};

/** How many of the calls are admitted, by contender. Time is simulated, so the figures are the same wherever this runs. */
const figures = {
  'never answers': {
    'at once': [1_000, 1_000, LIMIT],
    // The last of those that were admitted are overdue a little later than the first, which have given their places up.
    'over 10 s': [599, 309, LIMIT + 3],
    'over 10 s, after as many good ones': [1_000, 1_000, 193],
  },
  'fails after 2 s': {
    'at once': [1_000, 1_000, LIMIT],
    'over 10 s': [399, 209, LIMIT + 3],
    'over 10 s, after as many good ones': [1_000, 1_000, 193],
  },
};

const rows = [];
after(() => console.table(rows));

for (const [death, dead] of Object.entries(deaths)) {
  describe(`a dependency that ${death}`, () => {
    for (const [coming, { every, good }] of Object.entries(arrivals)) {
      it(`is spared most of ${CALLS} calls that come ${coming}`, async () => {
        const admitted = {};
        for (const [name, make] of Object.entries(contenders)) {
          admitted[name] = await countAdmitted(make, dead, every, good);
        }
        rows.push({ dependency: death, calls: coming, ...admitted });
        assert.deepEqual(Object.values(admitted), figures[death][coming]);
      });
    }
  });
}

/** How many of the calls reach the dependency once it is dead, in simulated time. */
async function countAdmitted(make, dead, every, good) {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  let isDead = false;
  let admitted = 0;
  const { call, end } = make(() => {
    if (!isDead) return Promise.resolve('well');
    admitted++;
    return dead();
  });
  for (let number = 0; number < good; number++) assert.equal(await call(), 'well');
  isDead = true;
  for (let number = 0; number < CALLS; number++) {
    call().catch(() => undefined);
    mock.timers.tick(every);
    await turnOfTheLoop();
  }
  end();
  mock.timers.reset();
  return admitted;
}

function turnOfTheLoop() {
  return new Promise(setImmediate);
}
