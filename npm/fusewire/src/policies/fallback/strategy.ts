import type { OptionsObject } from '../../breaker/settings.ts';
import type { OptionsReader } from '../../options/options-reader.ts';
import type { FallbackContext } from './context.ts';

/** One answer to a call that has failed. */
export interface FallbackStrategy<T = unknown> {
  /** Names it where an answer comes from: `fallback:<name>`. 1 to 200 characters, no two alike in a chain. */
  readonly name: string;
  /** The higher, the earlier it is asked; equal ones in the order given. Default 0. */
  readonly priority?: number | undefined;
  /** Whether it has an answer, said at once: a promise is no answer. Default: it always has. */
  readonly canHandle?: ((error: unknown, context: FallbackContext) => boolean) | undefined;
  /** The answer. What it throws or rejects with has the next strategy asked. */
  execute(error: unknown, context: FallbackContext): T | PromiseLike<T>;
}

/** What every strategy of this package can be given. */
export interface StrategyOptions {
  /** Names it where an answer comes from: `fallback:<name>`. Default: what it is called here. */
  readonly name?: string | undefined;
  /** The higher, the earlier it is asked; equal ones in the order given. Default 0. */
  readonly priority?: number | undefined;
  /** Whether it is to be asked about this error. Default: about every one. */
  readonly canHandle?: ((error: unknown, context: FallbackContext) => boolean) | undefined;
}

/** {@link StrategyOptions}, read. */
export interface StrategySettings {
  readonly name: string;
  readonly priority: number | undefined;
  readonly canHandle: FallbackStrategy['canHandle'];
}

/** Reads what every strategy can be given, and throws everything that is wrong. */
export function finishStrategy(reader: OptionsReader, ...required: string[]): StrategySettings {
  const priority = reader.number('priority', -Number.MAX_VALUE, Number.MAX_VALUE, 'a finite number');
  const canHandle = reader.callable('canHandle') as StrategySettings['canHandle'];
  return { name: reader.finish(...required), priority, canHandle };
}

/** Options and arguments as one, so that what is wrong with either is told at once. */
export function withArguments(options: unknown, given: OptionsObject): unknown {
  const isObject = Object.prototype.toString.call(options) === '[object Object]';
  return isObject ? { ...(options as OptionsObject), ...given } : options;
}
