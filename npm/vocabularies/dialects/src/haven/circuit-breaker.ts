import { CircuitOpenError } from 'fusewire';
import type {
  CallContext,
  CallOptions,
  CircuitBreaker as Engine,
  CircuitBreakerOptions as EngineOptions,
  CircuitState,
  UpdateOptions,
} from 'fusewire';
import { classifyRateLimit } from '../campaign/rate-limits.ts';
import { classifyAsDocumented, createEngine, FURTHER_NAMES, readNamed, withContext } from '../translation.ts';
import type { FurtherOptions, OptionNames } from '../translation.ts';
import { Reporting } from './reporting.ts';

/** Options of a breaker. Times are milliseconds. Those of fusewire that the document does not have are options too. */
export interface CircuitBreakerOptions extends FurtherOptions {
  /** Failures within 60 000 ms that open the circuit: 1 to 1 000 000. Default 5. */
  failureThreshold?: number | undefined;
  /** Longest duration of a call: 1 to 2 147 483 647, or 0 for no limit. Default 30 000. */
  timeout?: number | false | undefined;
  /** Time that the circuit stays open: 1 to 31 536 000 000. Default 60 000. */
  resetTimeout?: EngineOptions['resetTimeout'];
  /**
   * Judges an outcome before the rules of the document do: every error is a failure, and a 429 with `Retry-After` opens the
   * circuit for that time. Default: these rules alone.
   */
  classify?: EngineOptions['classify'];
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
  ...FURTHER_NAMES,
} satisfies OptionNames;

/** Returns the classification of the document, after one of the program. */
export function classifyWith(own: EngineOptions['classify']): NonNullable<EngineOptions['classify']> {
  return (outcome) => own?.(outcome) ?? classifyRateLimit(outcome) ?? classifyAsDocumented(outcome);
}

/** Creates the engine of a breaker by its name. */
export type EngineFactory = (name: string) => Engine;

/** Circuit breaker of one external service, on the engine of fusewire. */
export class CircuitBreaker {
  /** Name of the service. */
  readonly name: string;
  readonly #createEngine: () => Engine;
  #engine: Engine | undefined;

  /** @throws {OptionsError} with every invalid argument. */
  constructor(name: string, options?: CircuitBreakerOptions);
  /** @internal @param options options, or a function that creates the engine with the first use. */
  constructor(name: string, options: CircuitBreakerOptions | EngineFactory | undefined, reporting: Reporting);
  constructor(
    name: string,
    options: CircuitBreakerOptions | EngineFactory = {},
    reporting: Reporting = new Reporting(),
  ) {
    this.name = name;
    const create = typeof options === 'function' ? options : () => engineOf(name, options, reporting);
    this.#createEngine = () => {
      const engine = create(name);
      reporting.follow(engine);
      return engine;
    };
    if (typeof options !== 'function') this.#engine = this.#createEngine();
  }

  /** @internal Whether the engine exists. */
  get isUsed(): boolean {
    return this.#engine !== undefined;
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
   * `timeout`, the error has `timeout: true`. A `work` with a parameter receives the context of the call: `({ signal }) => …`.
   *
   * @param options for example `signal`, which aborts the call.
   */
  execute<T>(work: (context: CallContext) => T | PromiseLike<T>, options?: CallOptions): Promise<Awaited<T>> {
    return this.#execute(withContext(work), options).catch((error: unknown) => {
      throw error instanceof CircuitOpenError ? this.#withDocumentedMessage(error) : error;
    });
  }

  /** Rejects, and does not throw, if the configuration of a ready-made breaker is invalid. */
  #execute<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    options: CallOptions | undefined,
  ): Promise<Awaited<T>> {
    try {
      return this.engine.execute(work, options);
    } catch (error) {
      return Promise.reject(error as Error);
    }
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

  /** Changes thresholds and times of the running breaker, under their names above. Counts and state stay. */
  update(options: UpdateOptions): void {
    this.engine.update(options);
  }
}

function engineOf(name: string, options: CircuitBreakerOptions, reporting: Reporting): Engine {
  const reader = readNamed(name, options);
  const own = reader.callable('classify') as EngineOptions['classify'];
  const fixed = { failureThreshold: 5, classify: classifyWith(own), logger: reporting.faultLogger };
  return createEngine(reader, OPTION_NAMES, fixed, ['name']);
}
