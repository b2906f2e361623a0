import type { CallContext } from './call-context.ts';

/** Options of one call. */
export interface CallOptions {
  /**
   * Signal of the caller. When it aborts, the call rejects with its reason. A breaker judges the reason: one named
   * `TimeoutError`, as `AbortSignal.timeout` gives, or `CallTimeoutError` is a failure and a timeout, unless the call had run
   * for less than 10 ms. For any other reason the call counts neither way, but as slow if it had run for `slowCallDuration`.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Options of one call of a policy or a pipeline. */
export interface PolicyCallOptions extends CallOptions {
  /**
   * Priority among the calls that wait for a slot of a bulkhead or an adaptive bulkhead: 0 to 4, the highest first. Default 2.
   * After 16 calls of higher priority one of a lower priority starts. A full queue admits a call in place of the newest one
   * of the lowest priority. Other policies ignore it.
   */
  readonly priority?: 0 | 1 | 2 | 3 | 4 | undefined;
  /** Subject of the call, such as a customer id. Fallbacks receive it, and a cache stores the value under it. */
  readonly key?: string | undefined;
  /** Arguments of the work. Fallbacks receive them. */
  readonly args?: readonly unknown[] | undefined;
  /**
   * Whether the work may run again although it may have happened: after a timeout or a broken connection, or as a copy. A retry
   * and a hedge go by it before their own option and that of their pipeline.
   */
  readonly idempotent?: boolean | undefined;
}

/** Options of one call that must have a key, because a cache goes by it. */
export interface KeyedCallOptions extends PolicyCallOptions {
  readonly key: string;
}

/** Arguments of a call after its work. */
export type CallArguments<Keyed extends boolean> = [Keyed] extends [true]
  ? [options: KeyedCallOptions]
  : [options?: PolicyCallOptions];

/** Options of a wrapped function. */
export interface WrapOptions<Arguments extends readonly unknown[]> {
  /** Returns the option `key` of a call from the arguments of the function. Default: none. */
  readonly key?: ((...args: Arguments) => string) | undefined;
  /** Option `idempotent` of every call. Default: that of the policies. */
  readonly idempotent?: boolean | undefined;
}

/** Arguments of `wrap` after the function. */
export type WrapArguments<Keyed extends boolean, Arguments extends readonly unknown[]> = [Keyed] extends [true]
  ? [options: WrapOptions<Arguments> & { readonly key: (...args: Arguments) => string }]
  : [options?: WrapOptions<Arguments>];

/** Work as the caller passes it. */
export type UserWork = (context: CallContext) => unknown;
