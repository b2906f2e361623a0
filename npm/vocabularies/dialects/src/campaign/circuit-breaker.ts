import { fallback, pipeline } from 'fusewire';
import type { CircuitBreaker as Engine, CircuitBreakerOptions, CircuitState, ResponseTimes } from 'fusewire';
import type { OptionsReader, Pipeline, StateChangeEvent } from 'fusewire';
import { readLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';
import { asWritten, makeEngine, messageOf, readNamed } from '../translation.ts';
import type { Words } from '../translation.ts';
import { CircuitBreakerConfigs } from './configs.ts';
import { strategyOf } from './fallback-strategy.ts';
import type { FallbackStrategy, StandingStrategy } from './fallback-strategy.ts';

/** How a breaker behaves. Times are milliseconds. */
export interface CircuitBreakerConfig {
  /** Failures within 60 000 ms that open the circuit: 1 to 1 000 000. Default 5. */
  failureThreshold?: number | undefined;
  /** Successes that close it again: 1 to 1 000 000. Default 3. */
  successThreshold?: number | undefined;
  /** How long a call may take: 1 to 2 147 483 647, or 0 for as long as it likes. Default 10 000. */
  timeout?: number | undefined;
  /** How long the circuit stays open: 1 to 31 536 000 000. Default 30 000. */
  resetTimeout?: number | undefined;
  /** Calls at a time while the circuit is half-open: 1 to 10 000. Default 3. */
  maxConcurrentRequests?: number | undefined;
}

/** What a breaker is given beside its configuration. */
export interface CircuitBreakerExtras {
  /** What answers in place of calls that fail. Default: nothing, they reject. */
  fallbackStrategies?: readonly (FallbackStrategy | StandingStrategy)[] | undefined;
  /** Judges errors, as fusewire does. Default: every error is a failure. */
  classify?: CircuitBreakerOptions['classify'];
  /** Where state changes are written, openings to `warn`; false for nowhere. Default `console`. */
  logger?: Logger | false | undefined;
}

/** What fallbacks know of a call. */
export interface CallDescription {
  /** What it is about: the key of cached data, and what tells a queued operation from another. */
  key?: string | undefined;
  /** What the operation is called with: what is queued. */
  args?: readonly unknown[] | undefined;
}

/** What a breaker has seen. Times are milliseconds. */
export interface CircuitBreakerMetrics {
  name: string;
  state: CircuitState;
  failureCount: number;
  successCount: number;
  totalRequests: number;
  totalSuccesses: number;
  totalFailures: number;
  totalTimeouts: number;
  totalRejected: number;
  /** Percent of the calls that ran; 100 before the first. */
  successRate: number;
  /** Percent of the calls that ran; 0 before the first. */
  failureRate: number;
  /** Null before the first call. */
  averageResponseTime: number | null;
  responseTimes: ResponseTimes;
  /** Percentage of the breaker's life in which its circuit was not open. */
  uptime: number;
  stateChanges: number;
  lastError: string | null;
  lastFailureTime: Date | null;
  lastSuccessTime: Date | null;
  nextAttemptTime: Date | null;
  /** How many answers came from where; `call` is the call itself. Missing where there are no fallbacks. */
  answers?: Readonly<Record<string, number>>;
}

const WORDS = {
  failureThreshold: 'failureThreshold',
  successThreshold: 'successThreshold',
  timeout: 'timeout',
  resetTimeout: 'resetTimeout',
  maxConcurrentRequests: 'maxConcurrentRequests',
} as const satisfies Words;

/** A circuit breaker with fallbacks, decided by the engine of fusewire. */
export class CircuitBreaker {
  readonly name: string;
  /** The breaker of fusewire below: `explain()`, `on()`, `toJSON()`, signals for the work, and the rest. */
  readonly engine: Engine;
  #strategies: readonly (FallbackStrategy | StandingStrategy)[] = [];
  #layers: Layers | undefined;

  /** @throws {BreakerOptionsError} with everything that is wrong with what is given; no breaker is made. */
  constructor(name: string, config: CircuitBreakerConfig = {}, extras: CircuitBreakerExtras = {}) {
    this.name = name;
    const reader = readNamed(name, config, extras);
    const classify = reader.callable('classify') as CircuitBreakerOptions['classify'];
    const { logger, strategies } = readExtras(reader);
    this.engine = makeEngine(reader, WORDS, { ...CircuitBreakerConfigs.DATABASE, classify }, ['name']);
    if (logger !== false) this.engine.on('stateChange', (change) => logChange(logger, change));
    this.#use(strategies);
  }

  /**
   * Runs `operation` if the circuit admits it, and settles as it does; where it fails or is not admitted, with the answer of
   * the first fallback that has one.
   *
   * Rejects with a `CircuitOpenError` of fusewire if the call is not admitted, and with a `CallTimeoutError` if it takes
   * longer than `timeout`, where no fallback answers.
   */
  execute<T>(operation: () => T | PromiseLike<T>, call: CallDescription = {}): Promise<Awaited<T>> {
    const work = asWritten(operation);
    if (this.#layers === undefined) return this.engine.execute(work);
    return this.#layers.all.execute(work, call) as Promise<Awaited<T>>;
  }

  /** Like {@link execute}, but tells where the answer comes from: `'call'`, or `'fallback:'` and the name of the strategy. */
  async executeWithSource<T>(
    operation: () => T | PromiseLike<T>,
    call: CallDescription = {},
  ): Promise<{ value: Awaited<T>; source: string }> {
    const work = asWritten(operation);
    if (this.#layers === undefined) return { value: await this.engine.execute(work), source: 'call' };
    return this.#layers.all.executeWithSource(work, call) as Promise<{ value: Awaited<T>; source: string }>;
  }

  /**
   * Adds a fallback to those there are.
   *
   * @throws {BreakerOptionsError} if it is none, or there is one of its name.
   */
  addFallbackStrategy(strategy: FallbackStrategy | StandingStrategy): void {
    this.#use([...this.#strategies, strategy]);
  }

  /** The state that callers experience, as of now. */
  getState(): CircuitState {
    return this.engine.state;
  }

  /** Everything that is counted, as of now. */
  getMetrics(): CircuitBreakerMetrics {
    const stats = this.engine.getStats();
    const { totalSuccesses, totalFailures, lastError } = stats;
    const ran = totalSuccesses + totalFailures;
    return {
      name: stats.name,
      state: stats.state,
      failureCount: stats.failureCount,
      successCount: stats.successCount,
      totalRequests: stats.totalRequests,
      totalSuccesses,
      totalFailures,
      totalTimeouts: stats.totalTimeouts,
      totalRejected: stats.totalRejected,
      successRate: ran > 0 ? (totalSuccesses / ran) * 100 : 100,
      failureRate: ran > 0 ? (totalFailures / ran) * 100 : 0,
      averageResponseTime: stats.averageResponseTime,
      responseTimes: stats.responseTimes,
      uptime: stats.uptime,
      stateChanges: stats.stateChanges,
      lastError: lastError === null ? null : messageOf(lastError),
      lastFailureTime: stats.lastFailureTime,
      lastSuccessTime: stats.lastSuccessTime,
      nextAttemptTime: stats.nextAttemptTime,
      ...(this.#layers !== undefined && { answers: this.#layers.fallback.getStats().answers }),
    };
  }

  /** Closes the circuit, counts from 0 again, and releases a forced state. The totals stay. */
  reset(): void {
    this.engine.reset();
  }

  /**
   * For emergencies: keeps the circuit open or closed until {@link releaseState} or {@link reset}.
   *
   * @throws {RangeError} if it is another state.
   */
  forceState(state: 'OPEN' | 'CLOSED'): void {
    if (state === 'OPEN') this.engine.forceOpen();
    else if (state === 'CLOSED') this.engine.forceClosed();
    else
      throw new RangeError(`Circuit breaker ${this.name}: state must be OPEN or CLOSED, got ${JSON.stringify(state)}`);
  }

  /** Lets the circuit decide again. */
  releaseState(): void {
    this.engine.releaseOverride();
  }

  #use(strategies: readonly (FallbackStrategy | StandingStrategy)[]): void {
    if (strategies.length > 0) this.#layers = layersOf(this.engine, strategies);
    this.#strategies = strategies;
  }
}

/** Whether it can be asked as a breaker can. */
export function isBreaker(given: unknown): given is CircuitBreaker {
  return typeof (given as Partial<CircuitBreaker> | null | undefined)?.getState === 'function';
}

interface Layers {
  readonly fallback: ReturnType<typeof fallback>;
  readonly all: Pipeline<unknown>;
}

function layersOf(engine: Engine, strategies: readonly (FallbackStrategy | StandingStrategy)[]): Layers {
  const answers = fallback({ name: engine.name, strategies: strategies.map((each) => strategyOf(each, engine)) });
  return { fallback: answers, all: pipeline([answers, engine]) };
}

function readExtras(reader: OptionsReader) {
  const logger = readLogger(reader, ['info', 'warn']) ?? console;
  const strategies = reader.value('fallbackStrategies') ?? [];
  if (!Array.isArray(strategies)) reader.report('fallbackStrategies', 'type', 'an array of strategies');
  return { logger, strategies: strategies as readonly FallbackStrategy[] };
}

function logChange(logger: Logger, { breaker, from, to, reason, shadow }: StateChangeEvent): void {
  if (shadow) return;
  const message = `Circuit breaker ${breaker}: ${from} to ${to}`;
  logger[to === 'OPEN' ? 'warn' : 'info'](message, { breaker, from, to, reason });
}
