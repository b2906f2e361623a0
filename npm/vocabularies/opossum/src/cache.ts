import type { AnyValue } from './any-value.ts';

/** Cache of results, for the option `cacheTransport`. */
export interface CacheTransport {
  /** Returns the value of a key, or a falsy value such as undefined if there is none. */
  get(key: string): unknown;
  /**
   * Stores a value.
   *
   * @param value promise of a result.
   * @param expires time of expiry, in milliseconds since 1970; 0 for never.
   */
  set(key: string, value: AnyValue, expires: number): void;
  /** Removes all values. */
  flush(): void;
}

interface Entry {
  readonly value: unknown;
  readonly expiresAt: number;
}

/** Largest number of entries of a `Map`, as opossum states it. */
export const LARGEST_CACHE = 2 ** 24 - 1;

/** Cache in memory. When it is full, it drops the entry that was stored first. */
export class MemoryCache implements CacheTransport {
  readonly cache = new Map<string, Entry>();
  readonly maxEntries: number;

  /** @param maxEntries largest number of entries. Default: as many as a `Map` can have. */
  constructor(maxEntries = LARGEST_CACHE) {
    this.maxEntries = maxEntries;
  }

  get(key: string): unknown {
    const entry = this.cache.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt === 0 || entry.expiresAt > Date.now()) return entry.value;
    this.cache.delete(key);
    return undefined;
  }

  set(key: string, value: unknown, expiresAt: number): void {
    if (this.maxEntries < 1) return;
    // A new value of a key keeps the place of the old one, unless that has expired.
    const isNew = this.get(key) === undefined;
    if (isNew && this.cache.size >= this.maxEntries) dropFirst(this.cache);
    this.cache.set(key, { value, expiresAt });
  }

  delete(key: string): void {
    this.cache.delete(key);
  }

  flush(): void {
    this.cache.clear();
  }
}

function dropFirst(entries: Map<string, Entry>): void {
  for (const key of entries.keys()) {
    entries.delete(key);
    return;
  }
}

/** Returns the time of expiry, in milliseconds since 1970, of an entry that is stored now; 0 for never. */
export function expiry(timeToLive: number): number {
  return timeToLive > 0 ? Date.now() + timeToLive : 0;
}
