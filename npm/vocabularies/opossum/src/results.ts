import type { Attempt, Outcome } from './attempt.ts';
import { expiry, MemoryCache } from './cache.ts';
import type { CacheTransport } from './cache.ts';
import type { Settings } from './options.ts';

/** Events that report a lookup. */
export type LookupEvent = 'cacheHit' | 'cacheMiss' | 'coalesceCacheHit' | 'coalesceCacheMiss';

/** Cache of results, and of the running attempts that calls with the same arguments share. Its options may change. */
export class Results {
  readonly #options: Settings;

  constructor(options: Settings) {
    this.#options = options;
  }

  /** Whether the options ask for either cache. */
  get isNeeded(): boolean {
    return this.#options.cache || this.#options.coalesce;
  }

  /** Returns the cache key of a call. */
  keyOf(subject: unknown, args: unknown[]): string {
    const key: unknown = Reflect.apply(this.#options.cacheGetKey, subject, args);
    return key === undefined ? String(key) : (key as string);
  }

  /** Returns the cached result of a key, or else that of the attempt to share; undefined if there is neither. */
  find(key: string, emit: (event: LookupEvent) => void): unknown {
    const stored = this.#transport();
    const coalesced = this.#shared();
    if (stored !== undefined) {
      // Transports report a miss by any falsy value; a hit is a promise, or what the transport made of it.
      const cached = stored.get(key) || undefined;
      emit(cached === undefined ? 'cacheMiss' : 'cacheHit');
      if (cached !== undefined) return cached;
    }
    if (coalesced === undefined) return undefined;
    const shared = coalesced.get(key);
    emit(shared === undefined ? 'coalesceCacheMiss' : 'coalesceCacheHit');
    return shared;
  }

  /** Shares the result of an attempt with later calls. */
  share({ key, result }: Attempt): void {
    if (key !== undefined) this.#shared()?.set(key, result, expiry(this.#options.coalesceTTL));
  }

  /** Caches the result of a successful attempt, and stops sharing one whose outcome is in `coalesceResetOn`. */
  settle({ key, outcome, result }: Attempt): void {
    if (key === undefined) return;
    const coalesced = this.#resetsOn(outcome) ? this.#shared() : undefined;
    if (coalesced?.get(key) === result) coalesced?.delete(key);
    if (outcome === 'success') this.#transport()?.set(key, result, expiry(this.#options.cacheTTL));
  }

  /** Removes everything from both caches. */
  flush(): void {
    this.#transport()?.flush();
    this.#options.coalesceCache?.flush();
  }

  /** Returns the cache of results, if there is to be one. */
  #transport(): CacheTransport | undefined {
    const options = this.#options;
    return options.cache ? (options.cacheTransport ??= new MemoryCache(options.cacheSize)) : undefined;
  }

  /** Returns the cache of running attempts, if they are to be shared. */
  #shared(): MemoryCache | undefined {
    const options = this.#options;
    return options.coalesce ? (options.coalesceCache ??= new MemoryCache(options.coalesceSize)) : undefined;
  }

  #resetsOn(outcome: Outcome | undefined): boolean {
    const resets = this.#options.coalesceResetOn;
    return resets.includes(outcome === 'success' || outcome === 'timeout' ? outcome : 'error');
  }
}
