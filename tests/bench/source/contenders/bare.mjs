const outcomes = { successes: 0, failures: 0 };

/** @type {import('./index.mjs').Contender[]} */
export const contenders = [
  {
    name: 'async-wrapper',
    library: 'none',
    async load() {},
    make: () => undefined,
    call: asyncWrapper,
  },
];

/** An `async` method that only awaits the function: the floor of every breaker written that way. */
async function asyncWrapper(breaker, fn) {
  try {
    const value = await fn();
    outcomes.successes++;
    return value;
  } catch (error) {
    outcomes.failures++;
    throw error;
  }
}
