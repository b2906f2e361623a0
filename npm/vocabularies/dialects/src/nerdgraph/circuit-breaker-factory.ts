import { CircuitBreaker } from './circuit-breaker.ts';
import type { CircuitBreakerConfig, Logger } from './types.ts';

/**
 * Factory of breakers, one for each name.
 *
 * The class has no decorators of inversify. Add them: `decorate(injectable(), CircuitBreakerFactory)` and
 * `decorate(inject(TYPES.Logger), CircuitBreakerFactory, 0)`.
 */
export class CircuitBreakerFactory {
  readonly #breakers = new Map<string, CircuitBreaker>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * Returns the breaker of that name, or creates it. An existing breaker keeps its configuration.
   *
   * @throws {OptionsError} with every invalid option of a new breaker.
   */
  create(config: CircuitBreakerConfig): CircuitBreaker {
    const existing = this.#breakers.get(config?.name);
    if (existing !== undefined) return existing;
    const breaker = new CircuitBreaker(config, this.#logger);
    this.#breakers.set(config.name, breaker);
    return breaker;
  }

  /** Returns the breaker of that name, or undefined. */
  get(name: string): CircuitBreaker | undefined {
    return this.#breakers.get(name);
  }

  /** Returns a new map of all breakers by name. */
  getAll(): Map<string, CircuitBreaker> {
    return new Map(this.#breakers);
  }

  /** Resets the breaker of that name, if there is one. */
  reset(name: string): void {
    this.#breakers.get(name)?.reset();
  }

  /** Resets all breakers. */
  resetAll(): void {
    for (const breaker of this.#breakers.values()) breaker.reset();
  }
}
