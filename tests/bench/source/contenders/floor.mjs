import { FloorCore } from '../floors/core.mjs';
import { ThenBreaker } from '../floors/then.mjs';
import { TimeoutBreaker } from '../floors/timeout.mjs';

const OPTIONS = {
  standard: { failureRate: 0.5, minimumCalls: 20 },
  neverOpens: { failureRate: 2, minimumCalls: 20 },
  staysOpen: { failureRate: 0.5, minimumCalls: 5 },
};

/** @type {import('./index.mjs').Contender[]} */
export const contenders = [
  {
    name: 'floor/js-then',
    library: 'none',
    async load() {},
    make: (fn, wish) => new ThenBreaker(new FloorCore(OPTIONS[wish.circuit])),
    call: (breaker, fn) => breaker.execute(fn),
  },
  {
    name: 'floor/js-timeout',
    library: 'none',
    async load() {},
    make: (fn, wish) => new TimeoutBreaker(new FloorCore(OPTIONS[wish.circuit]), 10_000),
    call: (breaker, fn) => breaker.execute(fn),
  },
];
