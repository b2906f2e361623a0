// opossum binds fn when a breaker is made; `fire` calls it.

/** @type {any} */
let CircuitBreaker;

const LEAN = { rollingPercentilesEnabled: false, enableSnapshots: false };

/** @type {import('./index.mjs').Contender[]} */
export const contenders = [
  contender('opossum/default', {}),
  contender('opossum/lean', { ...LEAN, timeout: false }),
  contender('opossum/lean+timeout', { ...LEAN, timeout: 10_000 }),
];

/** @returns {import('./index.mjs').Contender} */
function contender(name, options) {
  return {
    name,
    library: 'opossum',
    async load() {
      CircuitBreaker = (await import('opossum')).default;
    },
    make: (fn, wish) => new CircuitBreaker(fn, { ...options, ...CIRCUIT[wish.circuit] }),
    call: (breaker) => breaker.fire(),
  };
}

const CIRCUIT = {
  standard: {},
  neverOpens: { errorThresholdPercentage: 100 },
  staysOpen: { resetTimeout: 2_000_000_000 },
};
