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
  set(key: string, value: unknown, expires: number): void;
  /** Removes all values. */
  flush(): void;
}

interface Entry {
  readonly value: unknown;
  readonly expires: number;
}

/** Cache in memory. When it is full, it drops the entry that was stored first. */
export class MemoryCache implements CacheTransport {
  readonly #entries = new Map<string, Entry>();
  readonly #size: number;

  /** @param size largest number of entries. */
  constructor(size: number) {
    this.#size = size;
  }

  get(key: string): unknown {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expires === 0 || entry.expires > Date.now()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: unknown, expires: number): void {
    this.#entries.delete(key);
    if (this.#size < 1) return;
    if (this.#entries.size >= this.#size) this.#dropFirst();
    this.#entries.set(key, { value, expires });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  flush(): void {
    this.#entries.clear();
  }

  #dropFirst(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      return;
    }
  }
}

/** Returns the time of expiry, in milliseconds since 1970, of an entry that is stored now; 0 for never. */
export function expiry(timeToLive: number): number {
  return timeToLive > 0 ? Date.now() + timeToLive : 0;
}
