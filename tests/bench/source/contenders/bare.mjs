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

/** What any breaker written as one `async` method pays before it decides anything. */
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
