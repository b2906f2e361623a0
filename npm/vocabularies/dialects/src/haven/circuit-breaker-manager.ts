import { readOptions } from 'fusewire/kit';
import type { CircuitBreaker as Engine } from 'fusewire';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { CircuitBreakerOptions, CircuitBreakerStats } from './circuit-breaker.ts';
import { ReadyMade } from './ready-made.ts';
import type { ReadyMadeOptions } from './ready-made.ts';
import { Reporting } from './reporting.ts';
import type { ReportingOptions } from './reporting.ts';
import { availabilityOf, simulateFailure, simulateTimeout } from './simulations.ts';
import type { ExternalService, FailureSimulation, TimeoutSimulation } from './simulations.ts';
import { healthOf, metricsOf } from './summaries.ts';
import type { HealthSummary, MetricsSummary } from './summaries.ts';

/** Options of a manager. */
export interface ManagerOptions extends ReportingOptions, ReadyMadeOptions {}

/** Options of the breakers of simulations: the timeout is below the document's delay of 6 000 ms. */
const SIMULATION: CircuitBreakerOptions = { failureThreshold: 3, timeout: 5_000, resetTimeout: 30_000 };
const MOST_SIMULATIONS = 100;

/** Breakers of the external services by name, and the responses of the endpoints. */
export class CircuitBreakerManager {
  readonly #breakers = new Map<string, CircuitBreaker>();
  readonly #prepared: CircuitBreaker[] = [];
  /** Breakers of simulations, least recently used first. The endpoints do not list them. */
  readonly #simulated = new Map<string, CircuitBreaker>();
  readonly #reporting = new Reporting();
  readonly #readyMade = new ReadyMade(this.#reporting);

  /**
   * Sets the logger and the alerts of all breakers, and the options of the ready-made ones. Options that are missing keep their
   * value.
   *
   * @throws {OptionsError} with every invalid option; nothing changes then.
   * @throws {ConfigurationError} with every invalid option and variable of the ready-made breakers; nothing changes then.
   * @throws {Error} if a ready-made breaker is in use already, and has options here.
   */
  configure(options: ManagerOptions): void {
    const reader = readOptions('Circuit breaker', 'reporting', options);
    const setReporting = this.#reporting.read(reader);
    const setReadyMade = this.#readyMade.read(reader);
    reader.finish();
    if (setReadyMade !== undefined) {
      const used = this.#prepared.find(({ isUsed }) => isUsed);
      if (used !== undefined)
        throw new Error(`Circuit breaker ${used.name} is in use: call configure() first, or update() on it`);
      setReadyMade();
    }
    setReporting();
  }

  /**
   * Creates the breaker of a service.
   *
   * @throws {Error} if the service has one already.
   * @throws {OptionsError} with every invalid argument.
   */
  create(name: string, options?: CircuitBreakerOptions): CircuitBreaker {
    return this.#add(new CircuitBreaker(name, options, this.#reporting));
  }

  /** @internal Creates the breaker of a service. Its engine is created with the first use. */
  prepare(name: string, options: CircuitBreakerOptions): CircuitBreaker {
    const breaker = this.#add(new CircuitBreaker(name, this.#readyMade.add(name, options), this.#reporting));
    this.#prepared.push(breaker);
    return breaker;
  }

  /** Returns the breaker of a service, or undefined. */
  get(name: string): CircuitBreaker | undefined {
    return this.#breakers.get(name);
  }

  /** Returns a new map of all breakers by name. */
  getAll(): Map<string, CircuitBreaker> {
    return new Map(this.#breakers);
  }

  /** Returns the breakers of fusewire by name, for the management API, metrics, health and alerts. */
  engines(): Map<string, Engine> {
    return new Map(this.#all().map(({ name, engine }) => [name, engine]));
  }

  /** Returns the response of `GET /api/v1/circuit-breakers`. */
  getAllStats(): Record<string, CircuitBreakerStats> {
    return Object.fromEntries(this.#all().map((breaker) => [breaker.name, breaker.getStats()]));
  }

  /** Returns the response of `GET /api/v1/circuit-breakers/:serviceName`; undefined for an unknown service. */
  getStats(name: string): CircuitBreakerStats | undefined {
    return this.get(name)?.getStats();
  }

  /** Handles `POST /api/v1/circuit-breakers/:serviceName/reset`. Returns false for an unknown service. */
  reset(name: string): boolean {
    const breaker = this.get(name);
    breaker?.reset();
    return breaker !== undefined;
  }

  /** Handles `POST /api/v1/circuit-breakers/reset-all`. */
  resetAll(): void {
    for (const breaker of this.#all()) breaker.reset();
  }

  /** Returns the response of `GET /api/v1/circuit-breakers/health`. */
  getHealth(): HealthSummary {
    return healthOf(this.#all());
  }

  /** Returns the response of `GET /api/v1/circuit-breakers/metrics`. */
  getMetrics(): MetricsSummary {
    return metricsOf(this.#all());
  }

  /**
   * Handles `POST /api/v1/test-circuit-breaker/simulate-failure`: runs `iterations` calls, 1 to 100, default 1, which
   * fail unless `shouldFail` is false. A breaker of the simulations runs them, not that of the service. Rejects with
   * every invalid option.
   */
  simulateFailure(request: {
    serviceName: string;
    shouldFail?: boolean | undefined;
    iterations?: number | undefined;
  }): Promise<FailureSimulation> {
    return simulateFailure((name) => this.#simulationBreaker(name), request);
  }

  /**
   * Handles `POST /api/v1/test-circuit-breaker/simulate-timeout`: runs one call of `delay` milliseconds, 0 to 60 000. A
   * breaker of the simulations runs it, with a timeout of 5 000 ms. Rejects with every invalid option.
   */
  simulateTimeout(request: { serviceName: string; delay: number }): Promise<TimeoutSimulation> {
    return simulateTimeout((name) => this.#simulationBreaker(name), request);
  }

  /** Handles `POST /api/v1/test-circuit-breaker/test-external-services`, without a call of any service. */
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

  #simulationBreaker(name: string): CircuitBreaker {
    const breaker = this.#simulated.get(name) ?? new CircuitBreaker(name, SIMULATION, this.#reporting);
    this.#simulated.delete(name);
    this.#simulated.set(name, breaker);
    const [oldest] = this.#simulated.keys();
    if (this.#simulated.size > MOST_SIMULATIONS) this.#simulated.delete(oldest as string);
    return breaker;
  }
}
