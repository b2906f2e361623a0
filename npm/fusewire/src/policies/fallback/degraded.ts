import { readPolicyOptions } from '../../options/options-reader.ts';
import type { FallbackContext } from './fallback-context.ts';
import { finishStrategy } from './fallback-strategy.ts';
import type { FallbackStrategy, StrategyOptions } from './fallback-strategy.ts';

/**
 * Returns a strategy with a degraded answer: a value, such as an empty list, or a function that returns one.
 *
 * @throws {BreakerOptionsError} with all problems of the options.
 */
export function degraded<T>(
  answer: T | ((context: FallbackContext) => T | PromiseLike<T>),
  options: StrategyOptions = {},
): FallbackStrategy<T> {
  const settings = finishStrategy(readPolicyOptions('degraded', options));
  if (typeof answer !== 'function') return { ...settings, execute: () => answer };
  const create = answer as (context: FallbackContext) => T | PromiseLike<T>;
  return { ...settings, execute: (_error, context) => create(context) };
}
