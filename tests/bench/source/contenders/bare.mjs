let successes = 0;
let failures = 0;

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
    successes++;
    return value;
  } catch (error) {
    failures++;
    throw error;
  }
}
