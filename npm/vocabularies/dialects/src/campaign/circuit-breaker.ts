import { campaignMetrics } from '@fusewire/operations/shapes';
import { fallback, pipeline } from 'fusewire';
import type { CallContext, CircuitBreaker as Engine, CircuitBreakerOptions, CircuitState } from 'fusewire';
import type { CallResult, Pipeline, ResponseTimes, StateChangeEvent, UpdateOptions } from 'fusewire';
import type { OptionsReader } from 'fusewire/kit';
import { readLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';
import {
  classifyAsDocumented,
  createEngine,
  FURTHER_NAMES,
  readNamed,
  shownWord,
  withContext,
} from '../translation.ts';
import type { OptionNames } from '../translation.ts';
import { CircuitBreakerConfigs } from './configs.ts';
import type { CircuitBreakerConfig } from './configs.ts';
import { StandingStrategy, strategyOf } from './fallback-strategy.ts';
import type { AnswerOf, AnyStrategy } from './fallback-strategy.ts';

/** Options of a breaker beside its configuration. */
export interface CircuitBreakerExtras<Strategy extends AnyStrategy = AnyStrategy> {
  /** Strategies that answer for calls that fail. Default: none, the calls reject. */
  fallbackStrategies?: readonly Strategy[] | undefined;
  /**
   * Classifies outcomes, like the option of fusewire. A strategy answers failures and rejections, and not what is ignored.
   * Default: every error is a failure.
   */
  classify?: CircuitBreakerOptions['classify'];
  /** Logger of state changes: openings to `warn`, others to `info`; false for none. Default `console`. */
  logger?: Logger | false | undefined;
}

/** Description of a call for the fallback strategies. */
export interface CallDescription {
  /** Key of the cached data, and idempotency key of a queued operation. */
  key?: string | undefined;
  /** Arguments of the operation: the payload of a queued operation. */
  args?: readonly unknown[] | undefined;
  /** Signal of the caller, which ends the call. */
  signal?: AbortSignal | undefined;
}

/** Operation. One with a parameter receives the context of its call: `({ signal }) => …`. */
export type Operation<T> = ((context: CallContext) => T | PromiseLike<T>) | (() => T | PromiseLike<T>);

/** Metrics of a breaker. Times are milliseconds. */
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
  /** Percentage of the calls that ran; 100 before the first. */
  successRate: number;
  /** Percentage of the calls that ran; 0 before the first. */
  failureRate: number;
  /** Null before the first call. */
  averageResponseTime: number | null;
  responseTimes: ResponseTimes;
  /** Percentage of the breaker's lifetime in which the circuit was not open. */
  uptime: number;
  stateChanges: number;
  lastError: string | null;
  lastFailureTime: Date | null;
  lastSuccessTime: Date | null;
  nextAttemptTime: Date | null;
  /** Number of answers by their source; `call` is the call itself. Missing without fallbacks. */
  answers?: Readonly<Record<string, number>>;
}

const OPTION_NAMES = {
  failureThreshold: 'failureThreshold',
  successThreshold: 'successThreshold',
  timeout: 'timeout',
  resetTimeout: 'resetTimeout',
  ...FURTHER_NAMES,
} satisfies OptionNames;

/**
 * Circuit breaker with fallback strategies, on the engine of fusewire.
 *
 * @typeParam Strategy types of the strategies, from which results have their types. Default: no strategies.
 */
export class CircuitBreaker<Strategy extends AnyStrategy = never> {
  readonly name: string;
  /** Underlying breaker of fusewire, with `explain()`, `on()`, `toJSON()`, signals for the work, and more. */
  readonly engine: Engine;
  #strategies: readonly AnyStrategy[] = [];
  readonly #classify: NonNullable<CircuitBreakerOptions['classify']>;
  #fallbacks: FallbackPipeline | undefined;

