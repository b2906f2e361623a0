// Policies beside the breaker, each as its library has it. A limit is set where no run reaches it.

/** @type {any} */
let fusewire;
/** @type {any} */
let cockatiel;
/** @type {any} */
let mollitia;
/** @type {any} */
let Opossum;

const TIMEOUT = 10_000;
const PLACES = 1_000;
const RATE = { limit: 1_000_000, per: 1 };

/** @type {import('./index.mjs').Contender[]} */
export const contenders = [
  ours('retry', () => fusewire.retry()),
  ours('timeout', () => fusewire.timeout(TIMEOUT)),
  ours('bulkhead', () => fusewire.bulkhead({ limit: PLACES })),
  ours('rateLimit', () => fusewire.rateLimit(RATE)),
  ours('fallback', () => fusewire.fallback(() => 0)),
  ours('hedge', () => fusewire.hedge({ quantile: 0.95, idempotent: true })),
  ours('shedLoad', () => fusewire.shedLoad()),
  ours('adaptiveBulkhead', () => fusewire.adaptiveBulkhead()),
  ours('pipeline', () =>
    fusewire.pipeline([fusewire.retry(), new fusewire.CircuitBreaker({ timeout: false }), fusewire.timeout(TIMEOUT)]),
  ),
  ours('pipeline+all', () =>
    fusewire.pipeline([
      fusewire.timeout(TIMEOUT),
      fusewire.retry({ budget: fusewire.retryBudget() }),
      new fusewire.CircuitBreaker(),
      fusewire.bulkhead({ limit: PLACES }),
      fusewire.timeout(TIMEOUT / 2),
    ]),
  ),
  cockatiels('retry', () => cockatiel.retry(cockatiel.handleAll, { backoff: new cockatiel.ExponentialBackoff() })),
  cockatiels('timeout', () => cockatiel.timeout(TIMEOUT, cockatiel.TimeoutStrategy.Aggressive)),
  cockatiels('bulkhead', () => cockatiel.bulkhead(PLACES)),
  cockatiels('fallback', () => cockatiel.fallback(cockatiel.handleAll, 0)),
  cockatiels('wrap', () =>
    cockatiel.wrap(
      cockatiel.retry(cockatiel.handleAll, { backoff: new cockatiel.ExponentialBackoff() }),
      cockatiel.circuitBreaker(cockatiel.handleAll, {
        halfOpenAfter: 10_000,
        breaker: new cockatiel.SamplingBreaker({ threshold: 0.5, duration: 10_000 }),
      }),
      cockatiel.timeout(TIMEOUT, cockatiel.TimeoutStrategy.Aggressive),
    ),
  ),
  mollitias('retry', () => [new mollitia.Retry({ attempts: 2 })]),
  mollitias('timeout', () => [new mollitia.Timeout({ delay: TIMEOUT })]),
  mollitias('bulkhead', () => [new mollitia.Bulkhead({ concurrentSize: PLACES })]),
  mollitias('ratelimit', () => [new mollitia.Ratelimit({ limitPeriod: RATE.per, limitForPeriod: RATE.limit })]),
  mollitias('fallback', () => [new mollitia.Fallback({ callback: () => 0 })]),
  mollitias('retry+breaker+timeout', () => [
    new mollitia.Retry({ attempts: 2 }),
    new mollitia.SlidingCountBreaker({ slidingWindowSize: 100, minimumNumberOfCalls: 20 }),
    new mollitia.Timeout({ delay: TIMEOUT }),
  ]),
  {
    name: 'opossum/fallback',
    library: 'opossum',
    async load() {
      Opossum = (await import('opossum')).default;
    },
    make(fn) {
      const breaker = new Opossum(fn, { timeout: false, rollingPercentilesEnabled: false, enableSnapshots: false });
      breaker.fallback(() => 0);
      return breaker;
    },
    call: (breaker) => breaker.fire(),
  },
];

/** @returns {import('./index.mjs').Contender} */
function ours(policy, make) {
  return {
    name: `fusewire/${policy}`,
    library: 'fusewire',
    async load() {
      fusewire = await import('fusewire');
    },
    make,
    call: (made, fn) => made.execute(fn),
  };
}

/** @returns {import('./index.mjs').Contender} */
function cockatiels(policy, make) {
  return {
    name: `cockatiel/${policy}`,
    library: 'cockatiel',
    async load() {
      cockatiel = await import('cockatiel');
    },
    make,
    call: (made, fn) => made.execute(fn),
  };
}

/** @returns {import('./index.mjs').Contender} */
function mollitias(policy, modules) {
  return {
    name: `mollitia/${policy}`,
    library: 'mollitia',
    async load() {
      mollitia = await import('mollitia');
    },
    make: (fn) => new mollitia.Circuit({ func: fn, options: { modules: modules() } }),
    call: (circuit) => circuit.execute(),
  };
}
