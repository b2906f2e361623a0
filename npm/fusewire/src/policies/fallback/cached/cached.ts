import { defaultClock } from '../../../time/clock.ts';
import { readPredicateResult } from '../../../breaker/classification.ts';
import { Rejection, suppressUnhandledRejection, whenSettled } from '../../../run/promises.ts';
import { reportFault } from '../../../logging.ts';
import type { LayerContext } from '../../../run/layer-context.ts';
import { readPolicyOptions } from '../../../options/options-reader.ts';
import type { LayerWork } from '../../../run/layer.ts';
import type { PolicyCallOptions } from '../../../run/call-options.ts';
import type { FallbackContext } from '../context.ts';
import { Flight } from './flight.ts';
import { finishStrategy } from '../strategy.ts';
import type { FallbackStrategy, StrategyOptions, StrategySettings } from '../strategy.ts';

/** What a cache keeps, and for how long. */
export interface CachedOptions extends StrategyOptions {
  /** The key of a call's answer; a call without one passes the cache by. Default: the option `key` of the call. */
  readonly key?: ((call: PolicyCallOptions) => string | undefined) | undefined;
  /**
   * Milliseconds for which an answer is given in place of the call: 0 to 31 536 000 000. Default 0: every call is made, and
   * answers only serve when a later one fails.
   */
  readonly ttl?: number | undefined;
  /** Milliseconds after that for which it still serves when the call fails: 0 to 31 536 000 000. Default 3 600 000. */
  readonly staleIfError?: number | undefined;
  /** Answers beyond this many push out the one that served longest ago: 1 to 1 000 000. Default 1 000. */
  readonly maxEntries?: number | undefined;
  /**
   * Whether a call waits for the one under way for the same key, and takes its answer or its error. Default: where `ttl`
   * is above 0.
   */
  readonly coalesce?: boolean | undefined;
}

/** What a cache has seen, of the calls through every fallback that shares it. */
export interface CachedStats {
  readonly name: string;
  /** How many answers it keeps. */
  readonly size: number;
  /** Calls ever made: those it answered, those that waited for another, and those it let through. */
  readonly totalCalls: number;
  /** Calls that a fresh answer spared. */
  readonly totalHits: number;
  /** Calls that waited for the one under way for the same key. */
  readonly totalJoined: number;
  /** Calls that were made. */
  readonly totalMisses: number;
  /** Calls that failed and were answered all the same. */
  readonly totalStale: number;
}

const LONGEST = 31_536_000_000;
const SPAN = `a number of milliseconds from 0 to ${LONGEST}`;
const MOST_ENTRIES = 1_000_000;
const DEFAULT_STALE = 3_600_000;
const DEFAULT_ENTRIES = 1_000;

interface CacheSettings extends StrategySettings {
  readonly key: ((call: PolicyCallOptions) => unknown) | undefined;
  readonly ttl: number;
  readonly staleIfError: number;
  readonly maxEntries: number;
  readonly coalesce: boolean;
}

/** An answer that is kept. */
export class Entry {
  readonly value: unknown;
  readonly stored: number;
  /** The number of the call that it is the answer of. */
  readonly call: number;

  constructor(value: unknown, stored: number, call: number) {
    this.value = value;
    this.stored = stored;
    this.call = call;
  }
}

/**
 * Keeps answers by key, in memory, and gives them in place of calls while they are fresh, and of calls that failed while
 * they are not too old. All callers get the same value, not copies. Fallbacks may share one; they then share the answers.
 */
export class Cached implements FallbackStrategy<never> {
  readonly name: string;
  readonly priority: number | undefined;
  readonly #settings: CacheSettings;
  /** In the order of their last use, the oldest first. */
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new Map<string, Flight>();
  readonly #counted = { totalHits: 0, totalJoined: 0, totalMisses: 0, totalStale: 0 };
  #calls = 0;
  /** Answers to calls up to this one are not kept: something was thrown away after they had begun. */
  #outdated = 0;
  #keyFaults = 0;

  /** @internal */
  constructor(settings: CacheSettings) {
    this.name = settings.name;
    this.priority = settings.priority;
    this.#settings = settings;
  }

  /** How many answers it keeps. One that is too old goes when its key is asked for. */
  get size(): number {
    return this.#entries.size;
  }

