import type { LayerContext } from './layer-context.ts';

/** Work as a layer hands it on: it may be called again, and it never throws. */
export type LayerWork = (context: LayerContext) => Promise<unknown>;

/** What a policy does. */
export type PolicyKind =
  'breaker' | 'bulkhead' | 'fallback' | 'hedge' | 'limit' | 'rate' | 'retry' | 'throttle' | 'timeout';

/** One layer around a call. */
export interface Layer {
  readonly kind: PolicyKind;
  readonly name: string;
  /** Runs the work under a context, and settles as the layer decides. Never throws. */
  run(work: LayerWork, context: LayerContext): Promise<unknown>;
}
