import { isFailure, isSuccess } from '../../classification/classification.ts';
import { readClassifier } from '../../classification/classifier.ts';
import type { Classifier } from '../../classification/classifier.ts';
import { discard } from '../../classification/discard.ts';
import { createCallError } from '../../errors/misuse.ts';
import { isRejection } from '../../errors/rejected-error.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import type { OptionsReader } from '../../options/options-reader.ts';
import { recordSource, SourcedCall } from '../../run/answer-source.ts';
import type { AnswerSource } from '../../run/answer-source.ts';
import type { PolicyCallOptions } from '../../run/call-options.ts';
import type { LayerContext } from '../../run/layer-context.ts';
import type { LayerWork } from '../../run/layer.ts';
import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import { Rejection, rejectedPromise, suppressUnhandledRejection, whenSettled } from '../../run/promises.ts';
import type { Clock } from '../../time/clock.ts';
import { PolicyClassifier } from '../policy-classifier.ts';
import { Policy, withObservables } from '../policy.ts';
import type { CacheOptions, CacheStats } from './options.ts';
import { SingleFlight } from './single-flight.ts';
import { ValueCopier } from './value-copier.ts';
import type { CopyOption } from './value-copier.ts';
import { isStreamCall } from '../../run/stream-call.ts';

/** Options of a cache, read. */
interface CacheSettings {
  readonly clock: Clock;
  readonly key: ((call: PolicyCallOptions) => unknown) | undefined;
  /** Age up to which a value replaces a call. */
  readonly freshFor: number;
  /** Age up to which a value answers a failed call. */
  readonly lifetime: number;
  readonly maxEntries: number;
  readonly coalesce: boolean;
  readonly copier: ValueCopier;
}

/** Calls in flight with one key. */
interface RunningCalls {
  count: number;
  /** Number of the last call before the key was deleted. Values of calls up to this one are not stored. */
  invalidated: number;
}

/** A stored value. */
interface CacheEntry {
  readonly stored: unknown;
  readonly storedAt: number;
  /** Number of the call that returned the value. */
  readonly call: number;
}

/**
 * Stores the values of calls by key, in memory, and answers calls with them. Pipelines that share a cache share its values.
 *
 * @typeParam Keyed whether each call must have the option `key`.
 */
export class Cache<Keyed extends boolean = boolean> extends Policy<never, never, Keyed> {
  /** @internal */
  readonly kind = 'cache';
  readonly #settings: CacheSettings;
  /** Stored values in the order of their last use, the oldest first. */
  readonly #entries = new Map<string, CacheEntry>();
  readonly #flights = new Map<string, SingleFlight>();
  readonly #counts = { totalHits: 0, totalJoined: 0, totalMisses: 0, totalStale: 0 };
  /** Calls in flight by key. */
  readonly #running = new Map<string, RunningCalls>();
  readonly #classifier: PolicyClassifier;
  #lastCall = 0;

  /** @internal */
  constructor(name: string, settings: CacheSettings, classifier: Classifier | undefined) {
    super(name);
    this.#settings = settings;
    this.#classifier = new PolicyClassifier(name, classifier);
  }

  /** Number of stored values. An expired one is removed when its key is next looked up for a failed call. */
  get size(): number {
    return this.#entries.size;
  }

