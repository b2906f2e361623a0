import { CircuitOpenError } from 'fusewire';
import { readOptions } from 'fusewire/kit';
import type {
  BreakerRegistry,
  CallContext,
  CircuitBreaker as Engine,
  CircuitState,
  InFlight,
  Outcome,
  Verdict,
} from 'fusewire';
import { withoutArguments, createEngine } from '../translation.ts';
import type { OptionNames } from '../translation.ts';
import { readLogger } from './logger.ts';
import type { Logger } from './logger.ts';

/** Options of a breaker. Times are milliseconds. */
export interface CircuitBreakerOptions {
  /** Failures within `monitoringPeriod` that open the circuit: 1 to 1 000 000. Default 5. */
  failureThreshold?: number | undefined;
  /** Successes that close a half-open circuit: 1 to 1 000 000. Default 2. */
  successThreshold?: number | undefined;
  /** Time that the circuit stays open, not a limit of a call: 1 to 31 536 000 000. Default 60 000. */
  timeout?: number | undefined;
  /** Window in which failures count: 1 to 31 536 000 000. Default 60 000. */
  monitoringPeriod?: number | undefined;
  /** Limit of the calls that wait for the API, as fusewire has it. Default: none. */
  inFlight?: InFlight | undefined;
  /** Judges outcomes, as fusewire has it. Default: every error is a failure. */
  classify?: ((outcome: Outcome) => Verdict) | undefined;
  /** `'process'` shares the circuit between threads; needs the native engine. Default `'local'`. */
  scope?: 'local' | 'process' | undefined;
  /** Registry that the underlying breaker joins, such as that of `@fusewire/nestjs`. Default: none. */
  registry?: BreakerRegistry | undefined;
  /** Name of the breaker: 1 to 200 characters. Default `'conexxus'`. */
  name?: string | undefined;
  /** Logger of the creation and of state changes; false for none. Default `console`. */
  logger?: Logger | false | undefined;
}

/** Options of one call. */
export interface ExecuteOptions {
  /** Ends the call when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** State and counts of a breaker. */
export interface CircuitBreakerStats {
  state: CircuitState;
  /** Failures within `monitoringPeriod`; while half-open, of the probes; while open, those at the opening. */
  failureCount: number;
  /** Successes in the same time. */
  successCount: number;
  /** Null before the first. */
  lastFailureTime: Date | null;
  /** Null before the first. */
  lastSuccessTime: Date | null;
  /** Null if a call is admitted now. */
  nextAttemptTime: Date | null;
  /** All calls, including rejected and running ones. */
  totalRequests: number;
  totalFailures: number;
  totalSuccesses: number;
}

const OPTION_NAMES = {
  failureThreshold: 'failureThreshold',
  successThreshold: 'successThreshold',
  timeout: 'resetTimeout',
  monitoringPeriod: 'monitoringWindow',
  inFlight: 'inFlight',
  classify: 'classify',
  scope: 'scope',
} as const satisfies OptionNames;

/** Defaults of the document. The HTTP client limits the duration of a call, because it also retries the call. */
const DEFAULTS = { name: 'conexxus', failureThreshold: 5, timeout: false } as const;

/** Error of a call that the circuit rejected: a `CircuitOpenError` of fusewire with the message of the document. */
export class CircuitBreakerOpenError extends CircuitOpenError {
  constructor({ breaker, state, reason, retryAfter, cause }: CircuitOpenError) {
    super(breaker, state, reason, retryAfter, cause);
    this.message = `Circuit breaker is ${state}`;
  }
}

/** Circuit breaker of the integration, on the engine of fusewire. */
export class CircuitBreaker {
  /** Underlying breaker of fusewire, with `forceOpen()`, `explain()`, `toJSON()`, signals for the work, and more. */
  readonly engine: Engine;

  /**
   * @throws {OptionsError} with every invalid option.
   * @throws {Error} if the registry has a breaker of that name.
   */
  constructor(options: CircuitBreakerOptions = {}) {
    const reader = readOptions('Circuit breaker', DEFAULTS.name, options);
    const logger = readLogger(reader);
    const registry = reader.value('registry');
    const hasRegistry = isRegistry(registry);
    if (registry !== undefined && !hasRegistry) reader.report('registry', 'type', 'a BreakerRegistry');
    this.engine = createEngine(reader, OPTION_NAMES, DEFAULTS, [], hasRegistry ? registry : undefined);
    this.engine.on('stateChange', ({ from, to, reason, shadow }) => {
      if (!shadow) logger[to === 'OPEN' ? 'warn' : 'log'](`Circuit breaker state: ${from} to ${to} (${reason})`);
    });
    logger.log('Circuit breaker initialized');
  }

  /**
   * Runs `work` if the circuit admits it, and settles with the same value or error. A `work` with a parameter gets the `signal` of
   * the call, which aborts with that of `options`.
   *
   * Rejects with {@link CircuitBreakerOpenError} if the circuit does not admit the call.
   */
  execute<T>(work: (context: CallContext) => T | PromiseLike<T>, options?: ExecuteOptions): Promise<Awaited<T>>;
  execute<T>(work: () => T | PromiseLike<T>, options?: ExecuteOptions): Promise<Awaited<T>>;
  async execute<T>(work: (context: CallContext) => T | PromiseLike<T>, options?: ExecuteOptions): Promise<Awaited<T>> {
    // A parameter with a default, as the document may have one, does not count.
    const takesContext = typeof work === 'function' && work.length > 0;
    const result = await this.engine.tryExecute(takesContext ? work : withoutArguments(work), options);
    switch (result.status) {
      case 'success':
        return result.value;
      case 'failure':
        throw result.error;
      case 'rejected': {
        const { rejection } = result;
        // The work itself may have been rejected by another breaker or policy.
        const isOwn = rejection instanceof CircuitOpenError && rejection.breaker === this.engine.name;
        throw isOwn ? new CircuitBreakerOpenError(rejection) : rejection;
      }
    }
  }

  /** Returns the current state. */
  getState(): CircuitState {
    return this.engine.state;
  }

  /** Returns the current state and counts. */
  getStats(): CircuitBreakerStats {
    const stats = this.engine.getStats();
    const { state, failureCount, successCount, lastFailureTime, lastSuccessTime, nextAttemptTime } = stats;
    const { totalRequests, totalFailures, totalSuccesses } = stats;
    const times = { lastFailureTime, lastSuccessTime, nextAttemptTime };
    return { state, failureCount, successCount, ...times, totalRequests, totalFailures, totalSuccesses };
  }

  /** Closes the circuit, and resets the counts except the totals. */
  reset(): void {
    this.engine.reset();
  }
}

/** Whether `value` is a registry, also one of another copy of fusewire. */
function isRegistry(value: unknown): value is BreakerRegistry {
  const { create, health } = (value ?? {}) as Partial<BreakerRegistry>;
  return typeof create === 'function' && typeof health === 'function';
}
