import type { CircuitBreaker as Engine, FallbackContext, FallbackStrategy as Strategy } from 'fusewire';

/** One answer to a call that has failed. */
export interface FallbackStrategy<T = unknown> {
  /** Names it: 1 to 200 characters, no two alike in a breaker. */
  readonly name: string;
  /** 1 is asked first, then 2, and so on; equal ones in the order given. */
  readonly priority: number;
  /** Whether it has an answer, said at once. Default: it always has. */
  canHandle?(error: unknown, context: FallbackContext): boolean;
  /** The answer. What it throws or rejects with has the next strategy asked. */
  execute(error: unknown, context: FallbackContext): T | PromiseLike<T>;
}

/** A strategy of this module: it stands for one of fusewire. */
export abstract class StandingStrategy {
  /** Nothing else looks like one. */
  readonly #standing = true;
  readonly name: string;
  /** 1 is asked first, then 2. */
  readonly priority: number;

  constructor(name: string, priority: number) {
    this.name = name;
    this.priority = priority;
  }

  /** @internal */
  static is(given: unknown): given is StandingStrategy {
    return typeof given === 'object' && given !== null && #standing in given;
  }

  /** @internal What it stands for, at the breaker that it is added to. */
  abstract at(engine: Engine): Strategy;
}

/** The strategy in the words of fusewire, where the highest priority is asked first. */
export function strategyOf(given: FallbackStrategy | StandingStrategy, engine: Engine): Strategy {
  if (StandingStrategy.is(given)) return given.at(engine);
  if (typeof given !== 'object' || given === null) return given;
  const { name, priority } = given;
  return {
    name,
    priority: typeof priority === 'number' ? -priority : priority,
    canHandle: given.canHandle && ((error, context) => given.canHandle?.(error, context) ?? true),
    execute: typeof given.execute === 'function' ? (error, context) => given.execute(error, context) : given.execute,
  };
}
