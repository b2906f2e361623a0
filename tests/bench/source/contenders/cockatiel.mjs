/** @type {any} */
let library;

/** @type {import('./index.mjs').Contender[]} */
export const contenders = [
  contender('cockatiel/sampling', sampling),
  contender('cockatiel/count', (wish) => {
    const size = wish.window ?? 100;
    return breaker(wish, new library.CountBreaker({ threshold: threshold(wish), size }));
  }),
  contender('cockatiel/consecutive', (wish) => {
    return breaker(wish, new library.ConsecutiveBreaker(wish.circuit === 'neverOpens' ? 1e9 : 5));
  }),
  contender('cockatiel/sampling+timeout', (wish) => {
    return library.wrap(sampling(wish), library.timeout(10_000, library.TimeoutStrategy.Aggressive));
  }),
];

/** @returns {import('./index.mjs').Contender} */
function contender(name, make) {
  return {
    name,
    library: 'cockatiel',
    async load() {
      library = await import('cockatiel');
    },
    make: (fn, wish) => make(wish),
    call: (policy, fn) => policy.execute(fn),
  };
}

function sampling(wish) {
  return breaker(wish, new library.SamplingBreaker({ threshold: threshold(wish), duration: 10_000 }));
}

function breaker(wish, rule) {
  const halfOpenAfter = wish.circuit === 'staysOpen' ? 1e9 : 10_000;
  return library.circuitBreaker(library.handleAll, { halfOpenAfter, breaker: rule });
}

/** Above 15 of 16, where the circuit is to stay closed. */
function threshold(wish) {
  return wish.circuit === 'neverOpens' ? 0.99 : 0.5;
}
