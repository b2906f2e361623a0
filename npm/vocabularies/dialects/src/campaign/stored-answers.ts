import { readOptions } from 'fusewire/kit';

/** Options of stored answers. */
export interface StoredAnswersOptions {
  /** Age up to which an answer is used, in milliseconds: 1 to 31 536 000 000. Default 3 600 000. */
  readonly ttl?: number | undefined;
  /** Most stored answers: 1 to 1 000 000. The oldest one is evicted first. Default 1 000. */
  readonly maxEntries?: number | undefined;
}

const LONGEST_TTL = 31_536_000_000;
const MOST_ENTRIES = 1_000_000;

/** An answer, and when it was stored. */
interface StoredAnswer {
  readonly answer: unknown;
  readonly storedAt: number;
}

/** Answers of earlier calls by their keys, in memory. */
export class StoredAnswers {
  readonly #ttl: number;
  readonly #maxEntries: number;
  /** Answers in the order in which they were stored. */
  readonly #entries = new Map<string, StoredAnswer>();

  constructor(ttl: number, maxEntries: number) {
    this.#ttl = ttl;
    this.#maxEntries = maxEntries;
  }

  /** Number of stored answers. */
  get size(): number {
    return this.#entries.size;
  }

  clear(): void {
    this.#entries.clear();
  }

  store(key: string, answer: unknown): void {
    this.#entries.delete(key);
    this.#entries.set(key, { answer, storedAt: performance.now() });
    if (this.#entries.size > this.#maxEntries) this.#entries.delete(this.#entries.keys().next().value as string);
  }

  /** Returns the answer of a key, if it is not too old. */
  find(key: string | undefined): StoredAnswer | undefined {
    const entry = key === undefined ? undefined : this.#entries.get(key);
    return entry === undefined || performance.now() - entry.storedAt >= this.#ttl ? undefined : entry;
  }
}

/**
 * Creates the store of a strategy.
 *
 * @throws {OptionsError} with every invalid option.
 */
export function readStoredAnswers(name: string, options: unknown): StoredAnswers {
  const reader = readOptions('Fallback', name, options);
  const ttl = reader.number('ttl', 1, LONGEST_TTL, `a number of milliseconds from 1 to ${LONGEST_TTL}`);
  const expected = `a whole number from 1 to ${MOST_ENTRIES}`;
  const maxEntries = reader.number('maxEntries', 1, MOST_ENTRIES, expected, true);
  reader.finish();
  return new StoredAnswers(ttl ?? 3_600_000, maxEntries ?? 1_000);
}
