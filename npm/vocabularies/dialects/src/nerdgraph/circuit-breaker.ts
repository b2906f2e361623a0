import { EventEmitter } from 'node:events';
import { isCallTimeoutError, readOptions } from 'fusewire';
import type { CircuitBreaker as Engine, RejectEvent, StateChangeEvent } from 'fusewire';
import { hasLevels, withFunctions } from '../logger.ts';
import { asWritten, makeEngine, messageOf } from '../translation.ts';
import type { Words } from '../translation.ts';
import { CircuitBreakerOpenError, CircuitBreakerTimeoutError } from './errors.ts';
import { CircuitState } from './words.ts';
import type { CircuitBreakerConfig, CircuitBreakerEvents, CircuitBreakerStats, Logger } from './words.ts';

/** A success counts the failures from 0 again, so these are failures in a row. */
const WORDS = {
  failureThreshold: 'consecutiveFailureThreshold',
  successThreshold: 'successThreshold',
  timeout: 'timeout',
  retryDelay: 'resetTimeout',
  monitoringWindow: 'monitoringWindow',
} as const satisfies Words;

const LEVELS = ['debug', 'info', 'warn'] as const;

/**
 * The circuit breaker of the guide "Circuit Breaker Implementation Guide for V2", decided by the engine of fusewire.
 *
 * @typeParam T what its calls resolve with, unless a call says otherwise.
 */
export class CircuitBreaker<T = unknown> extends EventEmitter<CircuitBreakerEvents> {
  /** The breaker of fusewire below: `forceOpen()`, `explain()`, `toJSON()`, signals for the work, and the rest. */
  readonly engine: Engine;
  readonly #config: CircuitBreakerConfig;
  readonly #logger: Logger;
  readonly #timeouts = new WeakMap<object, Error>();
  /** What the call that is being made rejects with, where it is not admitted. */
  #rejection: CircuitBreakerOpenError | undefined;
  /** The state that the events have told of so far. */
  #told: CircuitState = CircuitState.CLOSED;
  /** The outcome that moved the circuit, told of after the move. */
  #moving: (() => void) | undefined;

  /** @throws {BreakerOptionsError} with everything that is wrong with the configuration; no breaker is made. */
  constructor(config: CircuitBreakerConfig, logger: Logger) {
    super();
    const reader = readOptions('Circuit breaker', 'unnamed', config);
    if (!hasLevels(logger, LEVELS)) reader.report('logger', 'type', withFunctions(LEVELS));
    this.engine = makeEngine(reader, WORDS, {}, ['name', ...Object.keys(WORDS)]);
    this.#config = { ...config };
    this.#logger = logger;
    this.#listen();
  }

  /**
   * Runs `fn` if the circuit admits it, and settles as it does: with the same value, or the same error.
   *
   * Rejects with {@link CircuitBreakerOpenError} if the call is not admitted, and with {@link CircuitBreakerTimeoutError}
   * if it takes longer than `timeout`.
   */
  async execute<R = T>(fn: () => Promise<R>): Promise<R> {
    const { running, rejection } = this.#start(fn);
    const result = await running;
    switch (result.status) {
      case 'success':
        return result.value;
      case 'failure':
        throw this.#translated(result.error);
      case 'rejected':
        throw rejection ?? this.#reject(result);
    }
  }

  /** Everything that is counted, as of now. */
  getStats(): CircuitBreakerStats {
    const stats = this.engine.getStats();
    return {
      totalCalls: stats.totalRequests,
      totalFailures: stats.totalFailures,
      totalSuccesses: stats.totalSuccesses,
      totalTimeouts: stats.totalTimeouts,
      averageResponseTime: stats.averageResponseTime ?? 0,
      state: stats.state,
      ...(stats.lastError !== null && { lastError: messageOf(this.#translated(stats.lastError)) }),
    };
  }

  /** Closes the circuit and counts from 0 again. The totals stay. */
  reset(): void {
    this.engine.reset();
  }

  /** Begins a call; a rejection is told of before this returns, unless a listener made the call. */
  #start<R>(fn: () => Promise<R>) {
    const outer = this.#rejection;
    this.#rejection = undefined;
    const running = this.engine.tryExecute(asWritten(fn));
    const rejection: Error | undefined = this.#rejection;
    this.#rejection = outer;
    return { running, rejection };
  }

  #listen(): void {
    const { engine } = this;
    const { name } = this.#config;
    engine.on('success', ({ duration }) => this.#logger.debug(`${name} call succeeded in ${milliseconds(duration)}ms`));
    engine.on('failure', ({ error }) =>
      this.#logger.warn(`${name} call failed: ${messageOf(this.#translated(error))}`),
    );
    engine.on('open', () => this.#logger.warn(`Circuit breaker '${name}' opened`));
    engine.on('close', () => this.#logger.info(`Circuit breaker '${name}' closed`));

    engine.on('success', ({ duration }) => {
      this.#tell((state) => this.emit('success', { responseTime: milliseconds(duration), state }));
    });
    engine.on('failure', ({ error, duration }) => {
      this.#tell((state) =>
        this.emit('failure', {
          error: this.#translated(error) as Error,
          responseTime: milliseconds(duration),
          state,
        }),
      );
    });
    engine.on('reject', (event) => {
      const error = this.#reject(event);
      this.#rejection ??= error;
      this.emit('callRejected', { error, state: error.state });
    });
    engine.on('stateChange', (change) => this.#move(change));
    engine.on('reset', () => this.emit('reset'));
  }

  /** Tells of an outcome: after the move that it made, where it made one. */
  #tell(event: (state: CircuitState) => unknown): void {
    const { state } = this.engine;
    if (state === this.#told) event(state);
    else this.#moving = () => event(state);
  }

  #move({ to, observed, shadow }: StateChangeEvent): void {
    if (shadow) return;
    const moving = this.#moving;
    this.#told = to;
    this.#moving = undefined;
    try {
      if (to === CircuitState.OPEN) this.emit('circuitOpened', { failureCount: this.#failureCount() });
      if (to === CircuitState.CLOSED) this.emit('circuitClosed', { successCount: observed ?? 0 });
    } finally {
      moving?.();
    }
  }

  /** Failures in a row until the circuit first opened, and one for each recovery that has failed since. */
  #failureCount(): number {
    const { consecutiveFailures, openAttempts } = this.engine.explain();
    return consecutiveFailures + openAttempts;
  }

  #reject(rejected: Pick<RejectEvent, 'reason' | 'retryAfter'>): CircuitBreakerOpenError {
    const { lastError } = this.engine.getStats();
    const cause = lastError === null ? undefined : this.#translated(lastError);
    return new CircuitBreakerOpenError(this.#config.name, rejected, cause);
  }

  /** The error itself; a timeout of this breaker in the words of the document, the same each time. */
  #translated(error: unknown): unknown {
    if (!isCallTimeoutError(error) || error.breaker !== this.#config.name) return error;
    const { name, timeout } = this.#config;
    const known = this.#timeouts.get(error) ?? new CircuitBreakerTimeoutError(name, timeout);
    this.#timeouts.set(error, known);
    return known;
  }
}

/** The document measures in whole milliseconds. */
function milliseconds(duration: number | null): number {
  return Math.round(duration ?? 0);
}
