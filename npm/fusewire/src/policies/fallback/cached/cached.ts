import type { Clock, ClockOptions } from '../../../time/clock.ts';
import { readPredicateResult } from '../../../breaker/classification.ts';
import { Rejection, suppressUnhandledRejection, whenSettled } from '../../../run/promises.ts';
import { reportFault } from '../../../logging.ts';
import type { LayerContext } from '../../../run/layer-context.ts';
import { readPolicyOptions } from '../../../options/options-reader.ts';
import type { LayerWork } from '../../../run/layer.ts';
import type { PolicyCallOptions } from '../../../run/call-options.ts';
import { recordSource, SourcedCall } from '../../../run/answer-source.ts';
import type { AnswerSource } from '../../../run/answer-source.ts';
import type { FallbackContext } from '../fallback-context.ts';
import { isResponse, StoredResponse } from '../answer-copies.ts';
import { SingleFlight } from './single-flight.ts';
import { finishStrategy } from '../fallback-strategy.ts';
import type { FallbackStrategy, StrategyOptions, StrategySettings } from '../fallback-strategy.ts';

/** Options of {@link cached}. */
export interface CachedOptions extends StrategyOptions, ClockOptions {
  /** Returns the key of a call. Calls without a key bypass the cache. Default: the option `key` of the call. */
  readonly key?: ((call: PolicyCallOptions) => string | undefined) | undefined;
  /**
   * `'stale-if-error'`: every call is made, and a stored answer serves only calls that fail or are rejected.
   * `'cache-first'`: a stored answer younger than `ttl` replaces the call. Default `'stale-if-error'`.
   */
  readonly mode?: 'stale-if-error' | 'cache-first' | undefined;
  /**
   * Lifetime of a stored answer, in milliseconds: 0 to 31 536 000 000. Required in mode `'cache-first'`. Default: 0 with
   * `staleIfError`, otherwise 3 600 000.
   */
  readonly ttl?: number | undefined;
  /**
   * Milliseconds after `ttl` for which a stored answer still serves calls that fail: 0 to 31 536 000 000. Default:
   * 3 600 000 in mode `'cache-first'`, otherwise 0.
   */
  readonly staleIfError?: number | undefined;
  /** Most stored answers: 1 to 1 000 000. The least recently used one is evicted first. Default 1 000. */
  readonly maxEntries?: number | undefined;
  /**
   * Whether concurrent calls with the same key become one call, whose value or error they share. Default: true in mode
   * `'cache-first'`, otherwise false.
   */
  readonly coalesce?: boolean | undefined;
}

/** Stats of a cache, for all fallbacks that share it. */
export interface CachedStats {
  readonly name: string;
  /** Number of stored answers. */
  readonly size: number;
  /** All calls: hits, joined calls and misses. */
  readonly totalCalls: number;
  /** Calls that a stored answer replaced, in mode `'cache-first'`. */
  readonly totalHits: number;
  /** Calls that joined a concurrent call with the same key. */
  readonly totalJoined: number;
  /** Calls that were made. */
  readonly totalMisses: number;
  /** Calls that failed and were answered from the cache. */
  readonly totalStale: number;
}

const LONGEST_TTL = 31_536_000_000;
const DURATION = `a number of milliseconds from 0 to ${LONGEST_TTL}`;
const MOST_ENTRIES = 1_000_000;
const DEFAULT_TTL = 3_600_000;
const DEFAULT_STALE_IF_ERROR = 3_600_000;
const DEFAULT_ENTRIES = 1_000;

interface CacheSettings extends StrategySettings {
  readonly clock: Clock;
  readonly key: ((call: PolicyCallOptions) => unknown) | undefined;
  /** Age up to which an answer replaces a call. */
  readonly freshFor: number;
  /** Age up to which an answer serves a failed call. */
  readonly lifetime: number;
  readonly maxEntries: number;
  readonly coalesce: boolean;
}

/** Calls in flight with one key. */
interface RunningCalls {
  count: number;
  /** Number of the last call before the key was deleted. Answers of calls up to this one are not stored. */
  invalidated: number;
}

/** A stored answer. */
export class CacheEntry {
  readonly #value: unknown;
  readonly storedAt: number;
  /** Number of the call that returned the answer. */
  readonly call: number;

  constructor(value: unknown, storedAt: number, call: number) {
    this.#value = value;
    this.storedAt = storedAt;
    this.call = call;
  }

  /** The answer; a new copy of a `Response` each time, because its body can be read once. */
  get value(): unknown {
    return this.#value instanceof StoredResponse ? this.#value.copy() : this.#value;
  }
}

