// opossum, and what has its interface: they bind fn when a breaker is made; `fire` calls it.

/** @type {any} */
let CircuitBreaker;

const LEAN = { rollingPercentilesEnabled: false, enableSnapshots: false };

/** @type {import('./index.mjs').Contender[]} */
export const contenders = ['opossum', '@fusewire/opossum'].flatMap((library) => [
  contender(library, 'default', {}),
  contender(library, 'lean', { ...LEAN, timeout: false }),
  contender(library, 'lean+timeout', { ...LEAN, timeout: 10_000 }),
]);

/** @returns {import('./index.mjs').Contender} */
function contender(library, configuration, options) {
  return {
    name: `${library}/${configuration}`,
    library,
    async load() {
      CircuitBreaker = (await import(library)).default;
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