  /** Returns the current stats. */
  getStats(): CacheStats {
    const { totalHits, totalJoined, totalMisses } = this.#counts;
    const totalCalls = totalHits + totalJoined + totalMisses;
    const { predicateErrors } = this.#classifier;
    return { name: this.name, size: this.size, totalCalls, ...this.#counts, predicateErrors };
  }

  /** Deletes the value of a key. Calls in flight with this key do not store their values. */
  delete(key: string): void {
    this.#entries.delete(key);
    this.#flights.delete(key);
    const running = this.#running.get(key);
    if (running !== undefined) running.invalidated = this.#lastCall;
  }

  /** Deletes all values. Calls in flight do not store their values. */
  clear(): void {
    this.#entries.clear();
    this.#flights.clear();
    for (const running of this.#running.values()) running.invalidated = this.#lastCall;
  }

  /** @internal */
  run(work: LayerWork, context: LayerContext): Promise<unknown> {
    if (isStreamCall(context)) return work(context);
    const { key: keyOf, freshFor, coalesce } = this.#settings;
    const key = keyOf === undefined ? context.options?.key : this.#ownKey(keyOf, context);
    if (key === undefined) {
      if (keyOf === undefined) return rejectedPromise(this.#missingKey());
      this.#counts.totalMisses++;
      return work(context);
    }
    const fresh = this.#find(key, freshFor);
    if (fresh !== undefined) {
      const hit = this.#answer(fresh, context, 'cache');
      if (hit !== undefined) {
        this.#counts.totalHits++;
        return Promise.resolve(hit.value);
      }
    }
    const flight = this.#flights.get(key);
    if (flight !== undefined) {
      this.#counts.totalJoined++;
      const joined = whenSettled(flight.join(context, false), flight.copyForJoined, (error) => new Rejection(error));
      return this.#answerFailures(joined, key, context);
    }
    this.#counts.totalMisses++;
    const result = coalesce
      ? this.#startFlight(key, work, context).join(context, true)
      : this.#callOnce(key, work, context);
    return this.#answerFailures(result, key, context);
  }

  /** Answers a call that fails with a stored value, if there is one. */
  #answerFailures(result: Promise<unknown>, key: string, context: LayerContext): Promise<unknown> {
    return whenSettled(
      result,
      (value) => {
        const stale = isFailure(this.#classifier.ofValue(value, context)) ? this.#stale(key, context) : undefined;
        if (stale === undefined) return value;
        discard(value);
        return stale.value;
      },
      (error) => {
        const isAnswered = isFailure(this.#classifier.ofError(error, context)) || isRejection(error);
        const stale = isAnswered ? this.#stale(key, context) : undefined;
        return stale === undefined ? new Rejection(error) : stale.value;
      },
    );
  }

  #stale(key: string, context: LayerContext): { readonly value: unknown } | undefined {
    if (context.aborted !== undefined) return undefined;
    const entry = this.#find(key, this.#settings.lifetime);
    if (entry === undefined) this.#entries.delete(key);
    const stale = entry && this.#answer(entry, context, 'stale');
    if (stale !== undefined) this.#counts.totalStale++;
    return stale;
  }

  /** Returns the value of an entry for a caller. It is wrapped, because any value can be stored. */
  #answer(entry: CacheEntry, context: LayerContext, source: AnswerSource): { readonly value: unknown } | undefined {
    try {
      const value = this.#settings.copier.fromStored(entry.stored);
      recordSource(context, source);
      return { value };
    } catch (error) {
      this.#reportFault('copy failed, the stored value is not used', error);
      return undefined;
    }
  }

  /** Makes a call that no other call joins. */
  #callOnce(key: string, work: LayerWork, context: LayerContext): Promise<unknown> {
    const options = new SourcedCall(context.options);
    const running = this.#storeResult(key, () => work(context.withOptions(options)), options, context);
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
    const flight = new SingleFlight(context, this.#settings.copier, () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    this.#flights.set(key, flight);
    flight.start((inner) => this.#storeResult(key, () => work(inner), flight, inner));
    return flight;
  }

  /**
   * Makes a call and stores its value, unless the value is no success, the value of a later call is stored, the key was deleted
   * meanwhile, or a fallback inside has answered.
   */
  #storeResult(
    key: string,
    start: () => Promise<unknown>,
    answer: { readonly source: AnswerSource },
    context: LayerContext,
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
        const problem = this.#settings.copier.problemOf(value);
        if (problem !== undefined) {
          end();
          return new Rejection(createCallError(`Policy ${this.name}: the value of the call is ${problem}`));
        }
        if (answer instanceof SingleFlight) answer.keepCopy(value);
        const isStored = answer.source === 'call' && isSuccess(this.#classifier.ofValue(value, context));
        if (isStored) this.#storeValue(key, value, call, calls, end);
        else end();
        return value;
      },
      (error) => {
        end();
        return new Rejection(error);
      },
    );
  }

  #storeValue(key: string, value: unknown, call: number, calls: RunningCalls, end: () => void): void {
    try {
      this.#settings.copier.store(value, (copy) => {
        end();
        const lastStored = Math.max(calls.invalidated, this.#entries.get(key)?.call ?? 0);
        if (copy !== undefined && call > lastStored) this.#store(key, copy.value, call);
      });
    } catch (error) {
      end();
      this.#reportFault('copy failed, the value is not stored', error);
    }
  }

  #store(key: string, stored: unknown, call: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { stored, storedAt: this.#settings.clock(), call });
    if (this.#entries.size <= this.#settings.maxEntries) return;
    this.#entries.delete(this.#entries.keys().next().value as string);
  }

  /** Returns the value of a key if it is younger than `maxAge`, and marks it as used. */
  #find(key: string, maxAge: number): CacheEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#settings.clock() - entry.storedAt >= maxAge) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Returns the key of a call. If it cannot be computed, the call bypasses the cache; the first error is reported. */
  #ownKey(keyOf: (call: PolicyCallOptions) => unknown, context: LayerContext): string | undefined {
    try {
      const value = keyOf(context.options ?? {});
      if (value === undefined || typeof value === 'string') return value;
      suppressUnhandledRejection(value);
      throw new TypeError('key must return a string, or undefined');
    } catch (error) {
      this.#reportFault('key failed, the call bypasses the cache', error);
      return undefined;
    }
  }

  #missingKey(): TypeError {
    return createCallError(
      `Policy ${this.name}: a call needs the option key, such as execute(work, { key: 'EUR' }), because the cache has no ` +
        'option key that computes it',
    );
  }

  #reportFault(message: string, error: unknown): void {
    this.#classifier.recordFault('predicateErrors', message, error);
  }
}

