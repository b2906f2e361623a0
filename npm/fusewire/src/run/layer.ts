import type { LayerContext } from './layer-context.ts';

/** Work as a layer receives it. A layer may call it several times, and it never throws. */
export type LayerWork = (context: LayerContext) => Promise<unknown>;

/** Kind of a policy. */
export type PolicyKind =
  | 'breaker'
  | 'bulkhead'
  | 'cache'
  | 'fallback'
  | 'hedge'
  | 'adaptiveBulkhead'
  | 'rateLimit'
  | 'retry'
  | 'shedLoad'
  | 'timeout';

/** Layer around a call: a policy or a breaker. */
export interface Layer {
  readonly kind: PolicyKind;
  readonly name: string;
  /**
   * Runs the work in a context. The layer decides how the promise settles. Never throws.
   *
   * @param idempotent option of the pipeline around it.
   */
  run(work: LayerWork, context: LayerContext, idempotent?: boolean): Promise<unknown>;
}
