import type { CircuitBreaker as Engine, FallbackContext, FallbackStrategy as Strategy } from 'fusewire';

/** Strategy that answers for a failed call. */
export interface FallbackStrategy<T = unknown> {
  /** Name of the strategy: 1 to 200 characters, unique in a breaker. */
  readonly name: string;
  /** Rank of the strategy: 1 comes first, then 2. Equal ranks keep their order. */
  readonly priority: number;
  /** Whether the strategy has an answer. Default: true. */
  canHandle?(error: unknown, context: FallbackContext): boolean;
  /** Returns the answer. If it throws or rejects, the next strategy answers. */
  execute(error: unknown, context: FallbackContext): T | PromiseLike<T>;
}

/**
 * Base class of the strategies of this module, each of which wraps a strategy of fusewire.
 *
 * @typeParam Answer type of the answers, if it differs from that of the call.
 */
export abstract class StandingStrategy<Answer = unknown> {
  /** Type of the answers, for TypeScript. It has no value. */
  declare readonly answerType?: Answer;
  /** Brand of the class. */
  readonly #brand = true;
  readonly name: string;
  /** Rank of the strategy: 1 comes first, then 2. */
  readonly priority: number;

  constructor(name: string, priority: number) {
    this.name = name;
    this.priority = priority;
  }

  /** @internal */
  static is(value: unknown): value is StandingStrategy {
    return typeof value === 'object' && value !== null && #brand in value;
  }

  /** @internal Called with the key and the value of each call that has succeeded. */
  remember(_key: string | undefined, _value: unknown): void {}

  /** @internal Returns the strategy of fusewire, for the engine of the breaker that it is added to. */
  abstract forEngine(engine: Engine): Strategy;
}

/** Strategy of either kind. */
export type AnyStrategy = FallbackStrategy | StandingStrategy;

/** Type of the answers of a strategy. */
export type AnswerOf<Strategy> =
  Strategy extends StandingStrategy<infer Answer>
    ? Answer
    : Strategy extends FallbackStrategy<infer Answer>
      ? Awaited<Answer>
      : never;

/** Returns a strategy of fusewire, in which the highest priority comes first. */
export function strategyOf(strategy: AnyStrategy, engine: Engine): Strategy {
  if (StandingStrategy.is(strategy)) return strategy.forEngine(engine);
  if (typeof strategy !== 'object' || strategy === null) return strategy;
  const { name, priority } = strategy;
  return {
    name,
    priority: typeof priority === 'number' ? -priority : priority,
    when: strategy.canHandle && ((error, context) => strategy.canHandle?.(error, context) ?? true),
    execute:
      typeof strategy.execute === 'function' ? (error, context) => strategy.execute(error, context) : strategy.execute,
  };
}
