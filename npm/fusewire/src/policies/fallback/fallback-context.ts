import type { Outcome } from '../../classification/outcome.ts';
import type { LayerContext } from '../../run/layer-context.ts';

/**
 * Reason why a call needs a fallback. The circuit is open, a bulkhead was full, a rate limit was reached, or a load shedder
 * rejected the call. Or the call timed out, all retries failed, or it failed in any other way.
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

/** Context of a fallback strategy: the call that failed, and its outcome. */
export class FallbackContext {
  /** Name of the fallback policy. */
  readonly policy: string;
  /** Error that the call rejected with, or value that counts as a failure. */
  readonly outcome: Outcome;
  /** @internal */
  readonly call: LayerContext;

  /** @internal */
  constructor(policy: string, outcome: Outcome, call: LayerContext) {
    this.policy = policy;
    this.outcome = outcome;
    this.call = call;
  }

  /** Error that the call rejected with, or else the value that counts as a failure. `outcome` has which of the two. */
  get error(): unknown {
    return 'error' in this.outcome ? this.outcome.error : this.outcome.value;
  }

  /** Reason why the call needs a fallback. */
  get reason(): FallbackReason {
    return 'error' in this.outcome ? reasonOf(this.outcome.error) : 'failure';
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
