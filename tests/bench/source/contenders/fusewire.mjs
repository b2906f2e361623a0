/** @type {any} */
let CircuitBreaker;
let names = 0;

const LEAN = { timeout: false, responseTimes: false };

/** @type {import('./index.mjs').Contender[]} */
export const contenders = [
  contender('fusewire/default', {}),
  contender('fusewire/lean', LEAN),
  contender('fusewire/lean+timeout', { timeout: 10_000, responseTimes: false }),
  contender('fusewire/lean+inFlight', { ...LEAN, inFlight: { limit: 1_000_000 } }),
  contender('fusewire/native', { ...LEAN, backend: 'native' }),
  contender('fusewire/process', { ...LEAN, backend: 'native', scope: 'process' }),
];

/** @returns {import('./index.mjs').Contender} */
function contender(name, options) {
  return {
    name,
    library: 'fusewire',
    async load() {
      ({ CircuitBreaker } = await import('fusewire'));
    },
    make: (fn, wish) => create(options, wish),
    call: (breaker, fn) => breaker.execute(fn),
    callForStatus: (breaker, fn) => breaker.tryExecute(fn),
  };
}

function create(options, wish) {
  const window = wish.window === undefined ? {} : { window: { type: 'count', size: wish.window } };
  const name = options.scope === 'process' ? { name: `bench ${names++}` } : {};
  return new CircuitBreaker({ ...options, ...name, ...window, ...CIRCUIT[wish.circuit] });
}

const CIRCUIT = {
  standard: {},
  // As many failures as the option allows, in a window too short for them: the default rule, that never trips.
  neverOpens: { failureThreshold: 1_000_000, monitoringWindow: 1_000 },
  staysOpen: { resetTimeout: 3_600_000 },
};