  /** @throws {OptionsError} with every invalid argument. */
  constructor(name: string, config: CircuitBreakerConfig = {}, extras: CircuitBreakerExtras<Strategy> = {}) {
    this.name = name;
    const reader = readNamed(name, config, extras);
    this.#classify = orAsDocumented(reader.callable('classify') as CircuitBreakerOptions['classify']);
    const { logger, strategies } = readExtras(reader);
    const fixed = { ...CircuitBreakerConfigs.DATABASE, classify: this.#classify };
    this.engine = createEngine(reader, OPTION_NAMES, fixed, ['name']);
    if (logger !== false) this.engine.on('stateChange', (change) => logChange(logger, change));
    this.#setStrategies(strategies);
  }

  /**
   * Runs `operation` if the circuit admits it, and settles like it. If it fails or is not admitted, the first fallback
   * strategy that has an answer answers instead.
   *
   * Without such an answer, rejects with a `CircuitOpenError` of fusewire if the circuit does not admit the call. Rejects with
   * a `CallTimeoutError` if the call takes longer than `timeout`.
   */
  execute<T>(operation: Operation<T>, call: CallDescription = {}): Promise<Awaited<T> | AnswerOf<Strategy>> {
    const work = withContext(operation);
    if (this.#fallbacks === undefined) return this.engine.execute(work, signalOf(call));
    return this.#fallbacks.pipeline.execute(this.#remembering(work, call), call) as Promise<Awaited<T>>;
  }

  /**
   * Runs `operation` like {@link execute}, but resolves with a result object. `source` of a success is `'call'`, or
   * `'fallback:'` and the name of the strategy.
   */
  tryExecute<T>(
    operation: Operation<T>,
    call: CallDescription = {},
  ): Promise<CallResult<Awaited<T> | AnswerOf<Strategy>>> {
    const work = withContext(operation);
    if (this.#fallbacks === undefined) return this.engine.tryExecute(work, signalOf(call));
    const remembering = this.#remembering(work, call);
    return this.#fallbacks.pipeline.tryExecute(remembering, call) as Promise<CallResult<Awaited<T>>>;
  }

  /**
   * Adds a fallback strategy. Returns the breaker, whose type then has the answers of the strategy.
   *
   * @throws {OptionsError} if the argument is no strategy, or its name is taken.
   */
  addFallbackStrategy<Added extends AnyStrategy>(strategy: Added): CircuitBreaker<Strategy | Added> {
    this.#setStrategies([...this.#strategies, strategy]);
    return this as unknown as CircuitBreaker<Strategy | Added>;
  }

  /** Changes thresholds and times of the running breaker, under their names in the configuration. Counts and state stay. */
  update(options: UpdateOptions): void {
    this.engine.update(options);
  }

  /** Returns the current state, as callers experience it. */
  getState(): CircuitState {
    return this.engine.state;
  }

  /** Returns the current metrics. */
  getMetrics(): CircuitBreakerMetrics {
    return {
      ...campaignMetrics(this.engine.getStats()),
      ...(this.#fallbacks !== undefined && { answers: this.#fallbacks.fallback.getStats().answers }),
    };
  }

  /** Closes the circuit, resets the counts except the totals, and releases a forced state. */
  reset(): void {
    this.engine.reset();
  }

  /**
   * Keeps the circuit open or closed until {@link releaseState} or {@link reset}: for emergencies.
   *
   * @throws {RangeError} for any other state.
   */
  forceState(state: 'OPEN' | 'CLOSED'): void {
    if (state === 'OPEN') this.engine.forceOpen();
    else if (state === 'CLOSED') this.engine.forceClosed();
    else throw new RangeError(`Circuit breaker ${this.name}: state must be OPEN or CLOSED, got ${shownWord(state)}`);
  }

  /** Releases a forced state: the circuit decides again. */
  releaseState(): void {
    this.engine.releaseOverride();
  }

  /** Returns work that passes its value to the strategies. */
  #remembering<T>(work: Operation<T>, call: CallDescription): Operation<T> {
    if (typeof work !== 'function') return work;
    const strategies = this.#strategies.filter((each) => StandingStrategy.is(each));
    return async (context) => {
      const value = await work(context);
      for (const strategy of strategies) strategy.remember(call.key, value);
      return value;
    };
  }

  #setStrategies(strategies: readonly AnyStrategy[]): void {
    if (strategies.length > 0) this.#fallbacks = fallbackPipeline(this.engine, strategies, this.#classify);
    this.#strategies = strategies;
  }
}

/** Breaker with any strategies. */
export type AnyCircuitBreaker = Omit<CircuitBreaker<AnyStrategy>, 'addFallbackStrategy'>;

/** Whether `value` has the methods of a breaker. */
export function isBreaker(value: unknown): value is AnyCircuitBreaker {
  return typeof (value as Partial<CircuitBreaker> | null | undefined)?.getState === 'function';
}

/** Returns the options of the engine for a call; undefined without a signal, which is the shortest way. */
function signalOf({ signal }: CallDescription): { signal: AbortSignal } | undefined {
  return signal === undefined ? undefined : { signal };
}

/** Returns a classifier that leaves to the documents what the given one leaves undecided. */
function orAsDocumented(classify: CircuitBreakerOptions['classify']): NonNullable<CircuitBreakerOptions['classify']> {
  if (classify === undefined) return classifyAsDocumented;
  return (outcome) => {
    const verdict = classify(outcome);
    return verdict === undefined ? classifyAsDocumented(outcome) : verdict;
  };
}

/** Fallback policy in front of the engine. */
interface FallbackPipeline {
  readonly fallback: ReturnType<typeof fallback>;
  readonly pipeline: Pipeline<unknown>;
}

function fallbackPipeline(
  engine: Engine,
  strategies: readonly AnyStrategy[],
  classify: NonNullable<CircuitBreakerOptions['classify']>,
): FallbackPipeline {
  const answers = fallback({
    name: engine.name,
    strategies: strategies.map((each) => strategyOf(each, engine)),
    classify,
  });
  return { fallback: answers, pipeline: pipeline([answers, engine]) };
}

function readExtras(reader: OptionsReader) {
  const logger = readLogger(reader, ['info', 'warn']) ?? console;
  const strategies = reader.value('fallbackStrategies') ?? [];
  if (!Array.isArray(strategies)) reader.report('fallbackStrategies', 'type', 'an array of strategies');
  return { logger, strategies: strategies as readonly AnyStrategy[] };
}

function logChange(logger: Logger, { breaker, from, to, reason, shadow }: StateChangeEvent): void {
  if (shadow) return;
  const message = `Circuit breaker ${breaker}: ${from} to ${to}`;
  logger[to === 'OPEN' ? 'warn' : 'info'](message, { breaker, from, to, reason });
}
