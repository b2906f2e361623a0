import type { PolicyCallOptions } from '../../run/call-options.ts';
import type { ClassificationOptions } from '../../classification/outcome.ts';
import type { ObservableOptions } from '../../run/observables.ts';
import type { ClockOptions } from '../../time/clock.ts';
import type { CopyOption } from './value-copier.ts';

/** Options of `cache`. Times are milliseconds, from 0 to 31 536 000 000. */
export interface CacheOptions extends ClassificationOptions, ObservableOptions, ClockOptions {
  /** Name of the policy in errors and stats. Default `'cache'`. */
  readonly name?: string | undefined;
  /**
   * Age up to which a stored value replaces the call. Default 0: every call is made, and stored values only answer calls that
   * fail.
   */
  readonly freshFor?: number | undefined;
  /** Time after `freshFor` in which a stored value still answers a call that fails. Default 3 600 000. */
  readonly staleFor?: number | undefined;
  /**
   * Returns the key of a call, or undefined for a call that bypasses the cache. Default: the option `key` of the call, which is
   * then required.
   */
  readonly key?: ((call: PolicyCallOptions) => string | undefined) | undefined;
  /** Most stored values: 1 to 1 000 000. The least recently used one is evicted first. Default 1 000. */
  readonly maxEntries?: number | undefined;
  /**
   * Copies a value, when it is stored and for each caller that receives it: `structuredClone`, or a function of your own.
   * `'response'`: a `Response` is stored with its whole body, and each caller gets one of its own. Default: no copies. All callers
   * then share the value, and a call whose value is a `Response` or a stream rejects with a `TypeError`.
   */
  readonly copy?: CopyOption | undefined;
  /** Whether concurrent calls with one key become one call, whose value or error they share. Default: true with `freshFor`. */
  readonly coalesce?: boolean | undefined;
}

/** Stats of a cache. */
export interface CacheStats {
  readonly name: string;
  /** Number of stored values. */
  readonly size: number;
  /** All calls: hits, joined calls and misses. */
  readonly totalCalls: number;
  /** Calls that a stored value replaced. */
  readonly totalHits: number;
  /** Calls that joined a concurrent call with the same key. */
  readonly totalJoined: number;
  /** Calls that were made. */
  readonly totalMisses: number;
  /** Calls that failed and were answered with a stored value. */
  readonly totalStale: number;
  /** Calls of `key`, `copy` and `classify` that threw or returned a wrong value. */
  readonly predicateErrors: number;
}
