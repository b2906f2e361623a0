/** @type {any} */
let library;

/** @type {import('./index.mjs').Contender[]} */
export const contenders = [
  contender('mollitia/count', (wish) => [count(wish)]),
  contender('mollitia/time', (wish) => [new library.SlidingTimeBreaker({ slidingWindowSize: 10_000, ...rates(wish) })]),
  contender('mollitia/count+timeout', (wish) => [new library.Timeout({ delay: 10_000 }), count(wish)]),
];

/** @returns {import('./index.mjs').Contender} */
function contender(name, modules) {
  return {
    name,
    library: 'mollitia',
    async load() {
      library = await import('mollitia');
    },
    make: (fn, wish) => new library.Circuit({ func: fn, options: { modules: modules(wish) } }),
    call: (circuit) => circuit.execute(),
  };
}

function count(wish) {
  return new library.SlidingCountBreaker({ slidingWindowSize: wish.window ?? 100, ...rates(wish) });
}

function rates(wish) {
  return {
    minimumNumberOfCalls: 20,
    failureRateThreshold: wish.circuit === 'neverOpens' ? 100 : 50,
    openStateDelay: wish.circuit === 'staysOpen' ? 2_000_000_000 : 60_000,
  };
}
