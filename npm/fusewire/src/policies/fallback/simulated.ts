import { readPolicyOptions } from '../../options/options-reader.ts';
import type { FallbackContext } from './fallback-context.ts';
import { finishStrategy, withArguments } from './fallback-strategy.ts';
import type { FallbackStrategy, StrategyOptions } from './fallback-strategy.ts';

/**
 * Returns a strategy with a simulated answer. `respond` creates a response of the same shape as that of the dependency,
 * from `context.args` and `context.key`. The source of the answer shows callers that it is simulated.
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function simulated<T>(
  respond: (context: FallbackContext) => T | PromiseLike<T>,
  options: StrategyOptions = {},
): FallbackStrategy<T> {
  const reader = readPolicyOptions('simulated', withArguments(options, { respond }));
  reader.callable('respond');
  return { ...finishStrategy(reader, 'respond'), execute: (_error, context) => respond(context) };
}
