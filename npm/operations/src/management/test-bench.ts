import { BreakerRegistry, CallTimeoutError, CircuitBreaker, CircuitOpenError, timeout } from 'fusewire';
import type { BreakerStats, CircuitBreakerOptions, CircuitState, Clock } from 'fusewire';
import { errorClass } from '../error-class.ts';
import type { BreakerSource } from '../sources.ts';
import { steppedClock } from './stepped-clock.ts';

/** Options of the test endpoints. */
export interface TestOptions {
  /** Options of the breakers of the simulations. Default: five failures in a row open the circuit for 60 s. */
  readonly breaker?: Omit<CircuitBreakerOptions, 'name' | 'clock'> | undefined;
  /** Functions that call the external services by their names, without a breaker. Default: none. */
  readonly services?: Readonly<Record<string, ServiceCall>> | undefined;
  /** Milliseconds until a service must have answered. Default 5 000. */
  readonly serviceTimeout?: number | undefined;
}

/** Call of an external service. It fails if it throws, rejects or takes too long. */
export type ServiceCall = (context: { readonly signal: AbortSignal }) => unknown;

/** Result of one call of a simulation. */
export interface SimulatedCall {
  /** Number of the call, from 1. */
  readonly iteration: number;
  readonly success: boolean;
  /** Message of the error; missing after a success. */
  readonly error?: string;
  /** Whether the circuit rejected the call. */
  readonly circuitBreakerOpen: boolean;
}

/** Result of `simulateFailure`. */
export interface FailureSimulation {
  readonly serviceName: string;
  readonly results: readonly SimulatedCall[];
  readonly stats: BreakerStats;
}

/** Result of `simulateTimeout`. Times are milliseconds. */
export interface TimeoutSimulation {
  readonly serviceName: string;
  readonly delay: number;
  readonly limit: number;
  /** Whether the call timed out. */
  readonly timeout: boolean;
  /** Message of the error; missing after a success. */
  readonly error?: string;
  readonly stats: BreakerStats;
}

/** Result of the call of one service. */
export interface ServiceCheck {
  readonly service: string;
  readonly available: boolean;
  /** Milliseconds that the call took. */
  readonly duration: number;
  /** Class and code of the error; missing if the service is available. */
  readonly error?: string;
  /** State of the breaker of the same name, or null. */
  readonly state: CircuitState | null;
}

const DEFAULTS = { consecutiveFailureThreshold: 5, resetTimeout: 60_000 } as const;

/** Most breakers that exist for tests. */
const MOST_BREAKERS = 20;

/** Breakers of the test endpoints. No event log, health or alert knows them. */
export class TestBench {
  readonly #options: Omit<CircuitBreakerOptions, 'name' | 'clock'>;
  readonly #breakers: BreakerRegistry;
  readonly #services: ReadonlyMap<string, ServiceCall>;
  readonly #serviceTimeout: number;
  readonly #clock: Clock | undefined;

  /** @throws {OptionsError} if the options of the breakers are invalid. */
  constructor(options: TestOptions, services: ReadonlyMap<string, ServiceCall>, clock: Clock | undefined) {
    this.#options = options.breaker ?? DEFAULTS;
    const defaults = { ...this.#options, ...(clock !== undefined && { clock }) };
    this.#breakers = new BreakerRegistry({ defaults, max: MOST_BREAKERS });
    this.#services = services;
    this.#serviceTimeout = options.serviceTimeout ?? 5_000;
    this.#clock = clock;
  }

  /** Runs calls that fail or succeed, one after the other. */
  async simulateFailure(serviceName: string, shouldFail: boolean, iterations: number): Promise<FailureSimulation> {
    const breaker = this.#breakers.for(serviceName);
    const results: SimulatedCall[] = [];
    for (let iteration = 1; iteration <= iterations; iteration++) {
      const error = await errorOf(breaker.execute(() => simulatedCall(shouldFail)));
      const circuitBreakerOpen = error instanceof CircuitOpenError;
      results.push({ iteration, success: error === undefined, ...messageOf(error), circuitBreakerOpen });
    }
    return { serviceName, results, stats: breaker.getStats() };
  }

  /** Runs one call of `delay` milliseconds on a clock that jumps. */
  async simulateTimeout(serviceName: string, delay: number, limit: number): Promise<TimeoutSimulation> {
    const clock = steppedClock();
    const breaker = new CircuitBreaker({ ...this.#options, name: serviceName, timeout: limit, clock });
    const call = errorOf(breaker.execute(() => new Promise<void>((resolve) => void clock.setTimer(resolve, delay))));
    await clock.run();
    const error = await call;
    const stats = breaker.getStats();
    breaker.dispose();
    return { serviceName, delay, limit, timeout: error instanceof CallTimeoutError, ...messageOf(error), stats };
  }

  /** Calls every service once. */
  async checkServices(source: BreakerSource): Promise<{ services: ServiceCheck[] }> {
    const clock = this.#clock;
    const limit = timeout({ name: 'check', timeout: this.#serviceTimeout, ...(clock !== undefined && { clock }) });
    const now = clock ?? (() => performance.now());
    const checks = [...this.#services].map(async ([service, call]): Promise<ServiceCheck> => {
      const start = now();
      const error = await errorOf(limit.execute(({ signal }) => call({ signal })));
      const breaker = source.get(service);
      return {
        service,
        available: error === undefined,
        duration: Math.round(now() - start),
        ...(error !== undefined && { error: errorClass(error) }),
        state: breaker === undefined || breaker.disposed ? null : breaker.state,
      };
    });
    return { services: await Promise.all(checks) };
  }
}

async function simulatedCall(shouldFail: boolean): Promise<void> {
  if (shouldFail) throw new Error('Simulated failure');
}

/** Resolves with the error of a promise, or with undefined. */
async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error ?? new Error('Rejected without an error');
  }
}

function messageOf(error: unknown): { error: string } | undefined {
  return error === undefined ? undefined : { error: error instanceof Error ? error.message : 'failed' };
}
