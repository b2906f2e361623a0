import type { CircuitBreaker as Engine, CircuitState } from 'fusewire';
import { asWritten, makeEngine, readNamed } from '../translation.ts';
import type { Words } from '../translation.ts';
import { Reporting } from './reporting.ts';

/** How a breaker behaves. Times are milliseconds. */
export interface CircuitBreakerOptions {
  /** Failures within 60 000 ms that open the circuit: 1 to 1 000 000. Default 5. */
  failureThreshold?: number | undefined;
  /** How long a call may take: 1 to 2 147 483 647, or 0 for as long as it likes. Default 30 000. */
  timeout?: number | undefined;
  /** How long the circuit stays open: 1 to 31 536 000 000. Default 60 000. */
  resetTimeout?: number | undefined;
}

/** What the endpoints tell of a breaker. */
export interface CircuitBreakerStats {
  state: CircuitState;
  /** Failures within the last 60 000 ms; as they stood at the opening while the circuit is open. */
  failureCount: number;
  /** Successes, likewise. */
  successCount: number;
  /** Percentage of the breaker's life in which its circuit was not open. */
  uptime: number;
  /** When a call may be admitted, in ISO 8601; missing where one would be now. */
  nextAttempt?: string;
}

const WORDS = {
  failureThreshold: 'failureThreshold',
  timeout: 'timeout',
  resetTimeout: 'resetTimeout',
} as const satisfies Words;

/** The circuit breaker of one external service, decided by the engine of fusewire. */
export class CircuitBreaker {
  /** The service. */
  readonly name: string;
  readonly #make: () => Engine;
  #engine: Engine | undefined;

  /** @throws {BreakerOptionsError} with everything that is wrong with the name and the options; no breaker is made. */
  constructor(name: string, options?: CircuitBreakerOptions);
  /** @internal */
  constructor(name: string, options: CircuitBreakerOptions | undefined, reporting: Reporting, whenUsed?: boolean);
  constructor(
    name: string,
    options: CircuitBreakerOptions = {},
    reporting: Reporting = new Reporting(),
    whenUsed = false,
  ) {
    this.name = name;
    this.#make = () => {
      const engine = makeEngine(readNamed(name, options), WORDS, {}, ['name']);
      reporting.follow(engine);
      return engine;
    };
    if (!whenUsed) this.#engine = this.#make();
  }

  /** The breaker of fusewire below: `forceOpen()`, `explain()`, `toJSON()`, signals for the work, and the rest. */
  get engine(): Engine {
    return (this.#engine ??= this.#make());
  }

  /** The state, as of now. */
  get state(): CircuitState {
    return this.engine.state;
  }

  /**
   * Runs `work` if the circuit admits it, and settles as it does: with the same value, or the same error.
   *
   * Rejects with an error whose `circuitBreakerOpen` is true if the call is not admitted, and with one whose `timeout` is
   * true if it takes longer than `timeout`.
   */
  execute<T>(work: () => T | PromiseLike<T>): Promise<Awaited<T>> {
    return this.engine.execute(asWritten(work));
  }

  /** What the endpoints tell of it, as of now. */
  getStats(): CircuitBreakerStats {
    const { state, failureCount, successCount, uptime, nextAttemptTime } = this.engine.getStats();
    const nextAttempt = nextAttemptTime?.toISOString();
    return { state, failureCount, successCount, uptime, ...(nextAttempt !== undefined && { nextAttempt }) };
  }

  /** Closes the circuit and counts from 0 again. The totals stay. */
  reset(): void {
    this.engine.reset();
  }
}
