import { readPolicyOptions } from '../../options/options-reader.ts';
import { copyAnswer, isResponse, StoredResponse } from './answer-copies.ts';
import type { FallbackContext } from './fallback-context.ts';
import { finishStrategy } from './fallback-strategy.ts';
import type { FallbackStrategy, StrategyOptions } from './fallback-strategy.ts';

/**
 * Returns a strategy with a degraded answer: a value, such as an empty list, or a function that returns one.
 * Each caller receives a copy of a value: of its arrays, plain objects, maps, sets and dates, or of a `Response`. Instances
 * of other classes are shared.
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function degraded<T>(
  answer: T | ((context: FallbackContext) => T | PromiseLike<T>),
  options: StrategyOptions = {},
): FallbackStrategy<T> {
  const settings = finishStrategy(readPolicyOptions('degraded', options));
  if (isResponse(answer)) return { ...settings, execute: responseCopies(answer) as () => Promise<T> };
  if (typeof answer !== 'function') return { ...settings, execute: () => copyAnswer(answer) as T };
  const create = answer as (context: FallbackContext) => T | PromiseLike<T>;
  return { ...settings, execute: (_error, context) => create(context) };
}

/** Returns a function that returns a copy of a response. The body is read at the first call. */
function responseCopies(response: Response): () => Promise<Response> {
  let stored: Promise<StoredResponse> | undefined;
  return async () => {
    stored ??= StoredResponse.read(response);
    if (stored === undefined) throw new TypeError('the body of the degraded response has been read already');
    return (await stored).copy();
  };
}
