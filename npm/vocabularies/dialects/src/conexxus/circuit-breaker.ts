import { CircuitOpenError, readOptions } from 'fusewire';
import type { CircuitBreaker as Engine, CircuitState, RejectedResult } from 'fusewire';
import { asWritten, makeEngine } from '../translation.ts';
import type { Words } from '../translation.ts';
import { readLogger } from './logger.ts';
import type { Logger } from './logger.ts';

/** How a breaker behaves. Times are milliseconds. */
export interface CircuitBreakerOptions {
  /** Failures within `monitoringPeriod` that open the circuit: 1 to 1 000 000. Default 5. */
  failureThreshold?: number | undefined;
  /** Successes that close it again: 1 to 1 000 000. Default 2. */
  successThreshold?: number | undefined;
  /** How long the circuit stays open: 1 to 31 536 000 000. Default 60 000. It is no limit for a call. */
  timeout?: number | undefined;
  /** How far back failures count: 1 to 31 536 000 000. Default 60 000. */
  monitoringPeriod?: number | undefined;
  /** Names the breaker where there are several: 1 to 200 characters. Default `'conexxus'`. */
  name?: string | undefined;
  /** Where the start and state changes are written; false for nowhere. Default `console`. */
  logger?: Logger | false | undefined;
}

/** What a breaker has seen. */
export interface CircuitBreakerStats {
  state: CircuitState;
  /** Failures within `monitoringPeriod`; of the probes while half-open; as they stood at the opening while open. */
  failureCount: number;
  /** Successes, likewise. */
  successCount: number;
  /** Null before the first. */
  lastFailureTime: Date | null;
  /** Null before the first. */
  lastSuccessTime: Date | null;
  /** Null where a call would be admitted now. */
  nextAttemptTime: Date | null;
  /** Every call, those that were rejected and those under way among them. */
  totalRequests: number;
  totalFailures: number;
  totalSuccesses: number;
}

const WORDS = {
  failureThreshold: 'failureThreshold',
  successThreshold: 'successThreshold',
  timeout: 'resetTimeout',
  monitoringPeriod: 'monitoringWindow',
} as const satisfies Words;

/** How long a call may take is the business of the HTTP client, which repeats it as well. */
const NO_CALL_TIMEOUT = { name: 'conexxus', timeout: false } as const;

/** A call was not admitted. It is a `CircuitOpenError` of fusewire, in the words of the document. */
export class CircuitBreakerOpenError extends CircuitOpenError {
  constructor(breaker: string, { state, reason, retryAfter }: RejectedResult, lastError: unknown) {
    super(breaker, state, reason, retryAfter, lastError);
    this.message = `Circuit breaker is ${state}`;
  }
}

/** The circuit breaker of the integration, decided by the engine of fusewire. */
export class CircuitBreaker {
  /** The breaker of fusewire below: `forceOpen()`, `explain()`, `toJSON()`, signals for the work, and the rest. */
  readonly engine: Engine;

  /** @throws {BreakerOptionsError} with everything that is wrong with the options; no breaker is made. */
  constructor(options: CircuitBreakerOptions = {}) {
    const reader = readOptions('Circuit breaker', NO_CALL_TIMEOUT.name, options);
    const logger = readLogger(reader);
    this.engine = makeEngine(reader, WORDS, NO_CALL_TIMEOUT);
    this.engine.on('stateChange', ({ from, to, reason, shadow }) => {
      if (!shadow) logger[to === 'OPEN' ? 'warn' : 'log'](`Circuit breaker state: ${from} to ${to} (${reason})`);
    });
    logger.log('Circuit breaker initialized');
  }

  /**
   * Runs `work` if the circuit admits it, and settles as it does: with the same value, or the same error.
   *
   * Rejects with {@link CircuitBreakerOpenError} if the call is not admitted.
   */
  async execute<T>(work: () => T | PromiseLike<T>): Promise<Awaited<T>> {
    const result = await this.engine.tryExecute(asWritten(work));
    switch (result.status) {
      case 'success':
        return result.value;
      case 'failure':
        throw result.error;
      case 'rejected': {
        const { name, lastError } = this.engine.getStats();
        throw new CircuitBreakerOpenError(name, result, lastError ?? undefined);
      }
    }
  }

  /** The state, as of now. */
  getState(): CircuitState {
    return this.engine.state;
  }

  /** Everything that is counted, as of now. */
  getStats(): CircuitBreakerStats {
    const stats = this.engine.getStats();
    const { state, failureCount, successCount, lastFailureTime, lastSuccessTime, nextAttemptTime } = stats;
    const { totalRequests, totalFailures, totalSuccesses } = stats;
    const times = { lastFailureTime, lastSuccessTime, nextAttemptTime };
    return { state, failureCount, successCount, ...times, totalRequests, totalFailures, totalSuccesses };
  }

  /** Closes the circuit and counts from 0 again. The totals stay. */
  reset(): void {
    this.engine.reset();
  }
}
