import type { LayerContext } from '../../run/layer-context.ts';

/**
 * Reason why a call needs a fallback: the circuit is open, the call timed out, a bulkhead was full, a rate limit was
 * reached, a load shedder rejected the call, all retries failed, or the call failed in any other way.
 */
export type FallbackReason = 'open' | 'timeout' | 'full' | 'limited' | 'shed' | 'exhausted' | 'failure';

const REASONS: ReadonlyMap<unknown, FallbackReason> = new Map([
  ['ERR_CIRCUIT_OPEN', 'open'],
  ['ERR_CALL_TIMEOUT', 'timeout'],
  ['ERR_BULKHEAD_FULL', 'full'],
  ['ERR_RATE_LIMITED', 'limited'],
  ['ERR_SHED', 'shed'],
  ['ERR_RETRIES_EXHAUSTED', 'exhausted'],
]);

/** Returns the reason for a fallback by the code of an error. */
export function reasonOf(error: unknown): FallbackReason {
  if (typeof error !== 'object' || error === null) return 'failure';
  return REASONS.get((error as { code?: unknown }).code) ?? 'failure';
}

/** Context of a fallback strategy: the call that failed, and its error. */
export class FallbackContext {
  /** Name of the fallback policy. */
  readonly policy: string;
  /** Error that the call rejected with. */
  readonly error: unknown;
  /** @internal */
  readonly call: LayerContext;

  /** @internal */
  constructor(policy: string, error: unknown, call: LayerContext) {
    this.policy = policy;
    this.error = error;
    this.call = call;
  }

  /** Reason why the call needs a fallback. */
  get reason(): FallbackReason {
    return reasonOf(this.error);
  }

  /** Option `key` of the call. */
  get key(): string | undefined {
    return this.call.options?.key;
  }

  /** Option `args` of the call, or an empty array. */
  get args(): readonly unknown[] {
    return this.call.options?.args ?? [];
  }

  /** Signal that aborts when nothing awaits the answer any more. Created when it is first read. */
  get signal(): AbortSignal {
    return this.call.signal;
  }
}
