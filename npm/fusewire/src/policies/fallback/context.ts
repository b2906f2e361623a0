import type { LayerContext } from '../../run/layer-context.ts';

/**
 * Why a call needs a fallback: its circuit is open, it took too long, a bulkhead was full, a rate limit was reached, a
 * throttle held it back, all its retries failed, or it failed in any other way.
 */
export type FallbackReason = 'open' | 'timeout' | 'full' | 'limited' | 'throttled' | 'exhausted' | 'failure';

const REASONS: ReadonlyMap<unknown, FallbackReason> = new Map([
  ['ECIRCUITOPEN', 'open'],
  ['ECALLTIMEOUT', 'timeout'],
  ['EBULKHEADFULL', 'full'],
  ['ERATELIMITED', 'limited'],
  ['ETHROTTLED', 'throttled'],
  ['ERETRIESEXHAUSTED', 'exhausted'],
]);

/** What kind of failure an error tells of. */
export function reasonOf(error: unknown): FallbackReason {
  if (typeof error !== 'object' || error === null) return 'failure';
  return REASONS.get((error as { code?: unknown }).code) ?? 'failure';
}

/** What a fallback is told of the call that failed. */
export class FallbackContext {
  /** The name of the fallback policy. */
  readonly policy: string;
  /** What the call rejected with. */
  readonly error: unknown;
  /** @internal */
  readonly call: LayerContext;

  /** @internal */
  constructor(policy: string, error: unknown, call: LayerContext) {
    this.policy = policy;
    this.error = error;
    this.call = call;
  }

  /** Why the call needs a fallback. */
  get reason(): FallbackReason {
    return reasonOf(this.error);
  }

  /** The option `key` of the call. */
  get key(): string | undefined {
    return this.call.options?.key;
  }

  /** The option `args` of the call; empty where it was given none. */
  get args(): readonly unknown[] {
    return this.call.options?.args ?? [];
  }

  /** Aborts when nobody waits for the answer any more. It is made when it is first read. */
  get signal(): AbortSignal {
    return this.call.signal;
  }
}