  /** Everything that is counted, as of now. */
  getStats(): CachedStats {
    const { totalHits, totalJoined, totalMisses } = this.#counted;
    const totalCalls = totalHits + totalJoined + totalMisses;
    return { name: this.name, size: this.size, totalCalls, ...this.#counted };
  }

  /** Throws the answer for a key away. The answers of calls that are under way are not kept either. */
  delete(key: string): void {
    this.#entries.delete(key);
    this.#flights.delete(key);
    this.#outdated = this.#calls;
  }

  /** Throws everything away. The answers of calls that are under way are not kept either. */
  clear(): void {
    this.#entries.clear();
    this.#flights.clear();
    this.#outdated = this.#calls;
  }

  /** Whether there is an answer that is not too old. */
  canHandle(error: unknown, context: FallbackContext): boolean {
    const { canHandle } = this.#settings;
    return readPredicateResult('canHandle', canHandle?.(error, context) ?? true) && this.#stale(context) !== undefined;
  }

  /** The answer that is kept. */
  execute(_error: unknown, context: FallbackContext): never {
    this.#counted.totalStale++;
    return this.#stale(context)?.value as never;
  }

  /** @internal A fresh answer, or what the call comes to. */
  run(work: LayerWork, context: LayerContext): Promise<unknown> | Entry {
    const key = this.#guardedKey(context);
    const { ttl, coalesce } = this.#settings;
    const fresh = key === undefined ? undefined : this.#find(key, ttl);
    if (fresh !== undefined) {
      this.#counted.totalHits++;
      return fresh;
    }
    const known = key === undefined ? undefined : this.#flights.get(key);
    if (known !== undefined) {
      this.#counted.totalJoined++;
      return known.join(context, false);
    }
    this.#counted.totalMisses++;
    if (key === undefined) return work(context);
    if (!coalesce) return this.#keep(key, work(context), ++this.#calls);
    return this.#start(key, work, context).join(context, true);
  }

  /** Starts a call that others may join. */
  #start(key: string, work: LayerWork, context: LayerContext): Flight {
    const flight = new Flight(context, () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    this.#flights.set(key, flight);
    const call = ++this.#calls;
    flight.start((at) => this.#keep(key, work(at), call, flight));
    return flight;
  }

  /** Keeps what a call comes to, unless what a later call came to is kept. */
  #keep(key: string, running: Promise<unknown>, call: number, flight?: Flight): Promise<unknown> {
    return whenSettled(
      running,
      (value) => {
        const isCalls = flight === undefined || flight.source === 'call';
        if (isCalls && call > Math.max(this.#outdated, this.#entries.get(key)?.call ?? 0))
          this.#store(key, value, call);
        return value;
      },
      (error) => new Rejection(error),
    );
  }

  #store(key: string, value: unknown, call: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, new Entry(value, defaultClock(), call));
    if (this.#entries.size <= this.#settings.maxEntries) return;
    this.#entries.delete(this.#entries.keys().next().value as string);
  }

  #stale(context: FallbackContext): Entry | undefined {
    const key = this.#keyOf(context.call);
    if (key === undefined) return undefined;
    const { ttl, staleIfError } = this.#settings;
    const entry = this.#find(key, ttl + staleIfError);
    if (entry === undefined) this.#entries.delete(key);
    return entry;
  }

  /** The answer for a key if it is younger than that. */
  #find(key: string, age: number): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || defaultClock() - entry.stored >= age) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /** A key that cannot be made has the call pass the cache by; the first one is told. */
  #guardedKey(context: LayerContext): string | undefined {
    try {
      return this.#keyOf(context);
    } catch (error) {
      if (this.#keyFaults++ === 0) reportFault(undefined, `Policy ${this.name}: a key could not be made`, error);
      return undefined;
    }
  }

  #keyOf(context: LayerContext): string | undefined {
    const given = context.options ?? {};
    const { key } = this.#settings;
    const made = key === undefined ? given.key : key(given);
    if (made === undefined || typeof made === 'string') return made;
    suppressUnhandledRejection(made);
    throw new TypeError('key must answer a string, or undefined');
  }
}

/**
 * Answers with what an earlier call for the same key came to: fresh, in place of the call; stale, when the call fails.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function cached(options: CachedOptions = {}): Cached {
  const reader = readPolicyOptions('cache', options);
  const key = reader.callable('key') as CacheSettings['key'];
  const ttl = reader.number('ttl', 0, LONGEST, SPAN) ?? 0;
  const staleIfError = reader.number('staleIfError', 0, LONGEST, SPAN) ?? DEFAULT_STALE;
  const maxEntries = reader.number('maxEntries', 1, MOST_ENTRIES, `a whole number from 1 to ${MOST_ENTRIES}`, true);
  const coalesce = reader.boolean('coalesce') ?? ttl > 0;
  return new Cached({
    ...finishStrategy(reader),
    key,
    ttl,
    staleIfError,
    maxEntries: maxEntries ?? DEFAULT_ENTRIES,
    coalesce,
  });
}
