import type { Attempt, Ending } from './attempt.ts';
import { expiry, MemoryCache } from './cache.ts';
import type { CacheTransport } from './cache.ts';
import type { Settings } from './options.ts';

/** What is told of a look at what was kept. */
export type LookUp = 'cacheHit' | 'cacheMiss' | 'coalesceCacheHit' | 'coalesceCacheMiss';

/** The results that are kept for later calls, and the runs that calls with the same arguments share. */
export class Results {
  /** Whether anything is kept or shared. */
  readonly isNeeded: boolean;

  readonly #options: Settings;
  readonly #kept: CacheTransport | undefined;
  readonly #shared: MemoryCache | undefined;

  constructor(options: Settings) {
    this.#options = options;
    this.#kept = options.cache ? (options.cacheTransport ?? new MemoryCache(options.cacheSize)) : undefined;
    this.#shared = options.coalesce ? new MemoryCache(options.coalesceSize) : undefined;
    this.isNeeded = (this.#kept ?? this.#shared) !== undefined;
  }

  /** What tells these calls apart. */
  keyOf(subject: unknown, args: unknown[]): string {
    const key: unknown = Reflect.apply(this.#options.cacheGetKey, subject, args);
    return key === undefined ? String(key) : (key as string);
  }

  /** The result that is kept under a key, or that of the run to share; undefined where there is neither. */
  find(key: string, tell: (found: LookUp) => void): unknown {
    if (this.#kept !== undefined) {
      const kept = this.#kept.get(key) ?? undefined;
      tell(kept === undefined ? 'cacheMiss' : 'cacheHit');
      if (kept !== undefined) return kept;
    }
    if (this.#shared === undefined) return undefined;
    const shared = this.#shared.get(key);
    tell(shared === undefined ? 'coalesceCacheMiss' : 'coalesceCacheHit');
    return shared;
  }

  /** Shares the result of a run from now on. */
  share({ key, result }: Attempt): void {
    if (key !== undefined) this.#shared?.set(key, result, expiry(this.#options.coalesceTTL));
  }

  /** Keeps the result of a run that succeeded; shares one no longer that ended in a way that is not to be shared. */
  settle({ key, ending, result }: Attempt): void {
    if (key === undefined) return;
    if (this.#forgets(ending) && this.#shared?.get(key) === result) this.#shared?.delete(key);
    if (ending === 'success') this.#kept?.set(key, result, expiry(this.#options.cacheTTL));
  }

  /** Forgets everything. */
  flush(): void {
    this.#kept?.flush();
    this.#shared?.flush();
  }

  #forgets(ending: Ending | undefined): boolean {
    const resets = this.#options.coalesceResetOn;
    return resets.includes(ending === 'success' || ending === 'timeout' ? ending : 'error');
  }
}
