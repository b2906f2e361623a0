import { CircuitBreaker } from './circuit-breaker.ts';
import type { CircuitBreakerOptions, CircuitBreakerStats } from './circuit-breaker.ts';
import { Reporting } from './reporting.ts';
import type { ReportingOptions } from './reporting.ts';
import { availabilityOf, simulateFailure, simulateTimeout } from './simulations.ts';
import type { ExternalService, FailureSimulation, TimeoutSimulation } from './simulations.ts';
import { healthOf, metricsOf } from './summaries.ts';
import type { HealthSummary, MetricsSummary } from './summaries.ts';

/** The breakers of simulations: they open soon, and time out before the document's delay of 6 000 ms. */
const TESTING: CircuitBreakerOptions = { failureThreshold: 3, timeout: 5_000, resetTimeout: 30_000 };
const MOST_TESTING = 100;

/** The breakers of the external services by name, and what the endpoints say about them. */
export class CircuitBreakerManager {
  readonly #breakers = new Map<string, CircuitBreaker>();
  /** Those of simulations, which no endpoint counts among the services. The oldest first. */
  readonly #testing = new Map<string, CircuitBreaker>();
  readonly #reporting = new Reporting();

  /**
   * Says who is told what the breakers do. What is left out stays as it is.
   *
   * @throws {BreakerOptionsError} with everything that is wrong with the options; nothing changes.
   */
  configure(options: ReportingOptions): void {
    this.#reporting.configure(options);
  }

  /**
   * Makes the breaker of a service.
   *
   * @throws {Error} if there is one already.
   * @throws {BreakerOptionsError} with everything that is wrong with the name and the options.
   */
  create(name: string, options?: CircuitBreakerOptions): CircuitBreaker {
    return this.#add(new CircuitBreaker(name, options, this.#reporting));
  }

  /** @internal Makes the breaker of a service, whose engine is made when it is first used. */
  prepare(name: string, options: CircuitBreakerOptions): CircuitBreaker {
    return this.#add(new CircuitBreaker(name, options, this.#reporting, true));
  }

  /** The breaker of that service, if there is one. */
  get(name: string): CircuitBreaker | undefined {
    return this.#breakers.get(name);
  }

  /** Every breaker by its name, in a map of the caller's own. */
  getAll(): Map<string, CircuitBreaker> {
    return new Map(this.#breakers);
  }

  /** What `GET /api/v1/circuit-breakers` tells. */
  getAllStats(): Record<string, CircuitBreakerStats> {
    return Object.fromEntries(this.#all().map((breaker) => [breaker.name, breaker.getStats()]));
  }

  /** What `GET /api/v1/circuit-breakers/:serviceName` tells; undefined for an unknown service. */
  getStats(name: string): CircuitBreakerStats | undefined {
    return this.get(name)?.getStats();
  }

  /** What `POST /api/v1/circuit-breakers/:serviceName/reset` does. Returns whether there is such a service. */
  reset(name: string): boolean {
    const breaker = this.get(name);
    breaker?.reset();
    return breaker !== undefined;
  }

  /** What `POST /api/v1/circuit-breakers/reset-all` does. */
  resetAll(): void {
    for (const breaker of this.#all()) breaker.reset();
  }

  /** What `GET /api/v1/circuit-breakers/health` tells. */
  getHealth(): HealthSummary {
    return healthOf(this.#all());
  }

  /** What `GET /api/v1/circuit-breakers/metrics` tells. */
  getMetrics(): MetricsSummary {
    return metricsOf(this.#all());
  }

  /**
   * What `POST /api/v1/test-circuit-breaker/simulate-failure` does: calls that fail, 1 to 100, default 1, through a breaker
   * of that name that has nothing to do with the service. Rejects with what is wrong with the request.
   */
  simulateFailure(request: {
    serviceName: string;
    shouldFail?: boolean | undefined;
    iterations?: number | undefined;
  }): Promise<FailureSimulation> {
    return simulateFailure((name) => this.#testingBreaker(name), request);
  }

  /**
   * What `POST /api/v1/test-circuit-breaker/simulate-timeout` does: one call of so many milliseconds, 0 to 60 000, through
   * such a breaker, whose calls may take 5 000. Rejects with what is wrong with the request.
   */
  simulateTimeout(request: { serviceName: string; delay: number }): Promise<TimeoutSimulation> {
    return simulateTimeout((name) => this.#testingBreaker(name), request);
  }

  /** What `POST /api/v1/test-circuit-breaker/test-external-services` tells. It calls none of them. */
  testExternalServices(): ExternalService[] {
    return availabilityOf(this.#all());
  }

  #all(): CircuitBreaker[] {
    return [...this.#breakers.values()];
  }

  #add(breaker: CircuitBreaker): CircuitBreaker {
    if (this.#breakers.has(breaker.name)) throw new Error(`There is a circuit breaker ${breaker.name} already`);
    this.#breakers.set(breaker.name, breaker);
    return breaker;
  }

  #testingBreaker(name: string): CircuitBreaker {
    const breaker = this.#testing.get(name) ?? new CircuitBreaker(name, TESTING, this.#reporting);
    this.#testing.delete(name);
    this.#testing.set(name, breaker);
    const [oldest] = this.#testing.keys();
    if (this.#testing.size > MOST_TESTING) this.#testing.delete(oldest as string);
    return breaker;
  }
}
