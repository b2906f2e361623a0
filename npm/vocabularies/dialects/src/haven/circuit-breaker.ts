import { CircuitOpenError } from 'fusewire';
import type { CircuitBreaker as Engine, CircuitState } from 'fusewire';
import { withoutArguments, createEngine, readNamed } from '../translation.ts';
import type { OptionNames } from '../translation.ts';
import { Reporting } from './reporting.ts';

/** Options of a breaker. Times are milliseconds. */
export interface CircuitBreakerOptions {
  /** Failures within 60 000 ms that open the circuit: 1 to 1 000 000. Default 5. */
  failureThreshold?: number | undefined;
  /** Longest duration of a call: 1 to 2 147 483 647, or 0 for no limit. Default 30 000. */
  timeout?: number | undefined;
  /** Time that the circuit stays open: 1 to 31 536 000 000. Default 60 000. */
  resetTimeout?: number | undefined;
}

/** State and counts of a breaker, as the endpoints return them. */
export interface CircuitBreakerStats {
  state: CircuitState;
  /** Failures within the last 60 000 ms; while the circuit is open, those at the opening. */
  failureCount: number;
  /** Successes in the same time. */
  successCount: number;
  /** Percentage of the breaker's lifetime in which the circuit was not open. */
  uptime: number;
  /** Time of the next admission, in ISO 8601; missing if a call is admitted now. */
  nextAttempt?: string;
}

const OPTION_NAMES = {
  failureThreshold: 'failureThreshold',
  timeout: 'timeout',
  resetTimeout: 'resetTimeout',
} as const satisfies OptionNames;

/** Circuit breaker of one external service, on the engine of fusewire. */
export class CircuitBreaker {
  /** Name of the service. */
  readonly name: string;
  readonly #createEngine: () => Engine;
  #engine: Engine | undefined;

  /** @throws {OptionsError} with every invalid argument. */
  constructor(name: string, options?: CircuitBreakerOptions);
  /** @internal @param lazy whether the engine is created with the first use. */
  constructor(name: string, options: CircuitBreakerOptions | undefined, reporting: Reporting, lazy?: boolean);
  constructor(name: string, options: CircuitBreakerOptions = {}, reporting: Reporting = new Reporting(), lazy = false) {
    this.name = name;
    this.#createEngine = () => {
      const engine = createEngine(readNamed(name, options), OPTION_NAMES, { failureThreshold: 5 }, ['name']);
      reporting.follow(engine);
      return engine;
    };
    if (!lazy) this.#engine = this.#createEngine();
  }

  /** Underlying breaker of fusewire, with `forceOpen()`, `explain()`, `toJSON()`, signals for the work, and more. */
  get engine(): Engine {
    return (this.#engine ??= this.#createEngine());
  }

  /** Current state. */
  get state(): CircuitState {
    return this.engine.state;
  }

  /**
   * Runs `work` if the circuit admits it, and settles with the same value or error.
   *
   * Rejects with an error with `circuitBreakerOpen: true` if the circuit does not admit the call. If the call takes longer than
   * `timeout`, the error has `timeout: true`.
   */
  execute<T>(work: () => T | PromiseLike<T>): Promise<Awaited<T>> {
    return this.engine.execute(withoutArguments(work)).catch((error: unknown) => {
      throw error instanceof CircuitOpenError ? this.#withDocumentedMessage(error) : error;
    });
  }

  /** Shortens the message to that of the document. The reason of the opening stays in `why`. */
  #withDocumentedMessage(error: CircuitOpenError): CircuitOpenError {
    return Object.defineProperty(error, 'message', { value: `Circuit breaker ${this.name} is OPEN` });
  }

  /** Returns the current state and counts. */
  getStats(): CircuitBreakerStats {
    const { state, failureCount, successCount, uptime, nextAttemptTime } = this.engine.getStats();
    const nextAttempt = nextAttemptTime?.toISOString();
    return { state, failureCount, successCount, uptime, ...(nextAttempt !== undefined && { nextAttempt }) };
  }

  /** Closes the circuit, and resets the counts except the totals. */
  reset(): void {
    this.engine.reset();
  }
}