/** Property of the caches of all copies of this package. */
const CACHED: unique symbol = Symbol.for('fusewire.Cached');

/** Whether a value is a cache of another copy of this package. A fallback could not store answers in it. */
export function isForeignCache(value: object): boolean {
  return CACHED in value && !(value instanceof Cached);
}

/**
 * Stores the answers of calls by key, in memory, and answers calls that fail. All callers receive the same value, not
 * copies; only a `Response` is copied, and stored as soon as its body is complete. Fallbacks that share a cache share its
 * answers.
 */
export class Cached implements FallbackStrategy<never> {
  static {
    Object.defineProperty(Cached.prototype, CACHED, { value: true });
  }

  readonly name: string;
  readonly priority: number | undefined;
  readonly #settings: CacheSettings;
  /** Stored answers in the order of their last use, the oldest first. */
  readonly #entries = new Map<string, CacheEntry>();
  readonly #flights = new Map<string, SingleFlight>();
  readonly #counts = { totalHits: 0, totalJoined: 0, totalMisses: 0, totalStale: 0 };
  /** Calls in flight by key. */
  readonly #running = new Map<string, RunningCalls>();
  #lastCall = 0;
  #keyErrors = 0;

  /** @internal */
  constructor(settings: CacheSettings) {
    this.name = settings.name;
    this.priority = settings.priority;
    this.#settings = settings;
  }

  /** Number of stored answers. An expired one is removed when its key is next looked up for a failed call. */
  get size(): number {
    return this.#entries.size;
  }

  /** Returns the current stats. */
  getStats(): CachedStats {
    const { totalHits, totalJoined, totalMisses } = this.#counts;
    const totalCalls = totalHits + totalJoined + totalMisses;
    return { name: this.name, size: this.size, totalCalls, ...this.#counts };
  }

  /** Deletes the answer of a key. Calls in flight with this key do not store their answers. */
  delete(key: string): void {
    this.#entries.delete(key);
    this.#flights.delete(key);
    const running = this.#running.get(key);
    if (running !== undefined) running.invalidated = this.#lastCall;
  }

  /** Deletes all answers. Calls in flight do not store their answers. */
  clear(): void {
    this.#entries.clear();
    this.#flights.clear();
    for (const running of this.#running.values()) running.invalidated = this.#lastCall;
  }

  /** Whether there is a stored answer that has not expired. */
  canHandle(error: unknown, context: FallbackContext): boolean {
    const { canHandle } = this.#settings;
    const isAllowed = readPredicateResult('canHandle', canHandle?.(error, context) ?? true);
    return isAllowed && this.#findForError(context) !== undefined;
  }

  /** Returns the stored answer. */
  execute(_error: unknown, context: FallbackContext): never {
    this.#counts.totalStale++;
    return this.#findForError(context)?.value as never;
  }

  /** Returns a stored answer that replaces the call, or makes the call and stores its answer. @internal */
  run(work: LayerWork, context: LayerContext): Promise<unknown> | CacheEntry {
    const key = this.#keyForCall(context);
    const { freshFor, coalesce } = this.#settings;
    const fresh = key === undefined ? undefined : this.#find(key, freshFor);
    if (fresh !== undefined) {
      this.#counts.totalHits++;
      return fresh;
    }
    const flight = key === undefined ? undefined : this.#flights.get(key);
    if (flight !== undefined) {
      this.#counts.totalJoined++;
      return whenSettled(flight.join(context, false), flight.copyForJoined, (error) => new Rejection(error));
    }
    this.#counts.totalMisses++;
    if (key === undefined) return work(context);
    if (!coalesce) return this.#callOnce(key, work, context);
    return this.#startFlight(key, work, context).join(context, true);
  }

  /** Makes a call that no other call joins. */
  #callOnce(key: string, work: LayerWork, context: LayerContext): Promise<unknown> {
    const options = new SourcedCall(context.options);
    const running = this.#storeResult(key, () => work(context.withOptions(options)), options);
    if (!(context.options instanceof SourcedCall)) return running;
    return whenSettled(
      running,
      (value) => {
        if (options.source !== 'call') recordSource(context, options.source);
        return value;
      },
      (error) => new Rejection(error),
    );
  }

  /** Starts a call that others may join. */
  #startFlight(key: string, work: LayerWork, context: LayerContext): SingleFlight {
    const flight = new SingleFlight(context, () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    this.#flights.set(key, flight);
    flight.start((inner) => this.#storeResult(key, () => work(inner), flight));
    return flight;
  }

  /**
   * Makes a call and stores its value, unless the answer of a later call is stored, the key was deleted meanwhile, or a
   * fallback inside has answered.
   */
  #storeResult(
    key: string,
    start: () => Promise<unknown>,
    answer: { readonly source: AnswerSource },
  ): Promise<unknown> {
    const call = ++this.#lastCall;
    const calls = this.#running.get(key) ?? { count: 0, invalidated: 0 };
    calls.count++;
    this.#running.set(key, calls);
    const end = () => {
      if (--calls.count === 0) this.#running.delete(key);
    };
    return whenSettled(
      start(),
      (value) => {
        if (answer instanceof SingleFlight) answer.keepCopy(value);
        const store = (stored: unknown) => {
          end();
          const lastStored = Math.max(calls.invalidated, this.#entries.get(key)?.call ?? 0);
          if (call > lastStored) this.#store(key, stored, call);
        };
        const reading = answer.source === 'call' && isResponse(value) ? StoredResponse.read(value) : undefined;
        if (reading !== undefined) void reading.then(store, end);
        else if (answer.source === 'call' && !isResponse(value)) store(value);
        else end();
        return value;
      },
      (error) => {
        end();
        return new Rejection(error);
      },
    );
  }

  #store(key: string, value: unknown, call: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, new CacheEntry(value, this.#settings.clock(), call));
    if (this.#entries.size <= this.#settings.maxEntries) return;
    this.#entries.delete(this.#entries.keys().next().value as string);
  }

  #findForError(context: FallbackContext): CacheEntry | undefined {
    const key = this.#keyOf(context.call);
    if (key === undefined) return undefined;
    const entry = this.#find(key, this.#settings.lifetime);
    if (entry === undefined) this.#entries.delete(key);
    return entry;
  }

  /** Returns the answer of a key if it is younger than `maxAge`, and marks it as used. */
  #find(key: string, maxAge: number): CacheEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#settings.clock() - entry.storedAt >= maxAge) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Returns the key of a call. If it cannot be computed, the call bypasses the cache; the first error is reported. */
  #keyForCall(context: LayerContext): string | undefined {
    try {
      return this.#keyOf(context);
    } catch (error) {
      if (this.#keyErrors++ === 0)
        reportFault(undefined, `Policy ${this.name}: key failed, the call bypasses the cache`, error);
      return undefined;
    }
  }

  #keyOf(context: LayerContext): string | undefined {
    const options = context.options ?? {};
    const { key } = this.#settings;
    const value = key === undefined ? options.key : key(options);
    if (value === undefined || typeof value === 'string') return value;
    suppressUnhandledRejection(value);
    throw new TypeError('key must return a string, or undefined');
  }
}

