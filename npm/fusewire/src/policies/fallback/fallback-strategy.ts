import { isPlainObject } from '../../options/plain-data.ts';
import type { OptionsObject } from '../../options/plain-data.ts';
import type { OptionsReader } from '../../options/options-reader.ts';
import type { FallbackContext } from './fallback-context.ts';

/** One way to answer a call that has failed. */
export interface FallbackStrategy<T = unknown> {
  /** Name in the source of its answers, `fallback:<name>`. 1 to 200 characters, unique within a fallback. */
  readonly name: string;
  /** Strategies of a higher priority run first; those of equal priority in their order in the array. Default 0. */
  readonly priority?: number | undefined;
  /** Whether the strategy can answer this error. Synchronous: a promise is a failure. Default: always. */
  readonly canHandle?: ((error: unknown, context: FallbackContext) => boolean) | undefined;
  /** Returns the answer. If it throws or rejects, the next strategy runs. */
  execute(error: unknown, context: FallbackContext): T | PromiseLike<T>;
}

/** Function that answers a call that has failed. Each caller gets the value that its own call of the function returns. */
export type FallbackFunction<T = unknown> = (error: unknown, context: FallbackContext) => T | PromiseLike<T>;

/** Strategy of a fallback, or a function in its place. */
export type FallbackStep<T = unknown> = FallbackStrategy<T> | FallbackFunction<T>;

/** Options of every strategy of this package. */
export interface StrategyOptions {
  /** Name in the source of its answers, `fallback:<name>`. Default: the name of the kind of strategy. */
  readonly name?: string | undefined;
  /** Strategies of a higher priority run first; those of equal priority in their order in the array. Default 0. */
  readonly priority?: number | undefined;
  /** Whether the strategy may answer this error. Default: every error. */
  readonly canHandle?: ((error: unknown, context: FallbackContext) => boolean) | undefined;
}

/** Validated {@link StrategyOptions}. */
export interface StrategySettings {
  readonly name: string;
  readonly priority: number | undefined;
  readonly canHandle: FallbackStrategy['canHandle'];
}

/**
 * Reads the options of every strategy, and finishes the reader.
 *
 * @throws {OptionsError} with all problems that the reader has found.
 */
export function finishStrategy(reader: OptionsReader, ...required: string[]): StrategySettings {
  const priority = reader.number('priority', -Number.MAX_VALUE, Number.MAX_VALUE, 'a finite number');
  const canHandle = reader.callable('canHandle') as StrategySettings['canHandle'];
  return { name: reader.finish(...required), priority, canHandle };
}

/** Returns options with the arguments of a function added, so that one error reports the problems of both. */
export function withArguments(options: unknown, args: OptionsObject): unknown {
  return isPlainObject(options) ? { ...options, ...args } : options;
}
