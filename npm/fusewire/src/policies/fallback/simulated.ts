import { readPolicyOptions } from '../../options/options-reader.ts';
import type { FallbackContext } from './context.ts';
import { finishStrategy, withArguments } from './strategy.ts';
import type { FallbackStrategy, StrategyOptions } from './strategy.ts';

/**
 * Answers as the dependency might have: `respond` makes up a response of the same shape from what the call was given
 * (`context.args`, `context.key`). Callers see by the source of the answer that it is made up.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function simulated<T>(
  respond: (context: FallbackContext) => T | PromiseLike<T>,
  options: StrategyOptions = {},
): FallbackStrategy<T> {
  const reader = readPolicyOptions('simulated', withArguments(options, { respond }));
  reader.callable('respond');
  return { ...finishStrategy(reader, 'respond'), execute: (_error, context) => respond(context) };
}