/**
 * Returns a strategy that answers failed calls with the stored answer of an earlier call with the same key. In mode
 * `'cache-first'` a stored answer also replaces calls.
 *
 * ```ts
 * const staleIfError = cached({ ttl: 60_000 });
 * const cacheFirst = cached({ mode: 'cache-first', ttl: 60_000, staleIfError: 3_600_000 });
 * ```
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function cached(options: CachedOptions = {}): Cached {
  const reader = readPolicyOptions('cache', options);
  const key = reader.callable('key') as CacheSettings['key'];
  const isCacheFirst = reader.oneOf('mode', ['stale-if-error', 'cache-first']) === 'cache-first';
  const ttlOption = reader.number('ttl', 0, LONGEST_TTL, DURATION);
  const staleOption = reader.number('staleIfError', 0, LONGEST_TTL, DURATION);
  const maxEntries = reader.number('maxEntries', 1, MOST_ENTRIES, `a whole number from 1 to ${MOST_ENTRIES}`, true);
  const coalesce = reader.boolean('coalesce');
  const { clock } = reader.time();
  const strategy = finishStrategy(reader, ...(isCacheFirst ? ['ttl'] : []));
  const ttl = ttlOption ?? (staleOption === undefined ? DEFAULT_TTL : 0);
  const staleIfError = staleOption ?? (isCacheFirst ? DEFAULT_STALE_IF_ERROR : 0);
  return new Cached({
    ...strategy,
    clock,
    key,
    freshFor: isCacheFirst ? ttl : 0,
    lifetime: ttl + staleIfError,
    maxEntries: maxEntries ?? DEFAULT_ENTRIES,
    coalesce: coalesce ?? isCacheFirst,
  });
}
