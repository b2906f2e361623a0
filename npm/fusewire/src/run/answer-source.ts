import type { LayerContext } from './layer-context.ts';
import type { PolicyCallOptions } from './call-options.ts';

/**
 * Where an answer comes from: the call itself, a cache that answered in its place, or the fallback of that name after the
 * call had failed.
 */
export type AnswerSource = 'call' | 'cache' | `fallback:${string}`;

/** An answer, and where it comes from. */
export interface SourcedAnswer<T> {
  readonly value: T;
  readonly source: AnswerSource;
}

/** The options of a call whose caller asks where the answer comes from. */
export class SourcedCall implements PolicyCallOptions {
  readonly signal: AbortSignal | undefined;
  readonly priority: PolicyCallOptions['priority'];
  readonly key: string | undefined;
  readonly args: readonly unknown[] | undefined;
  source: AnswerSource = 'call';

  constructor(options: PolicyCallOptions | undefined) {
    this.signal = options?.signal;
    this.priority = options?.priority;
    this.key = options?.key;
    this.args = options?.args;
  }
}

/** Notes where the answer of a call comes from, if its caller asks. */
export function recordSource(context: LayerContext, source: AnswerSource): void {
  if (context.options instanceof SourcedCall) context.options.source = source;
}
