import type { CallContext } from './call-context.ts';

/** What one call may be given. */
export interface CallOptions {
  /** The caller's own signal. When it aborts, the call rejects with its reason and counts neither way. */
  readonly signal?: AbortSignal | undefined;
}

/** What one call of a policy or a pipeline may be given. */
export interface PolicyCallOptions extends CallOptions {
  /**
   * Who goes first where calls wait for a place: 0 to 4, the highest first. Default 2. It matters to a bulkhead and an
   * adaptive limit; the others pass it over.
   */
  readonly priority?: 0 | 1 | 2 | 3 | 4 | undefined;
  /** What the call is about, such as a customer: for fallbacks to know, and the key of a cache unless it makes its own. */
  readonly key?: string | undefined;
  /** What the work is called with, for fallbacks to know. */
  readonly args?: readonly unknown[] | undefined;
}

/** Work as the caller gives it. */
export type UserWork = (context: CallContext) => unknown;
