import { CircuitBreaker } from './circuit-breaker.ts';
import type { CircuitBreakerConfig, Logger } from './words.ts';

/**
 * Makes breakers, one for each name.
 *
 * For inversify it needs to be told what it is: `decorate(injectable(), CircuitBreakerFactory)` and
 * `decorate(inject(TYPES.Logger), CircuitBreakerFactory, 0)`.
 */
export class CircuitBreakerFactory {
  readonly #breakers = new Map<string, CircuitBreaker>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * The breaker of that name: the one that is there, whatever the rest of the configuration says, or a new one.
   *
   * @throws {BreakerOptionsError} with everything that is wrong with the configuration of a new one.
   */
  create(config: CircuitBreakerConfig): CircuitBreaker {
    const known = this.#breakers.get(config?.name);
    if (known !== undefined) return known;
    const breaker = new CircuitBreaker(config, this.#logger);
    this.#breakers.set(config.name, breaker);
    return breaker;
  }

  /** The breaker of that name, if there is one. */
  get(name: string): CircuitBreaker | undefined {
    return this.#breakers.get(name);
  }

  /** Every breaker by its name, in a map of the caller's own. */
  getAll(): Map<string, CircuitBreaker> {
    return new Map(this.#breakers);
  }

  /** Resets the breaker of that name, if there is one. */
  reset(name: string): void {
    this.#breakers.get(name)?.reset();
  }

  /** Resets every breaker. */
  resetAll(): void {
    for (const breaker of this.#breakers.values()) breaker.reset();
  }
}