/** Options of a cache that computes the keys of its calls. */
type WithKey = CacheOptions & { readonly key: NonNullable<CacheOptions['key']> };

/**
 * Stores the values of calls by key, in memory. A stored value replaces calls as long as it is fresh. As long as it is stale,
 * it answers calls that fail. A value that counts as a failure is not stored: without a stored value, the caller gets it as it
 * is. Put it around the timeout, the retry and the breaker.
 *
 * ```ts
 * const rates = pipeline([cache({ freshFor: 60_000, staleFor: 3_600_000 }), breaker]);
 * const rate = await rates.execute(({ signal }) => fetchRate(signal), { key: 'EUR' });
 * ```
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function cache(options: WithKey): Cache<false>;
export function cache(options?: CacheOptions & { readonly key?: undefined }): Cache<true>;
export function cache(options?: CacheOptions): Cache;
export function cache(options: CacheOptions = {}): Cache {
  const reader = readPolicyOptions('cache', options);
  const observables = reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  const key = reader.callable('key') as CacheSettings['key'];
  const freshFor = reader.number('freshFor', 0, LONGEST, DURATION) ?? 0;
  const staleFor = reader.number('staleFor', 0, LONGEST, DURATION) ?? DEFAULT_STALE;
  const maxEntries = reader.number('maxEntries', 1, MOST_ENTRIES, `a whole number from 1 to ${MOST_ENTRIES}`, true);
  const coalesce = reader.boolean('coalesce') ?? freshFor > 0;
  if (freshFor + staleFor === 0 && !coalesce) {
    reader.report('staleFor', 'conflict', 'above 0 where freshFor is 0, because no value would ever be used');
  }
  const classifier = readClassifier(reader);
  const copier = new ValueCopier(readCopy(reader));
  const { clock } = reader.time();
  const lifetime = freshFor + staleFor;
  const settings = { clock, key, freshFor, lifetime, maxEntries: maxEntries ?? DEFAULT_ENTRIES, coalesce, copier };
  return withObservables(new Cache(reader.finish(), settings, classifier), observables);
}

function readCopy(reader: OptionsReader): CopyOption | undefined {
  const copy = reader.value('copy');
  if (copy === undefined || copy === 'response' || typeof copy === 'function') return copy as CopyOption | undefined;
  reader.report('copy', typeof copy === 'string' ? 'range' : 'type', "a function, or 'response'");
  return undefined;
}

const LONGEST = 31_536_000_000;
const DURATION = `a number of milliseconds from 0 to ${LONGEST}`;
const DEFAULT_STALE = 3_600_000;
const MOST_ENTRIES = 1_000_000;
const DEFAULT_ENTRIES = 1_000;
