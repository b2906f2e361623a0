import { readPolicyOptions } from '../../options/options-reader.ts';
import type { FallbackContext } from './context.ts';
import { finishStrategy } from './strategy.ts';
import type { FallbackStrategy, StrategyOptions } from './strategy.ts';

/**
 * Answers with less than the call would have: a value, such as an empty list, or what a function makes of the context.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function degraded<T>(
  answer: T | ((context: FallbackContext) => T | PromiseLike<T>),
  options: StrategyOptions = {},
): FallbackStrategy<T> {
  const settings = finishStrategy(readPolicyOptions('degraded', options));
  const make = typeof answer === 'function' ? (answer as (context: FallbackContext) => T | PromiseLike<T>) : undefined;
  return { ...settings, execute: (_error, context) => (make === undefined ? (answer as T) : make(context)) };
}
