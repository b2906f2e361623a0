import type { LayerContext } from './layer-context.ts';
import { OptionsCopy } from './options-copy.ts';

/**
 * Source of an answer: the call itself, or a cache that answered instead of it. After a call that failed it is a stored value
 * of a cache, or the fallback of that name.
 */
export type AnswerSource = 'call' | 'cache' | 'stale' | `fallback:${string}`;

/** Options of a call by `tryExecute`. The layers record the source of the answer in it. */
export class SourcedCall extends OptionsCopy {
  source: AnswerSource = 'call';
}

/** Records the source of an answer, if the call was made by `tryExecute`. */
export function recordSource(context: LayerContext, source: AnswerSource): void {
  if (context.options instanceof SourcedCall) context.options.source = source;
}
