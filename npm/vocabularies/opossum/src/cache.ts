/** Where results are kept. */
export interface CacheTransport {
  /** What is kept under a key; undefined where there is nothing. */
  get(key: string): unknown;
  /**
   * Keeps a value.
   *
   * @param value the promise of a result.
   * @param expires when it is over, in milliseconds since 1970; 0 for never.
   */
  set(key: string, value: unknown, expires: number): void;
  /** Forgets everything. */
  flush(): void;
}

interface Entry {
  readonly value: unknown;
  readonly expires: number;
}

/** A cache in memory. When it is full, what came first goes first. */
export class MemoryCache implements CacheTransport {
  readonly #entries = new Map<string, Entry>();
  readonly #size: number;

  /** @param size how many entries it holds. */
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

/** When something is over that is kept for that many milliseconds. */
export function expiry(timeToLive: number): number {
  return timeToLive > 0 ? Date.now() + timeToLive : 0;
}
