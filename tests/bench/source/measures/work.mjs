/** The function under the breaker, and how often it ran. */
export class Work {
  calls = 0;
  /** @type {() => Promise<number>} */
  fn;

  /** @param {'success' | 'failure'} outcome failure: 15 of 16 calls reject, the first of 16 does not */
  constructor(outcome) {
    this.fn = outcome === 'success' ? this.#succeeding() : this.#failing();
  }

  #succeeding() {
    return async () => {
      this.calls++;
      return 1;
    };
  }

  #failing() {
    const error = new Error('the dependency failed');
    return async () => {
      if ((this.calls++ & 15) === 0) return 1;
      throw error;
    };
  }
}

/** Aborts the run: a number about a contender that did something else than it should is worse than none. */
export function expectEqual(what, actual, expected) {
  if (actual !== expected) throw new Error(`${what}: ${actual} where ${expected} was expected`);
}
