import { EventEmitter } from 'node:events';
import { CallTimeoutError, CircuitOpenError } from 'fusewire';
import { readOptions } from 'fusewire/kit';
import type { CallContext, CircuitBreaker as Engine, ErrorSummary, RejectEvent, StateChangeEvent } from 'fusewire';
import { hasLevels, withFunctions } from '../logger.ts';
import { createEngine, messageOf, withContext } from '../translation.ts';
import type { OptionNames } from '../translation.ts';
import { CircuitBreakerOpenError, CircuitBreakerTimeoutError } from './errors.ts';
import { CircuitState } from './types.ts';
import type {
  CircuitBreakerConfig,
  CircuitBreakerEvents,
  CircuitBreakerStats,
  ExecuteOptions,
  Logger,
} from './types.ts';

/** `failureThreshold` counts consecutive failures: a success resets the count. */
const OPTION_NAMES = {
  failureThreshold: 'consecutiveFailureThreshold',
  successThreshold: 'successThreshold',
  timeout: 'timeout',
  retryDelay: 'resetTimeout',
  monitoringWindow: 'monitoringWindow',
} as const satisfies OptionNames;

const LEVELS = ['debug', 'info', 'warn'] as const;

/**
 * Circuit breaker of the guide "Circuit Breaker Implementation Guide for V2", on the engine of fusewire.
 *
 * @typeParam T type of the value of `execute`, unless a call has its own.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the default of the document
export class CircuitBreaker<T = any> extends EventEmitter<CircuitBreakerEvents> {
  /** Underlying breaker of fusewire, with `forceOpen()`, `explain()`, `toJSON()`, signals for the work, and more. */
  readonly engine: Engine;
  readonly #config: CircuitBreakerConfig;
  readonly #logger: Logger;
  readonly #timeouts = new WeakMap<object, Error>();
  /** Error of the call that is starting, if the circuit rejects it. */
  #rejection: CircuitBreakerOpenError | undefined;
  /** State that the emitted events imply. */
  #emittedState: CircuitState = CircuitState.CLOSED;
  /** Emits the outcome that caused a transition, after the event of the transition. */
  #emitOutcome: (() => void) | undefined;

  /** @throws {OptionsError} with every invalid option. */
  constructor(config: CircuitBreakerConfig, logger: Logger) {
    super();
    const reader = readOptions('Circuit breaker', 'unnamed', config);
    if (!hasLevels(logger, LEVELS)) reader.report('logger', 'type', withFunctions(LEVELS));
    this.engine = createEngine(reader, OPTION_NAMES, {}, ['name', ...Object.keys(OPTION_NAMES)]);
    this.#config = { ...config };
    this.#logger = logger;
    this.#listen();
  }

  /**
   * Runs `fn` if the circuit admits it, and settles with the same value or error. An `fn` with a parameter receives the context
   * of the call, with the `signal` that aborts when the call times out: `({ signal }) => …`.
   *
   * Rejects with {@link CircuitBreakerOpenError} if the circuit does not admit the call, and with
   * {@link CircuitBreakerTimeoutError} if the call takes longer than `timeout`.
   *
   * @param options for example `signal`, which aborts the call.
   */
  async execute<R = T>(
    fn: ((context: CallContext) => Promise<R>) | (() => Promise<R>),
    options?: ExecuteOptions,
  ): Promise<R> {
    const { running, rejection } = this.#start(fn, options);
    const result = await running;
    switch (result.status) {
      case 'success':
        return result.value;
      case 'failure':
        throw this.#translated(result.error);
      case 'rejected': {
        const own = result.rejection;
        // The work itself may have been rejected by another breaker or policy.
        if (!(own instanceof CircuitOpenError) || own.breaker !== this.#config.name) throw own;
        throw rejection ?? this.#rejectionOf(own);
      }
    }
  }

  /** Returns the current counts. */
  getStats(): CircuitBreakerStats {
    const stats = this.engine.getStats();
    return {
      totalCalls: stats.totalRequests,
      totalFailures: stats.totalFailures,
      totalSuccesses: stats.totalSuccesses,
      totalTimeouts: stats.totalTimeouts,
      averageResponseTime: stats.averageResponseTime ?? 0,
      state: stats.state,
      ...(stats.lastError !== null && { lastError: this.#causeOf(stats.lastError).message }),
    };
  }

  /** Closes the circuit, and resets the counts except the totals. */
  reset(): void {
    this.engine.reset();
  }

  /**
   * Starts a call. `rejection` is the error that `callRejected` has emitted; undefined if a listener started the call.
   */
  #start<R>(fn: (context: CallContext) => Promise<R>, options: ExecuteOptions | undefined) {
    const outer = this.#rejection;
    this.#rejection = undefined;
    const running = this.engine.tryExecute(withContext(fn), options);
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
      this.#emitAfterTransition((state) => this.emit('success', { responseTime: milliseconds(duration), state }));
    });
    engine.on('failure', ({ error, duration }) => {
      this.#emitAfterTransition((state) =>
        this.emit('failure', {
          error: this.#translated(error) as Error,
          responseTime: milliseconds(duration),
          state,
        }),
      );
    });
    engine.on('reject', (event) => {
      const error = this.#rejectionOf(event);
      this.#rejection ??= error;
      this.emit('callRejected', { error, state: error.state });
    });
    engine.on('stateChange', (change) => this.#onStateChange(change));
    engine.on('reset', () => this.emit('reset'));
  }

  /** Emits an outcome: after the transition that it caused, if it caused one. */
  #emitAfterTransition(emit: (state: CircuitState) => unknown): void {
    const { state } = this.engine;
    if (state === this.#emittedState) emit(state);
    else this.#emitOutcome = () => emit(state);
  }

  #onStateChange({ to, observed, shadow }: StateChangeEvent): void {
    if (shadow) return;
    const emitOutcome = this.#emitOutcome;
    this.#emittedState = to;
    this.#emitOutcome = undefined;
    try {
      if (to === CircuitState.OPEN) this.emit('circuitOpened', { failureCount: this.#failureCount() });
      if (to === CircuitState.CLOSED) this.emit('circuitClosed', { successCount: observed ?? 0 });
    } finally {
      emitOutcome?.();
    }
  }

  /** Returns the consecutive failures up to the first opening, plus one for each failed recovery since. */
  #failureCount(): number {
    const { consecutiveFailures, openAttempts } = this.engine.explain();
    return consecutiveFailures + openAttempts;
  }

  #rejectionOf(rejected: Pick<RejectEvent, 'reason' | 'retryAfter'>): CircuitBreakerOpenError {
    const { lastError } = this.engine.getStats();
    const cause = lastError === null ? undefined : this.#causeOf(lastError);
    return new CircuitBreakerOpenError(this.#config.name, rejected, cause);
  }

  /** Returns the error that a summary is about, as far as the summary goes. */
  #causeOf({ name, code, message }: ErrorSummary): Error {
    const { name: breaker, timeout } = this.#config;
    const isOwnTimeout = code === 'ERR_CALL_TIMEOUT' && message.startsWith(`Circuit breaker ${breaker} timeout`);
    if (isOwnTimeout) return new CircuitBreakerTimeoutError(breaker, timeout);
    return Object.assign(new Error(message), { name }, code !== null && { code });
  }

  /** Returns the error itself, or for a timeout of this breaker the error of the document: the same one each time. */
  #translated(error: unknown): unknown {
    if (!(error instanceof CallTimeoutError) || error.breaker !== this.#config.name) return error;
    const { name, timeout } = this.#config;
    const translated = this.#timeouts.get(error) ?? new CircuitBreakerTimeoutError(name, timeout);
    this.#timeouts.set(error, translated);
    return translated;
  }
}

/** Returns whole milliseconds, as in the document. */
function milliseconds(duration: number | null): number {
  return Math.round(duration ?? 0);
}
