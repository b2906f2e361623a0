import type { Attempt, Outcome } from './attempt.ts';
import { expiry, MemoryCache } from './cache.ts';
import type { CacheTransport } from './cache.ts';
import type { Settings } from './options.ts';

/** Events that report a lookup. */
export type LookupEvent = 'cacheHit' | 'cacheMiss' | 'coalesceCacheHit' | 'coalesceCacheMiss';

/** Cache of results, and of the running attempts that calls with the same arguments share. */
export class Results {
  /** Whether the options ask for either cache. */
  readonly isNeeded: boolean;

  readonly #options: Settings;
  readonly #cached: CacheTransport | undefined;
  readonly #coalesced: MemoryCache | undefined;

  constructor(options: Settings) {
    this.#options = options;
    this.#cached = options.cache ? (options.cacheTransport ?? new MemoryCache(options.cacheSize)) : undefined;
    this.#coalesced = options.coalesce ? new MemoryCache(options.coalesceSize) : undefined;
    this.isNeeded = (this.#cached ?? this.#coalesced) !== undefined;
  }

  /** Returns the cache key of a call. */
  keyOf(subject: unknown, args: unknown[]): string {
    const key: unknown = Reflect.apply(this.#options.cacheGetKey, subject, args);
    return key === undefined ? String(key) : (key as string);
  }

  /** Returns the cached result of a key, or else that of the attempt to share; undefined if there is neither. */
  find(key: string, emit: (event: LookupEvent) => void): unknown {
    if (this.#cached !== undefined) {
      // Transports report a miss by any falsy value; a hit is a promise, or what the transport made of it.
      const cached = this.#cached.get(key) || undefined;
      emit(cached === undefined ? 'cacheMiss' : 'cacheHit');
      if (cached !== undefined) return cached;
    }
    if (this.#coalesced === undefined) return undefined;
    const shared = this.#coalesced.get(key);
    emit(shared === undefined ? 'coalesceCacheMiss' : 'coalesceCacheHit');
    return shared;
  }

  /** Shares the result of an attempt with later calls. */
  share({ key, result }: Attempt): void {
    if (key !== undefined) this.#coalesced?.set(key, result, expiry(this.#options.coalesceTTL));
  }

  /** Caches the result of a successful attempt, and stops sharing one whose outcome is in `coalesceResetOn`. */
  settle({ key, outcome, result }: Attempt): void {
    if (key === undefined) return;
    if (this.#resetsOn(outcome) && this.#coalesced?.get(key) === result) this.#coalesced?.delete(key);
    if (outcome === 'success') this.#cached?.set(key, result, expiry(this.#options.cacheTTL));
  }

  /** Removes everything from both caches. */
  flush(): void {
    this.#cached?.flush();
    this.#coalesced?.flush();
  }

  #resetsOn(outcome: Outcome | undefined): boolean {
    const resets = this.#options.coalesceResetOn;
    return resets.includes(outcome === 'success' || outcome === 'timeout' ? outcome : 'error');
  }
}
