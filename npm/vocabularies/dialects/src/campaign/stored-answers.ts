import { CircuitBreaker as Engine } from 'fusewire';
import { readOptions } from 'fusewire/kit';
import type { OptionsReader } from 'fusewire/kit';
import type { AnswerStore } from './answer-store.ts';

/** Options of stored answers. */
export interface StoredAnswersOptions {
  /** Age up to which an answer is used, in milliseconds: 1 to 31 536 000 000. Default 3 600 000. */
  readonly ttl?: number | undefined;
  /** Most stored answers: 1 to 1 000 000. The oldest one is evicted first. Default 1 000. */
  readonly maxEntries?: number | undefined;
  /** Store outside of the process: `redisAnswers(client)`, or an object with `get` and `set`. Default: memory alone. */
  readonly store?: AnswerStore | undefined;
  /**
   * Time that a fallback waits for the store, in milliseconds: 1 to 2 147 483 647. Default 250. After three failures in a row the
   * store is not asked for 5 000 ms.
   */
  readonly storeTimeout?: number | undefined;
}

/** Options of the breaker of a store. */
const STORE_BREAKER = { consecutiveFailureThreshold: 3, successThreshold: 1, resetTimeout: 5_000 } as const;
const STORE_TIMEOUT = 250;
const LONGEST_TTL = 31_536_000_000;
const MOST_ENTRIES = 1_000_000;

/** An answer, and when it was stored. */
interface StoredAnswer {
  readonly answer: unknown;
  readonly storedAt: number;
}

/** Answers of earlier calls by their keys, in memory and in a store. */
export class StoredAnswers {
  readonly #ttl: number;
  readonly #maxEntries: number;
  readonly #store: AnswerStore | undefined;
  readonly #storeTimeout: number;
  #breaker: Engine | undefined;
  /** Answers in the order in which they were stored. */
  readonly #entries = new Map<string, StoredAnswer>();

  constructor(ttl: number, maxEntries: number, store: AnswerStore | undefined, storeTimeout: number) {
    this.#ttl = ttl;
    this.#maxEntries = maxEntries;
    this.#store = store;
    this.#storeTimeout = storeTimeout;
  }

  /** Number of answers in memory. */
  get size(): number {
    return this.#entries.size;
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Gives the store a breaker of its own: a store that hangs must not hold up the fallbacks. */
  guard(name: string): void {
    if (this.#store !== undefined)
      this.#breaker ??= new Engine({ ...STORE_BREAKER, name, timeout: this.#storeTimeout });
  }

  store(key: string, answer: unknown): void {
    this.#entries.delete(key);
    this.#entries.set(key, { answer, storedAt: performance.now() });
    if (this.#entries.size > this.#maxEntries) this.#entries.delete(this.#entries.keys().next().value as string);
    this.#copyToStore(key, answer);
  }

  /** Whether there is an answer for a key in memory, or may be one in the store. */
  mayHave(key: string | undefined): boolean {
    return key !== undefined && (this.#breaker !== undefined || this.#find(key) !== undefined);
  }

  /** Returns the answer of a key. Rejects if the store has none, so that the next strategy answers. */
  answerOf(key: string | undefined): unknown {
    const entry = this.#find(key as string);
    return entry === undefined ? this.#fromStore(key as string) : entry.answer;
  }

  /** Returns the answer of a key in memory, if it is not too old. */
  #find(key: string): StoredAnswer | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || performance.now() - entry.storedAt >= this.#ttl ? undefined : entry;
  }

  async #fromStore(key: string): Promise<unknown> {
    const text = await this.#breaker?.execute(() => this.#store?.get(key));
    if (typeof text !== 'string') throw new Error('The store has no answer for the key of the call');
    return JSON.parse(text);
  }

  /** Copies an answer to the store. The call does not wait for it, and does not fail with it. */
  #copyToStore(key: string, answer: unknown): void {
    if (this.#breaker === undefined) return;
    const text = jsonOf(answer);
    if (text === undefined) return;
    this.#breaker.execute(async () => this.#store?.set(key, text, this.#ttl)).catch(() => undefined);
  }
}

/** Returns a value as JSON; undefined if JSON cannot represent it. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
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
  const store = readStore(reader);
  const storeTimeout = reader.milliseconds('storeTimeout');
  reader.finish();
  return new StoredAnswers(ttl ?? 3_600_000, maxEntries ?? 1_000, store, storeTimeout ?? STORE_TIMEOUT);
}

function readStore(reader: OptionsReader): AnswerStore | undefined {
  const store = reader.value('store') as Partial<AnswerStore> | null | undefined;
  if (store === undefined) return undefined;
  if (typeof store?.get === 'function' && typeof store.set === 'function') return store as AnswerStore;
  reader.report('store', 'type', 'an object with get() and set(), such as redisAnswers(client)');
  return undefined;
}
